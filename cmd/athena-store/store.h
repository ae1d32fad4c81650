/* SPDX-License-Identifier: ISC
 *
 * store - one line at a time: an event is inserted, a checkpoint commits, what is neither is
 * kept with the reason (athena-cursor(5), "What the store does").
 *
 *	rc = store_open(&s);                                 s.db.path and the options are set
 *	rc = store_line(&s, line);                           for every line
 *	rc = store_commit(&s);                               when the caller thinks it is time
 *	rc = store_end(&s, rc);                              the exit code
 *
 * A transaction begins with the first line that needs one, and a checkpoint ends it. Codes that
 * are returned end the run; what leaves the run going on is noted in `code`.
 */
#ifndef STORE_H
#define STORE_H

#include "db.h"
#include "insert.h"
#include "parsed.h"
#include "record.h"

struct store {
	/* options */
	bool no_ack;    /* move no cursor file */
	bool no_cursor; /* nor record positions */
	bool strict;    /* stop at the first line that is rejected */

	struct db db;
	struct record record;
	struct insert insert;
	struct streams streams; /* sources of this input; their `user` is a struct source */
	struct counts counts;   /* up to now */
	struct counts kept;     /* up to the last commit */
	int64_t batch_rows;     /* lines in the open transaction */
	int64_t batch_bytes;
	int code;      /* of what went wrong without ending the run; 0: nothing */
	bool damaged;  /* a line was no JSON: no cursor moves any more */
	bool stopped;  /* by --strict: nothing of the open batch is kept */
	bool run_kept; /* the row in runs is committed */
};

int store_open(struct store *s);

/* A line, which stays until store_flush() or store_commit(); its row is changed. */
int store_line(struct store *s, struct parsed_line *l);

/* Inserts what waits, so that lines may go away. */
int store_flush(struct store *s);

/* Ends the open transaction, if there is one. */
int store_commit(struct store *s);

/* Keeps a line that cannot be used, with the reason. EX_DATAERR with --strict. */
int store_reject(struct store *s, int64_t number, const char *reason, const char *line, size_t n);

/* Begins a transaction unless one is open. */
int store_begin(struct store *s);

/* Remembers a code for the end: a failed promotion (74) outranks 78, and that 65. */
void store_note(struct store *s, int code);

/* Of the stream of that name, which is begun where it is new. */
struct stream *store_stream(struct store *s, const char *source_id, size_t n);

/*
 * Closes the books: records how the run ended, says what has to be said. `rc` is what ended the run, 0 for
 * the end of the input, 128 + n for signal n. Returns the exit code.
 */
int store_end(struct store *s, int rc);

#endif
