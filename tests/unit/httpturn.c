/* SPDX-License-Identifier: ISC */
/* Two holders of one credential take turns, by a clock of our own. */
#include "httpturn.h"

#include "log.h"
#include "tap.h"

int main(void)
{
	struct httpturn a, b, other, off;
	char folder[TAP_FOLDER];
	int64_t none[2] = {0}, told[2] = {0};

	log_init("httpturn");
	tap_enter(folder);
	httpturn_open(&a, "./state", "token");
	httpturn_open(&b, "./state", "token");
	httpturn_open(&other, "./state", "another");
	httpturn_open(&off, NULL, "token");
	ok(httpturn_mine(&off, 0, none, 2) && httpturn_goes_on(&off, 1 << 30),
	   "without a folder it is always our turn");
	ok(httpturn_mine(&a, 1000, none, 2), "the first");
	ok(!httpturn_mine(&b, 1000, none, 2), "has it alone");
	ok(httpturn_mine(&other, 1000, none, 2), "another credential is no matter");
	ok(httpturn_goes_on(&a, 1000 + 999999) && !httpturn_goes_on(&a, 1000 + 1000000), "for a second");
	httpturn_tell(&a, 1, 5000000);
	httpturn_pass(&a, 1001000);
	ok(!httpturn_mine(&a, 1001000, none, 2), "then others go first");
	ok(httpturn_mine(&b, 1001000, told, 2), "the second");
	is_int(told[1], 5000000, "knows what the first was told");
	is_int(told[0], 0, "and of what");
	httpturn_pass(&b, 1002000);
	ok(httpturn_mine(&a, 1031001, none, 2), "the first again, after its rest");
	httpturn_close(&a);
	ok(httpturn_mine(&b, 1031001, told, 2), "one that is gone holds nothing");
	httpturn_close(&b);
	httpturn_close(&other);
	httpturn_close(&off);
	tap_leave(folder);
	return tap_done();
}
