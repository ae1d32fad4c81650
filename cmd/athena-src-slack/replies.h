/* SPDX-License-Identifier: ISC
 *
 * replies - a thread that is being read: replies.c asks, refused.c judges what the server does not give. For these
 * two alone.
 */
#ifndef REPLIES_H
#define REPLIES_H

#include "fetch.h"

/* A reading under way. */
struct reading {
	const char *ts;        /* of the thread */
	json_t *thread, *seen; /* what is remembered of it; the replies that came */
	char start[TS_SIZE],
		oldest[TS_SIZE]; /* after that; and what was asked for with the first page, for a cursor */
	char reached[TS_SIZE];   /* the last reply that came */
	char had[TS_SIZE];       /* every reply up to here was given out when it began */
	char *cursor;
	bool end, stuck;
	bool refused; /* there is no such thread, says the server */
	bool lost;    /* it had been given up before */
	bool counted; /* as one of the runs that did not get it */
	unsigned same, idle;
	size_t brought;
};

/* What was known after the start of the reading, or is in doubt, and did not come; a new reference. */
json_t *replies_missing(const struct memory *memory, const struct reading *r);
/* The thread was looked at in this run. */
void replies_note(struct fetch *f, const struct channel *c, const char *ts);

/* The server does not give it, as `why` says: it is left for the next run, or given up for now. */
int refused_leave(struct fetch *f, struct channel *c, struct reading *r, const char *why);
/* There is no such thread, says the server: it is hidden, or gone, or that is a mistake. */
int refused_see(struct fetch *f, struct channel *c, struct reading *r);

#endif
