/* SPDX-License-Identifier: ISC */
#include "insert.h"

#include <string.h>

#include "buf.h"

/*
 * Parameters of `replace`: 1 source, 2 run, then a column each in the order of enum
 * event_column (source_id's is not used), extra.
 */
enum { P_SOURCE = 1, P_RUN, P_COLUMNS, P_EXTRA = P_COLUMNS + EVENT_COLUMNS, P_SEQ, P_NEW_SEQ };

static bool is_stored(int column)
{
	return column != EVENT_SOURCE_ID;
}

/*
 * ---- the statements ----
 * OR FAIL, as what fails ends the run and its transaction: SQLite need not keep every page as it was before the statement.
 */

/* INSERT INTO event_rows(source, run, id, ...) SELECT source_id, ?1, id, ... FROM waiting */
static void write_add(struct buf *sql)
{
	struct buf names = {0};

	for (int c = 0; c < EVENT_COLUMNS; c++)
		if (is_stored(c))
			buf_addf(&names, ", %s", event_column_names[c]);
	buf_addf(sql, "INSERT OR FAIL INTO event_rows(source, run%s, extra) ", buf_cstr(&names));
	/* WHERE, as else ON would belong to FROM */
	buf_addf(sql, "SELECT source_id, ?1%s, extra FROM waiting WHERE true ON CONFLICT DO NOTHING",
		 buf_cstr(&names));
	buf_release(&names);
}

static void write_replace(struct buf *sql)
{
	buf_addf(sql, "UPDATE OR FAIL event_rows SET seq = ?%d, source = ?1, run = ?2", P_NEW_SEQ);
	for (int c = 0; c < EVENT_COLUMNS; c++)
		if (is_stored(c))
			buf_addf(sql, ", %s = ?%d", event_column_names[c], P_COLUMNS + c);
	buf_addf(sql, ", extra = ?%d WHERE seq = ?%d", P_EXTRA, P_SEQ);
}

/* The row as insert_event() has the new one: a column each in the order of enum event_column, and extra. */
static void write_old(struct buf *sql)
{
	buf_adds(sql, "SELECT ");
	for (int c = 0; c < EVENT_COLUMNS; c++)
		buf_addf(sql, "%s, ", is_stored(c) ? event_column_names[c] : "NULL");
	buf_adds(sql, "extra FROM event_rows WHERE seq = ?1");
}

static void write_keep(struct buf *sql)
{
	struct buf names = {0};

	for (int c = 0; c < EVENT_COLUMNS; c++)
		buf_addf(&names, "%s, ", event_column_names[c]);
	buf_addf(sql, "INSERT OR FAIL INTO event_history(seq, %s extra, run, replaced_by) ", buf_cstr(&names));
	buf_addf(sql, "SELECT seq, %s extra, run, ?2 FROM events WHERE seq = ?1", buf_cstr(&names));
	buf_release(&names);
}

static int prepare(struct insert *in, sqlite3_stmt **stmt, void (*write)(struct buf *))
{
	struct buf sql = {0};
	int rc;

	write(&sql);
	rc = db_prepare(in->db, stmt, buf_cstr(&sql));
	buf_release(&sql);
	return rc;
}

int insert_open(struct insert *in, struct db *db, struct counts *counts)
{
	int rc;

	*in = (struct insert){.db = db, .counts = counts};
	rc = rows_open(&in->rows, db);
	if (!rc)
		rc = prepare(in, &in->add, write_add);
	if (!rc)
		rc = prepare(in, &in->replace, write_replace);
	if (!rc)
		rc = prepare(in, &in->old, write_old);
	if (!rc)
		rc = prepare(in, &in->keep, write_keep);
	if (!rc)
		rc = db_prepare(db, &in->find, "SELECT seq FROM event_rows WHERE source = ?1 AND id = ?2");
	if (!rc)
		rc = db_prepare(db, &in->revision,
				"SELECT max(coalesce(revision, 0), 0) FROM event_rows WHERE seq = ?1");
	if (!rc)
		rc = db_prepare(db, &in->last, "SELECT max(seq) FROM event_rows");
	if (!rc)
		rc = db_prepare(db, &in->revise, "UPDATE event_rows SET revision = ?2 WHERE seq = ?1");
	return rc;
}

void insert_close(struct insert *in)
{
	sqlite3_stmt *const all[] = {in->add,  in->find, in->revision, in->old,
				     in->last, in->keep, in->replace,  in->revise};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sqlite3_finalize(all[i]);
	rows_release(&in->rows);
	*in = (struct insert){0};
}

/* ---- one event ---- */

static void bind_value(sqlite3_stmt *stmt, int at, const struct row_value *v)
{
	if (v->type == ROW_INTEGER)
		sqlite3_bind_int64(stmt, at, v->integer);
	else
		db_bind_text(stmt, at, v->type == ROW_TEXT ? v->text : NULL, v->n);
}

static void bind_row(sqlite3_stmt *stmt, const struct row *row, int64_t run)
{
	bind_value(stmt, P_SOURCE, &row->values[EVENT_SOURCE_ID]);
	sqlite3_bind_int64(stmt, P_RUN, run);
	for (int c = 0; c <= ROW_EXTRA; c++)
		if (is_stored(c))
			bind_value(stmt, P_COLUMNS + c, &row->values[c]);
}

/* True when the row of `old` says the same as the new one; the revision is not compared. */
static bool same_but_revision(const struct row *row, sqlite3_stmt *old)
{
	for (int c = 0; c <= ROW_EXTRA; c++) {
		const struct row_value *v = &row->values[c];
		bool present = sqlite3_column_type(old, c) != SQLITE_NULL;

		if (c == EVENT_REVISION || !is_stored(c))
			continue;
		if (present != (v->type != ROW_ABSENT))
			return false;
		if (v->type == ROW_INTEGER && sqlite3_column_int64(old, c) != v->integer)
			return false;
		if (v->type == ROW_TEXT && ((uint32_t)sqlite3_column_bytes(old, c) != v->n ||
					    memcmp(sqlite3_column_blob(old, c), v->text, v->n)))
			return false;
	}
	return true;
}

/* By the index alone: a replay does not read the rows. */
static int find(struct insert *in, const struct row *row, bool *found, int64_t *seq)
{
	int rc;

	bind_value(in->find, 1, &row->values[EVENT_SOURCE_ID]);
	bind_value(in->find, 2, &row->values[EVENT_ID]);
	rc = db_row(in->db, in->find, found);
	*seq = *found ? sqlite3_column_int64(in->find, 0) : 0;
	sqlite3_reset(in->find);
	return rc;
}

/* Is it above that of the row? Most events have no revision, which is 0; below 0 is 0 too. */
static int is_newer(struct insert *in, int64_t seq, int64_t revision, bool *newer)
{
	bool found;
	int rc;

	*newer = false;
	if (revision <= 0)
		return 0;
	sqlite3_bind_int64(in->revision, 1, seq);
	rc = db_row(in->db, in->revision, &found);
	*newer = found && revision > sqlite3_column_int64(in->revision, 0);
	sqlite3_reset(in->revision);
	return rc;
}

/* The old version goes to event_history, the new one arrives: it gets the next seq. */
static int replace(struct insert *in, int64_t seq, const struct row *row)
{
	int64_t next;
	bool found;
	int rc = db_row(in->db, in->last, &found);

	next = sqlite3_column_int64(in->last, 0) + 1;
	sqlite3_reset(in->last);
	sqlite3_bind_int64(in->keep, 1, seq);
	sqlite3_bind_int64(in->keep, 2, next);
	if (!rc)
		rc = db_step(in->db, in->keep);
	bind_row(in->replace, row, in->run);
	sqlite3_bind_int64(in->replace, P_SEQ, seq);
	sqlite3_bind_int64(in->replace, P_NEW_SEQ, next);
	return rc ? rc : db_step(in->db, in->replace);
}

static int update(struct insert *in, int64_t seq, const struct row *row)
{
	bool found, same;
	int rc;

	in->counts->updated++;
	sqlite3_bind_int64(in->old, 1, seq);
	rc = db_row(in->db, in->old, &found);
	same = found && same_but_revision(row, in->old);
	sqlite3_reset(in->old);
	if (rc || !same)
		return rc ? rc : replace(in, seq, row);
	sqlite3_bind_int64(in->revise, 1, seq);
	sqlite3_bind_int64(in->revise, 2, row->revision);
	return db_step(in->db, in->revise);
}

/* A row at which the statement stopped: it has a revision, and was there. */
static int settle(struct insert *in, const struct row *row)
{
	bool found = false, newer = false;
	int64_t seq;
	int rc = find(in, row, &found, &seq);

	if (!rc && found)
		rc = is_newer(in, seq, row->revision, &newer);
	if (rc || !newer)
		return rc;
	in->counts->known--;
	return update(in, seq, row);
}

int insert_flush(struct insert *in)
{
	struct rows *rows = &in->rows;
	int rc = 0;

	while (!rc && rows->at < rows->n) {
		size_t first = rows->at;
		int64_t added;

		sqlite3_bind_int64(in->add, 1, in->run);
		rc = db_step(in->db, in->add);
		if (rc)
			break;
		added = sqlite3_changes64(in->db->sql);
		in->counts->inserted += added;
		in->counts->known += (int64_t)(rows->at - first) + rows->unsettled - added;
		in->expect_known = !added;
		if (rows->unsettled)
			rc = settle(in, rows->items[rows->at++]);
	}
	insert_forget(in);
	return rc;
}

void insert_forget(struct insert *in)
{
	rows_clear(&in->rows);
}

int insert_event(struct insert *in, const struct row *row, int64_t run)
{
	int rc = rows_full(&in->rows) ? insert_flush(in) : 0;
	bool found = false, newer = false;
	int64_t seq;

	in->run = run;
	/* Known events come in rows, new ones as well: while they are known, none waits. */
	if (!rc && in->expect_known)
		rc = find(in, row, &found, &seq);
	if (!rc && found)
		rc = is_newer(in, seq, row->revision, &newer);
	if (rc)
		return rc;
	if (newer)
		return update(in, seq, row);
	in->counts->known += found;
	in->expect_known = found;
	if (!found)
		rows_add(&in->rows, row);
	return 0;
}
