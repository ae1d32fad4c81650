/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/schedule.c */
/* When to look again, by a clock of our own. */
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "log.h"
#include "tap.h"

#define HOUR INT64_C(3600000000)

static int64_t now = 480000 * HOUR;
static json_t *position;

static const char *key(int i)
{
	static char text[16];

	snprintf(text, sizeof(text), "C%04d", i);
	return text;
}

/* A run an hour later that can do `most`: how many were done. */
static int run(int most, int64_t period)
{
	struct schedule s;
	int n = 0, left = 0;

	now += HOUR;
	schedule_open(&s, ".", "test", position, now);
	for (int i = 0; i < 240; i++) {
		if (!schedule_is_due(&s, key(i), period))
			continue;
		if (n < most) {
			schedule_done(&s, key(i));
			n++;
		} else {
			left++;
		}
	}
	if (!left)
		schedule_passed(&s);
	schedule_keep(&s, position);
	schedule_release(&s);
	return n;
}

int main(void)
{
	char folder[TAP_FOLDER];
	struct schedule s;
	int n = 0, most = 0;

	log_init("slack-schedule");
	tap_enter(folder);
	position = json_pack("{s:i}", "at", 1);
	is_int(run(1000, 24 * HOUR), 240, "without a file all is due");
	for (int i = 0; i < 24; i++) {
		int done = run(1000, 24 * HOUR);

		n += done;
		most = done > most ? done : most;
	}
	is_int(n, 240, "in a period each once");
	ok(most < 60, "and not all in one run");
	is_int(run(1000, HOUR), 240, "each in every run, where that is the period");
	n = 0;
	now += 24 * HOUR;
	for (int i = 0; i < 3; i++)
		n += run(100, 24 * HOUR);
	is_int(n, 240, "a pass that is cut short goes on where it was");
	json_object_set_new(position, "at", json_integer(2));
	is_int(run(1000, 24 * HOUR), 240, "with another position all is due again");
	now += 9000 * HOUR; /* a clock that is wrong, for one run */
	run(1000, 24 * HOUR);
	schedule_open(&s, ".", "test", position, now);
	s.limited = s.swept = now;
	s.sweep = json_pack("{s:I}", "began", (json_int_t)now);
	json_object_set_new(s.seen, "C1", json_integer(now));
	schedule_keep(&s, position);
	schedule_release(&s);
	now -= 9000 * HOUR;
	schedule_open(&s, ".", "test", position, now);
	ok(!s.swept && !s.sweep && !s.limited && !json_object_size(s.seen),
	   "what is to come is not believed");
	schedule_release(&s);
	is_int(run(1000, 24 * HOUR), 240, "and all is due");
	schedule_open(&s, ".", "test", position, now);
	s.limited = now;
	schedule_keep(&s, position);
	schedule_release(&s);
	json_object_set_new(position, "at", json_integer(3));
	schedule_open(&s, ".", "test", position, now);
	ok(s.limited == now && !s.looked, "a plan that hides is known with another position too");
	schedule_release(&s);
	schedule_open(&s, NULL, "test", position, now);
	ok(schedule_is_due(&s, "x", HOUR), "without a folder too");
	schedule_keep(&s, position);
	schedule_release(&s);
	schedule_open(&s, "none/such", "test", position, now);
	schedule_keep(&s, position);
	schedule_release(&s);
	ok(1, "a folder that is not there is no failure");
	json_decref(position);
	tap_leave(folder);
	return tap_done();
}
