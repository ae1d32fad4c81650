/* SPDX-License-Identifier: ISC
 *
 * sync - all pipelines, so many at a time, each until it is done: one that fails does not stop the
 * others, and one that says "come back later" is started again.
 */
#ifndef SYNC_H
#define SYNC_H

#include "pipeline.h"

struct sync {
	/* options */
	int64_t jobs;     /* pipelines that run side by side */
	int64_t deadline; /* microseconds from the start: no attempt begins later */
	int64_t delay;    /* before the second attempt, microseconds */
	bool live;        /* draw the view */

	struct pipeline *all;
	size_t n;
	int64_t began; /* monotonic microseconds */
	int told;      /* signals passed on: what is told grows harsher */
	int64_t told_at;
};

/* Catches signals; call it before anything is started. */
void sync_setup(void);

/* Runs all of them. Returns the worst exit code, or 128 + the signal that asked to stop. */
int sync_run(struct sync *s);

#endif
