/* SPDX-License-Identifier: ISC
 *
 * insert - an event becomes a row, or is known, or replaces an older version of itself.
 *
 *	rc = insert_open(&in, &db, &counts);
 *	rc = insert_event(&in, &scan, &fields, source, run);      within a transaction
 *	rc = insert_flush(&in);                                   before it ends, and before lines go away
 *	insert_close(&in);
 *
 * Events wait until there are enough for one statement. Their values are slices of the lines: only
 * strings with escapes are copied.
 */
#ifndef INSERT_H
#define INSERT_H

#include "buf.h"
#include "record.h"
#include "rows.h"

struct insert {
	struct db *db;
	struct counts *counts; /* inserted, updated, known: borrowed */
	sqlite3_stmt *add, *find, *revision, *old, *last, *keep, *replace, *revise;
	struct rows rows;  /* that wait */
	struct buf arena;  /* what of them had to be unescaped, and extra */
	int64_t run;       /* whose they are */
	bool expect_known; /* the events before were known: look before inserting */
};

int insert_open(struct insert *in, struct db *db, struct counts *counts);

void insert_close(struct insert *in);

/* `source` and `run` are the numbers of the rows in sources and runs. The line must stay until insert_flush(). */
int insert_event(struct insert *in, const struct jsonscan *scan, const struct event_fields *fields,
		 int64_t source, int64_t run);

/* Inserts what waits. */
int insert_flush(struct insert *in);

/* Drops what waits. */
void insert_forget(struct insert *in);

#endif
