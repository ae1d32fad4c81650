/* SPDX-License-Identifier: ISC
 *
 * insert - an event becomes a row, or is known, or replaces an older version of itself.
 *
 *	rc = insert_open(&in, &db, &counts);
 *	rc = insert_event(&in, row, run);         within a transaction
 *	rc = insert_flush(&in);                   before it ends, and before rows go away
 *	insert_close(&in);
 *
 * Events wait until there are enough for one statement.
 */
#ifndef INSERT_H
#define INSERT_H

#include "record.h"
#include "rows.h"

struct insert {
	struct db *db;
	struct counts *counts; /* inserted, updated, known: borrowed */
	sqlite3_stmt *add, *find, *revision, *old, *last, *keep, *replace, *revise;
	struct rows rows;  /* that wait */
	int64_t run;       /* whose they are */
	bool expect_known; /* the events before were known: look before inserting */
};

int insert_open(struct insert *in, struct db *db, struct counts *counts);

void insert_close(struct insert *in);

/* `run` is a row in runs, the row's source_id one in sources. It must stay until insert_flush(). */
int insert_event(struct insert *in, const struct row *row, int64_t run);

/* Inserts what waits. */
int insert_flush(struct insert *in);

/* Drops what waits. */
void insert_forget(struct insert *in);

#endif
