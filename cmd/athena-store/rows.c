/* SPDX-License-Identifier: ISC */
#include "rows.h"

#include <stdlib.h>

#include "buf.h"
#include "xalloc.h"

struct table {
	sqlite3_vtab base;
	struct rows *rows;
};

static struct rows *rows_of(sqlite3_vtab_cursor *cursor)
{
	return ((struct table *)(void *)cursor->pVtab)->rows;
}

static int on_connect(sqlite3 *sql, void *user, int argc, const char *const *argv, sqlite3_vtab **out,
		      char **error)
{
	struct table *table = xcalloc(1, sizeof(*table));
	struct buf text = {0};
	int result;

	(void)argc, (void)argv, (void)error;
	buf_adds(&text, "CREATE TABLE waiting(");
	for (int c = 0; c < EVENT_COLUMNS; c++)
		buf_addf(&text, "%s, ", event_column_names[c]);
	buf_adds(&text, "extra)");
	result = sqlite3_declare_vtab(sql, buf_cstr(&text));
	buf_release(&text);
	table->rows = user;
	*out = &table->base;
	return result;
}

static int on_disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* There is one way to read it: from here to the end. */
static int on_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedRows = ROWS_MOST;
	return SQLITE_OK;
}

static int on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
	(void)table;
	*cursor = xcalloc(1, sizeof(**cursor));
	return SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *cursor, int number, const char *name, int argc,
		     sqlite3_value **argv)
{
	struct rows *rows = rows_of(cursor);

	(void)number, (void)name, (void)argc, (void)argv;
	sqlite3_set_last_insert_rowid(rows->db->sql, 0);
	rows->last = 0;
	rows->unsettled = false;
	return SQLITE_OK;
}

/* Asked for when the row before it was inserted, or left as it is there already: its seq tells. */
static int on_next(sqlite3_vtab_cursor *cursor)
{
	struct rows *rows = rows_of(cursor);
	int64_t last = sqlite3_last_insert_rowid(rows->db->sql);

	rows->unsettled = last == rows->last && rows->items[rows->at]->revision > 0;
	rows->last = last;
	rows->at += !rows->unsettled;
	return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
	const struct rows *rows = rows_of(cursor);

	return rows->unsettled || rows->at == rows->n;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
	const struct rows *rows = rows_of(cursor);
	const struct row_value *v = &rows->items[rows->at]->values[column];

	if (v->type == ROW_TEXT)
		sqlite3_result_text64(context, v->text, v->n, SQLITE_STATIC, SQLITE_UTF8);
	else if (v->type == ROW_INTEGER)
		sqlite3_result_int64(context, v->integer);
	return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64)rows_of(cursor)->at;
	return SQLITE_OK;
}

int rows_open(struct rows *rows, struct db *db)
{
	/* No xCreate: the table is there without being made, and no schema can name it. */
	static const sqlite3_module module = {
		.xConnect = on_connect,
		.xDisconnect = on_disconnect,
		.xBestIndex = on_best_index,
		.xOpen = on_open,
		.xClose = on_close,
		.xFilter = on_filter,
		.xNext = on_next,
		.xEof = on_eof,
		.xColumn = on_column,
		.xRowid = on_rowid,
	};
	int result;

	*rows = (struct rows){.db = db, .items = xcalloc(ROWS_MOST, sizeof(*rows->items))};
	result = sqlite3_create_module(db->sql, "waiting", &module, rows);
	return result ? db_error(db, result) : 0;
}

void rows_release(struct rows *rows)
{
	free(rows->items);
	*rows = (struct rows){0};
}
