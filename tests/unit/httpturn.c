/* SPDX-License-Identifier: ISC */
/* Two holders of one credential take turns, by a clock of our own. */
#include "httpturn.h"

#include <fcntl.h>

#include "httprule.h"
#include "log.h"
#include "tap.h"

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define WALL   INT64_C(1714564800000000)

/* What another process waits that finds what was told at `told`, when its clock on the wall says `wall`. */
static int64_t left(int64_t told, int64_t wait, int64_t wall)
{
	struct httpturn t;
	int64_t waits[1] = {0};

	httpturn_open(&t, "./clocks", "token");
	httpturn_mine(&t, 1000, told, waits, 1);
	httpturn_tell(&t, 0, told, wait);
	httpturn_close(&t);
	httpturn_open(&t, "./clocks", "token");
	httpturn_mine(&t, 1000, wall, waits, 1);
	httpturn_close(&t);
	return waits[0];
}

/* The same of a file with that in it. */
static int64_t found(const char *text)
{
	int64_t waits[2] = {0};
	struct httpturn t;

	httpturn_open(&t, "./found", "token");
	if (ftruncate(t.fd, 0) || pwrite(t.fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		return -1;
	httpturn_mine(&t, 1000, WALL, waits, 2);
	httpturn_close(&t);
	return waits[0];
}

static void clocks(void)
{
	is_int(left(WALL, 90 * SECOND, WALL + 30 * SECOND), 60 * SECOND, "what is left");
	is_int(left(WALL, 90 * SECOND, WALL + 90 * SECOND), 0, "what is over");
	is_int(left(WALL, 90 * SECOND, WALL - SECOND), 90 * SECOND,
	       "the clock was corrected a little: no more than was said");
	is_int(left(WALL, 90 * SECOND, WALL - 5 * HOUR), 0,
	       "it was set back by hours, or was wrong when that was told");
	is_int(left(WALL - 5 * HOUR, 90 * SECOND, WALL), 0, "it was set forward");
	is_int(left(WALL, 900000 * HOUR, WALL + HOUR), 23 * HOUR, "a day at most, from when it was told");
	is_int(found("001714564800000000 000000000002000000\n"), 2 * SECOND, "a line");
	is_int(found("001714564800000000 000000000002000000"), 0, "half a line");
	is_int(found("001714564800000000 00000000000200000x\n"), 0, "no number");
	is_int(found("00000001714564890000\n00000001714564890000\n00000001714564890000\n"), 0,
	       "as it was written before: not believed");
	is_int(found(""), 0, "nothing");
}

int main(void)
{
	struct httpturn a, b, other, off;
	char folder[TAP_FOLDER];
	int64_t none[2] = {0}, waits[2] = {0};

	log_init("httpturn");
	tap_enter(folder);
	httpturn_open(&a, "./state", "token");
	httpturn_open(&b, "./state", "token");
	httpturn_open(&other, "./state", "another");
	httpturn_open(&off, NULL, "token");
	ok(httpturn_mine(&off, 0, WALL, none, 2) && httpturn_goes_on(&off, 1 << 30),
	   "without a folder it is always our turn");
	ok(httpturn_mine(&a, 1000, WALL, none, 2), "the first");
	ok(!httpturn_mine(&b, 1000, WALL, none, 2), "has it alone");
	ok(httpturn_mine(&other, 1000, WALL, none, 2), "another credential is no matter");
	ok(httpturn_goes_on(&a, 1000 + 999999) && !httpturn_goes_on(&a, 1000 + 1000000), "for a second");
	httpturn_tell(&a, 1, WALL, 5 * SECOND);
	httpturn_pass(&a, 1001000);
	ok(!httpturn_mine(&a, 1001000, WALL, none, 2), "then others go first");
	ok(httpturn_mine(&b, 1001000, WALL + SECOND, waits, 2), "the second");
	is_int(waits[1], 4 * SECOND, "knows what the first was told, and what is left of it");
	is_int(waits[0], 0, "and of what");
	httpturn_pass(&b, 1002000);
	ok(httpturn_mine(&a, 1031001, WALL, none, 2), "the first again, after its rest");
	httpturn_close(&a);
	ok(httpturn_mine(&b, 1031001, WALL, waits, 2), "one that is gone holds nothing");
	httpturn_close(&b);
	httpturn_close(&other);
	httpturn_close(&off);
	clocks();
	tap_leave(folder);
	return tap_done();
}
