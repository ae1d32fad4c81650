/* SPDX-License-Identifier: ISC
 *
 * record - what the store writes about itself: the run and what became of each source in it, rejects,
 * positions and cursors. Everything within the caller's transaction.
 *
 *	rc = record_open(&r, &db);
 *	rc = record_run(&r);              once a transaction is open: r.run is this run's number
 *	rc = record_reject(&r, ...);  rc = record_position(&r, &cp);
 *	rc = record_counts(&r, &counts);  before each commit
 *	record_close(&r);
 */
#ifndef RECORD_H
#define RECORD_H

#include "checkpoint.h"
#include "db.h"
#include "stamp.h"

/* What was read and what became of it. */
struct counts {
	int64_t lines, bytes; /* of the input */
	int64_t events;       /* valid ones: inserted + updated + known */
	int64_t inserted, updated, known;
	int64_t rejected;        /* lines */
	int64_t missing;         /* events announced by checkpoints that did not arrive */
	int64_t gaps, cut_short; /* sources */
};

/* What the store remembers of a source beside struct stream; its `user`. */
struct source {
	int64_t number;      /* of its row in sources; 0: not looked up yet */
	int64_t checkpoints; /* sound ones in this input */
	bool gap;
	bool changed; /* since it was last written to run_sources */
};

struct record {
	struct db *db;
	int64_t run; /* number of this run, 0 before it is written */
	char started[STAMP_SIZE];
	sqlite3_stmt *begin, *counts, *end, *source, *source_find, *source_add, *reject, *known, *log,
		*cursor, *at;
};

int record_open(struct record *r, struct db *db);
void record_close(struct record *r);

int record_run(struct record *r);
int record_counts(struct record *r, const struct counts *n);
int record_end(struct record *r, int exit_code);

/* The number of a source, which is given to it where it has none. */
int record_number(struct record *r, const char *source_id, int64_t *number);

/* Writes what the run has seen of a source so far. */
int record_source(struct record *r, const struct stream *s, bool cut_short);

int record_reject(struct record *r, int64_t line, const char *reason, const char *raw, size_t n);

/* Is this position in the log of the source? */
int record_knows(struct record *r, const char *source_id, const char *position, bool *known);

/*
 * Logs the position of a checkpoint, and makes it the current cursor
 * of its source unless it was logged before.
 */
int record_position(struct record *r, const struct checkpoint *cp);

/* Where the source stands, "" where it stands nowhere. */
int record_at(struct record *r, const char *source_id, char position[SHA256_HEX]);

/* Prints the cursor of the source as it was last committed: 0, or 78 where there is none. */
int record_print_cursor(struct db *db, const char *source_id);

#endif
