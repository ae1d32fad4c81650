/* SPDX-License-Identifier: ISC
 *
 * row - one event by its seq, a column each in the order of enum event_column, and `extra`.
 *
 *	rc = row_open(&row, &db);
 *	rc = row_get(&row, seq, &found);
 *	text = row_text(&row, EVENT_CONTENT, &len);      borrowed until the next row_get()
 *	row_close(&row);
 */
#ifndef ROW_H
#define ROW_H

#include "db.h"
#include "event.h"

enum { ROW_EXTRA = EVENT_COLUMNS, ROW_COLUMNS };

struct row {
	struct db *db;
	sqlite3_stmt *stmt;
	int64_t seq;
	const char *shown; /* in place of the content's first line, with marks around what matched; or NULL */
	const char *why;   /* what it has to do with the event that was asked for; or NULL */
};

int row_open(struct row *row, struct db *db);
int row_get(struct row *row, int64_t seq, bool *found);
void row_close(struct row *row);

/* NULL where the member is absent; integers have no text. */
const char *row_text(const struct row *row, int column, size_t *n);
bool row_has(const struct row *row, int column);
int64_t row_integer(const struct row *row, int column);

#endif
