/* SPDX-License-Identifier: ISC */
#include "row.h"

#include "buf.h"

int row_open(struct row *row, struct db *db)
{
	struct buf sql = {0};
	int rc;

	*row = (struct row){.db = db};
	buf_adds(&sql, "SELECT ");
	for (int c = 0; c < EVENT_COLUMNS; c++)
		buf_addf(&sql, "%s, ", event_column_names[c]);
	buf_adds(&sql, "extra FROM event_rows LEFT JOIN sources USING (source) WHERE seq = ?1");
	rc = db_prepare(db, &row->stmt, buf_cstr(&sql));
	buf_release(&sql);
	return rc;
}

int row_get(struct row *row, int64_t seq, bool *found)
{
	sqlite3_reset(row->stmt);
	sqlite3_bind_int64(row->stmt, 1, seq);
	row->seq = seq;
	return db_row(row->db, row->stmt, found);
}

void row_close(struct row *row)
{
	sqlite3_finalize(row->stmt);
	*row = (struct row){0};
}

const char *row_text(const struct row *row, int column, size_t *n)
{
	const char *text = (const char *)sqlite3_column_text(row->stmt, column);

	*n = text ? (size_t)sqlite3_column_bytes(row->stmt, column) : 0;
	return text;
}

bool row_has(const struct row *row, int column)
{
	return sqlite3_column_type(row->stmt, column) != SQLITE_NULL;
}

int64_t row_integer(const struct row *row, int column)
{
	return sqlite3_column_int64(row->stmt, column);
}
