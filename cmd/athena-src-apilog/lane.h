/* SPDX-License-Identifier: ISC
 *
 * lane - lines of a log become event lines, apart from all else that a run does: whatever a line needs is
 * a lane's own, so that several of them work side by side (lanes.h).
 *
 *	struct lane l;
 *	rc = lane_init(&l, format, fields, n_fields);
 *	struct piece x = {.left = run, .began = state};
 *	lane_work(&l, &rules, &x, INT64_MAX);       until x.left is empty, or the piece is full
 *	... x.out, x.events, x.rejects, x.state ...
 *	piece_empty(&x); lane_work(...);            the rest of it
 *	lane_release(&l);
 *
 * What a line becomes depends on the lines before it in one thing only: the format that the last good one had,
 * with the columns that were named for it. (And
 * in one more that nobody meets: a line with more than LANE_NAMES different names of members may be
 * refused for them, or may not, depending on what was met before.)
 */
#ifndef LANE_H
#define LANE_H

#include "filter.h"
#include "members.h"
#include "parse.h"
#include "reader.h"
#include "request.h"
#include "source.h"

enum {
	PIECE_REJECTS = 256,   /* so many lines that are no event fill a piece, */
	PIECE_OUT = 1 << 20,   /* and so many bytes of events; the last line comes on top */
	PIECE_BEFORE = 65536,  /* bytes of a line that is looked at for its format alone */
	LANE_NAMES = MEMBERS_MAX - MEMBERS_SOON,
};

/* What lines become events by: of a file, the same for all of them. Everything is borrowed. */
struct lane_rules {
	const struct source *src; /* --since, --until, --project, --session */
	const struct filter *filter;
	const char *source_id;    /* of the events */
	size_t max_line;          /* bytes */
	bool redact;
	char file[FILE_HASH];     /* hash of its first line */
	int64_t known_to, floor;  /* of a back-fill: lines before that offset only where they are from before that time */
};

/* A line that is no event. */
struct piece_reject {
	int64_t number;  /* of the line in the piece, from 1 */
	const char *p;   /* in the run; NULL: it is too long to be kept */
	size_t n;
	const char *why; /* static */
};

/* Lines, and what became of them. */
struct piece {
	struct reader_run left;      /* what is still to be done */
	struct slice before;         /* the line before, by which the format is guessed; p NULL: it is known */
	struct parse_state began;    /* the format at its start, */
	struct parse_state state;    /* and behind the last line done */
	int64_t lines;               /* done */
	int64_t events;              /* in `out` */
	int64_t first_time, time;    /* of the first and the last good line, microseconds; RECORD_NONE */
	struct buf out;              /* event lines */
	size_t n_rejects;
	struct piece_reject rejects[PIECE_REJECTS];
};

struct lane {
	struct parser *parser;
	struct record record;
	struct request request;
	const char *source_id; /* that `request` writes; NULL: none yet */
};

/* 0 or a sysexits code that has been said. `format` and `fields`: see parser_new(). */
int lane_init(struct lane *l, const char *format, const char *const *fields, size_t n_fields);
void lane_release(struct lane *l);

/* Works on an empty piece until its lines are done, or it is full, or has `most` events. */
void lane_work(struct lane *l, const struct lane_rules *rules, struct piece *x, int64_t most);

/* What became of its lines is forgotten; the next ones begin with the format that the last ones had. */
void piece_empty(struct piece *x);
void piece_release(struct piece *x);

#endif
