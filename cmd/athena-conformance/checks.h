/* SPDX-License-Identifier: ISC
 *
 * checks - what is asked of a source, in the order in which it is asked. Each check is a function of the
 * trial; what it does not object to has passed.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "trial.h"

/* What a check needs before it makes sense. */
enum needs {
	NEEDS_NOTHING,
	NEEDS_EVENTS, /* an input, and events of it: the check `events` has passed */
	NEEDS_TWO,    /* two of them at least */
};

struct check {
	const char *name; /* for --only */
	const char *asks; /* what holds when it passes */
	enum needs needs;
	void (*put)(struct trial *t);
};

/* Ended by zeroed entries. */
extern const struct check checks_manners[]; /* no input is needed */
extern const struct check checks_stream[];  /* the events */
extern const struct check checks_cursor[];  /* where a run goes on */
extern const struct check checks_sinks[];   /* who moves the cursor */
extern const struct check checks_options[]; /* what means the same everywhere */
extern const struct check checks_growth[];  /* the input changes: at the end */

#endif
