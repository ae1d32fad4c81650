/* SPDX-License-Identifier: ISC */
/* The pace of requests, by a clock of our own. */
#include "httppace.h"

#include "log.h"
#include "tap.h"

enum { SECOND = 1000000 };

/* A server that lets `n` through in `window` seconds; returns how many of `calls` it refused. *now moves. */
static unsigned play(struct httppace *p, int64_t *now, unsigned n, int64_t window, unsigned calls)
{
	int64_t begun = *now;
	unsigned used = 0, refused = 0;

	while (calls) {
		int64_t at = httppace_at(p, "m");

		*now = at > *now ? at : *now + SECOND / 10;
		if (*now >= begun + window * SECOND) {
			begun = *now;
			used = 0;
		}
		httppace_sent(p, "m", *now);
		if (used < n) {
			used++;
			calls--;
			continue;
		}
		refused++;
		httppace_limited(p, "m", *now, begun + window * SECOND - *now);
	}
	return refused;
}

int main(void)
{
	struct httppace p = {0};
	int64_t now = 1000 * (int64_t)SECOND;
	unsigned refused;

	log_init("httppace");
	is_int(httppace_at(&p, "m"), 0, "nothing is known");
	httppace_sent(&p, "m", now);
	is_int(httppace_at(&p, "m"), 0, "nothing was said");
	httppace_sent(&p, "m", now + SECOND);
	httppace_limited(&p, "m", now + SECOND, 59 * SECOND);
	is_int(httppace_at(&p, "m"), now + 60 * SECOND, "it says how long");
	is_int(httppace_of(&p, "m"), 60 * SECOND, "one went through in a minute");
	is_int(httppace_at(&p, "other"), 0, "and that is of this method alone");
	httppace_sent(&p, "m", now + 60 * SECOND);
	is_int(httppace_at(&p, "m"), now + 120 * SECOND, "the next is sent a minute later, unasked");
	httppace_release(&p);

	for (unsigned i = 0; i < 4; i++)
		httppace_sent(&p, "m", now);
	for (unsigned i = 0; i < 3; i++)
		httppace_limited(&p, "m", now + i, 60 * SECOND);
	is_int(httppace_of(&p, "m"), 60 * SECOND, "four at once, three of them refused: one in a minute");
	is_int(httppace_at(&p, "m"), now + 60 * SECOND + 2, "and then one at a time");
	httppace_release(&p);

	refused = play(&p, &now, 1, 60, 60);
	ok(refused >= 5 && refused <= 14, "one a minute: a refusal in five calls, not in each");
	refused = play(&p, &now, 1000, 60, 60);
	is_int(httppace_of(&p, "m"), 0, "the limit is lifted: it recovers");
	is_int(refused, 0, "and nothing is refused");
	refused = play(&p, &now, 50, 60, 400);
	ok(refused <= 80, "fifty a minute");
	httppace_limited(&p, "m", now, 86400 * (int64_t)SECOND);
	ok(httppace_of(&p, "m") <= HTTPPACE_MAX, "a pace has a maximum");
	httppace_release(&p);
	return tap_done();
}
