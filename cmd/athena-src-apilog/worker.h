/* SPDX-License-Identifier: ISC
 *
 * worker - lines of a log become event lines, apart from all else that a run does: whatever a line needs is
 * a worker's own, so that several of them work side by side (workers.h).
 *
 *	struct worker w;
 *	rc = worker_init(&w, format, fields, n_fields);
 *	struct chunk x = {.left = run, .began = state};
 *	worker_work(&w, &rules, &x, INT64_MAX);       until x.left is empty, or the chunk is full
 *	... x.out, x.events, x.rejects, x.state ...
 *	chunk_empty(&x); worker_work(...);            the rest of it
 *	worker_release(&w);
 *
 * What a line becomes depends on the lines before it in one thing only: the format that the last good one had,
 * with the columns that were named for it. (And in one more that nobody meets: a line with more than MEMBERS_MAX -
 * MEMBERS_SOON different names of members may be refused for them, or may not, depending on what was met before.)
 */
#ifndef WORKER_H
#define WORKER_H

#include "filter.h"
#include "members.h"
#include "parse.h"
#include "reader.h"
#include "request.h"
#include "source.h"

enum {
	CHUNK_REJECTS = 256,   /* so many lines that are no event fill a chunk, */
	CHUNK_OUT = 1 << 20,   /* and so many bytes of events; the last line comes on top */
	CHUNK_BEFORE = 65536,  /* bytes of a line that is looked at for its format alone */
};

/* What lines become events by: of a file, the same for all of them. Everything is borrowed. */
struct worker_rules {
	const struct source *src; /* --since, --until, --project, --session */
	const struct filter *filter;
	const char *source_id;    /* of the events */
	size_t max_line;          /* bytes */
	bool redact;
	char file[FILE_HASH];     /* hash of its first line */
	int64_t known_to, floor;  /* of a back-fill: lines before that offset only where they are from before that time */
};

/* A line that is no event. */
struct chunk_reject {
	int64_t number;  /* of the line in the chunk, from 1 */
	const char *p;   /* in the run; NULL: it is too long to be kept */
	size_t n;
	const char *why; /* static */
};

/* Lines, and what became of them. */
struct chunk {
	struct reader_run left;      /* what is still to be done */
	struct slice before;         /* the line before, by which the format is guessed; p NULL: it is known */
	struct parse_state began;    /* the format at its start, */
	struct parse_state state;    /* and behind the last line done */
	int64_t lines;               /* done */
	int64_t events;              /* in `out` */
	int64_t first_time, time;    /* of the first and the last good line, microseconds; RECORD_NONE */
	struct buf out;              /* event lines */
	size_t n_rejects;
	struct chunk_reject rejects[CHUNK_REJECTS];
};

struct worker {
	struct parser *parser;
	struct record record;
	struct request request;
	const char *source_id; /* that `request` writes; NULL: none yet */
};

/* 0, or a sysexits code that is logged. `format` and `fields`: see parser_new(). */
int worker_init(struct worker *w, const char *format, const char *const *fields, size_t n_fields);
void worker_release(struct worker *w);

/* Works on an empty chunk until its lines are done, or it is full, or has `most` events. */
void worker_work(struct worker *w, const struct worker_rules *rules, struct chunk *x, int64_t most);

/* What became of its lines is forgotten; the next ones begin with the format that the last ones had. */
void chunk_empty(struct chunk *x);
void chunk_release(struct chunk *x);

#endif
