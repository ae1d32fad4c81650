/* SPDX-License-Identifier: ISC
 *
 * schedule - when to look again at what shows no change of itself: replies may be edited, deleted or
 * reacted to and nothing in the channel tells. This is no position: a run that finds nothing new keeps
 * its cursor as it is, and the schedule moves on. It is a small file in the state folder; without it
 * everything is due, which costs requests and no more.
 *
 *	schedule_open(&s, state_dir, name, position, now);
 *	if (schedule_is_due(&s, key, period)) ... look ...; schedule_done(&s, key);    in the order of keys
 *	schedule_passed(&s);                                                           all that were due are done
 *	schedule_keep(&s, position);
 *	schedule_release(&s);
 *
 * Each thing is due once in its period, by a phase of its own, so that the work of a period is spread
 * over the runs in it. A pass that is cut short goes on in the next run after the last key that is done.
 * All times are those of the server, in microseconds.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct schedule {
	char *path;     /* NULL: nowhere to keep it */
	int64_t looked; /* everything that was due until then is done */
	int64_t pass;   /* when the pass under way began */
	char *key;      /* the last one done in it; NULL: it begins */
	int64_t swept;  /* when the last sweep over old messages began that is at its end */
	json_t *sweep;  /* object: the one under way, see sweep.c; NULL: there is none */
	json_t *seen;   /* object: when runs saw the end of each conversation, see hidden.c */
	int64_t limited; /* when a run saw last that the workspace's plan hides something; 0: none did */
	char *before;   /* what the file said */
};

/*
 * `position` is where the run begins, NULL at the start. A schedule that goes with another position is
 * none: what was looked at since was perhaps never acknowledged.
 */
void schedule_open(struct schedule *s, const char *state_dir, const char *name, const json_t *position,
		   int64_t now);
bool schedule_is_due(const struct schedule *s, const char *key, int64_t period);
void schedule_done(struct schedule *s, const char *key);
void schedule_passed(struct schedule *s);
/* Writes the file, to go with the position at the end of the run, where it is to change. */
void schedule_keep(struct schedule *s, const json_t *position);
void schedule_release(struct schedule *s);

#endif
