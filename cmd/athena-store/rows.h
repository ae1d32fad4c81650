/* SPDX-License-Identifier: ISC
 *
 * rows - events that wait to be inserted, as a table that SQLite reads: one statement takes all of them, and
 * what a statement costs beside its rows (finding its way into four trees anew, above all) is paid once.
 *
 *	rc = rows_open(&rows, &db);                          makes the table `waiting` known
 *	rows_add(&rows, row);                                unless rows_full()
 *	INSERT ... SELECT ... FROM waiting ...               reads from rows.at on, up to one that is unsettled
 *	rows_clear(&rows);
 *
 * The columns of `waiting` are those of events that a line has, in the order of enum event_column, and
 * `extra`; source_id is the source's number.
 */
#ifndef ROWS_H
#define ROWS_H

#include "db.h"
#include "row.h"

enum { ROWS_MOST = 64 }; /* that wait at once: more gain nothing, and leave the processor's cache */

struct rows {
	struct db *db;
	const struct row **items; /* borrowed until rows_clear() */
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

static inline void rows_add(struct rows *rows, const struct row *row)
{
	rows->items[rows->n++] = row;
}

static inline void rows_clear(struct rows *rows)
{
	rows->n = rows->at = 0;
}

#endif
