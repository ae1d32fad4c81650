/* SPDX-License-Identifier: ISC
 *
 * insert - an event becomes a row, or is known, or replaces an older version of itself.
 *
 *	rc = insert_open(&in, &db);
 *	rc = insert_event(&in, &scan, &fields, source, run, &what);      within a transaction
 *	insert_close(&in);
 *
 * Values are bound as slices of the line: only strings with escapes are copied.
 */
#ifndef INSERT_H
#define INSERT_H

#include "buf.h"
#include "db.h"
#include "event.h"

enum insert_result {
	INSERT_NEW,
	INSERT_UPDATED, /* a newer revision; the one before it is in event_history */
	INSERT_KNOWN,   /* nothing to do */
};

/* A column's value as it is bound. */
struct insert_value {
	const char *text; /* NULL: absent, or an integer */
	size_t len;
	int64_t integer;
	bool present;
};

struct insert {
	struct db *db;
	sqlite3_stmt *add, *find, *revision, *old, *last, *keep, *replace, *revise;
	struct insert_value values[EVENT_COLUMNS + 1]; /* of the present event; the last one is extra */
	struct buf arena;                              /* what had to be unescaped, and extra */
	bool taken;                                    /* all values are there, not only the id */
	bool expect_known;                             /* the event before was known: look before inserting */
};

int insert_open(struct insert *in, struct db *db);
void insert_close(struct insert *in);

/* `source` and `run` are the numbers of the rows in sources and runs. */
int insert_event(struct insert *in, const struct jsonscan *scan, const struct event_fields *fields,
		 int64_t source, int64_t run, enum insert_result *what);

#endif
