/* SPDX-License-Identifier: ISC
 *
 * draft - a record as it is to be shown, and the event line that is written of it: for request.c, which
 * decides what is masked and what is cut.
 *
 *	p = draft_line(q, p, &place, line, n, &draft);     there is room at p for all of it
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "request.h"

/* The texts of a record, by what metadata.truncated calls them. */
enum { DRAFT_TEXTS = 12, DRAFT_CUT_MESSAGE = 1 << DRAFT_TEXTS, DRAFT_CUT_EXTRA = 2 << DRAFT_TEXTS };

struct draft_text {
	const char *name;
	size_t at;
};

extern const struct draft_text draft_texts[DRAFT_TEXTS];

struct draft {
	const struct record *r;
	bool is_log, failed;
	unsigned cut;        /* a bit for each of draft_texts[], DRAFT_CUT_MESSAGE, DRAFT_CUT_EXTRA */
	char status[4];      /* its three digits, and one that is written over */
	const char *line;    /* in which most texts stand, */
	size_t room;         /* and from so many of its bytes on PEN_AHEAD can be read */
	int64_t duration_us; /* RECORD_NONE: not said, or no sensible one */
	struct slice path, query, referrer, host, message, extra; /* as they are shown */
};

/* Writes the event and a newline at p, and returns what follows. */
char *draft_line(struct request *q, char *p, const struct place *at, const char *line, size_t n,
		 const struct draft *d);

#endif
