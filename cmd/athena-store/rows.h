/* SPDX-License-Identifier: ISC
 *
 * rows - events that wait to be inserted, as a table that SQLite reads: one statement takes all of them, and
 * what a statement costs beside its rows (finding its way into four trees anew, above all) is paid once.
 *
 *	rc = rows_open(&rows, &db);                          makes the table `waiting` known
 *	... rows_next(&rows) ...  rows_add(&rows);           unless rows_full()
 *	INSERT ... SELECT ... FROM waiting ...               reads from rows.at on, up to one that is unsettled
 *	rows_clear(&rows);
 *
 * The columns of `waiting` are those of events that a line has, in the order of enum event_column, and
 * `extra`; source_id is the source's number. Texts are borrowed until rows_clear().
 */
#ifndef ROWS_H
#define ROWS_H

#include "db.h"
#include "event.h"

enum {
	ROWS_EXTRA = EVENT_COLUMNS, /* the last column: members that have none of their own */
	ROWS_COLUMNS,
	ROWS_MOST = 64, /* that wait at once: more gain nothing, and leave the processor's cache */
};

enum row_type { ROW_ABSENT, ROW_TEXT, ROW_INTEGER };

struct row_value {
	const char *text; /* n bytes, not ended by anything */
	int64_t n;        /* or the integer */
	enum row_type type;
};

struct row {
	struct row_value values[ROWS_COLUMNS];
	int64_t revision; /* 0 where the event has none */
};

struct rows {
	struct db *db;
	struct row *items;
	size_t n;
	size_t at;      /* the one that the statement reads, or reads next */
	int64_t last;   /* seq of the row inserted last by this statement, 0: none yet */
	bool unsettled; /* the row at `at` was there already, and may be a newer version: the statement stopped */
};

int rows_open(struct rows *rows, struct db *db);
void rows_release(struct rows *rows);

static inline bool rows_full(const struct rows *rows)
{
	return rows->n == ROWS_MOST;
}

/* The one to be filled in; rows_add() makes it wait. */
static inline struct row *rows_next(struct rows *rows)
{
	return &rows->items[rows->n];
}

static inline void rows_add(struct rows *rows)
{
	rows->n++;
}

static inline void rows_clear(struct rows *rows)
{
	rows->n = rows->at = 0;
}

#endif
