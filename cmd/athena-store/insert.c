/* SPDX-License-Identifier: ISC */
#include "insert.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/*
 * Parameters: 1 source, 2 run, then a column each in the order of enum
 * event_column (source_id's is not used), extra.
 */
enum {
	EXTRA = EVENT_COLUMNS,
	P_SOURCE = 1,
	P_RUN,
	P_COLUMNS,
	P_EXTRA = P_COLUMNS + EVENT_COLUMNS,
	P_SEQ,
	P_NEW_SEQ
};

static bool is_stored(int column)
{
	return column != EVENT_SOURCE_ID;
}

/* ---- the statements ---- */

/* INSERT INTO event_rows(source, run, id, ...) VALUES(?1, ?2, ?3, ...) */
static void write_add(struct buf *sql)
{
	buf_adds(sql, "INSERT INTO event_rows(source, run");
	for (int c = 0; c < EVENT_COLUMNS; c++)
		if (is_stored(c))
			buf_addf(sql, ", %s", event_column_names[c]);
	buf_adds(sql, ", extra) VALUES(?1, ?2");
	for (int c = 0; c < EVENT_COLUMNS; c++)
		if (is_stored(c))
			buf_addf(sql, ", ?%d", P_COLUMNS + c);
	buf_addf(sql, ", ?%d) ON CONFLICT DO NOTHING", P_EXTRA);
}

static void write_replace(struct buf *sql)
{
	buf_addf(sql, "UPDATE event_rows SET seq = ?%d, source = ?1, run = ?2", P_NEW_SEQ);
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
	buf_addf(sql, "INSERT INTO event_history(seq, %s extra, run, replaced_by) ", buf_cstr(&names));
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

int insert_open(struct insert *in, struct db *db)
{
	int rc;

	*in = (struct insert){.db = db};
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
	buf_release(&in->arena);
	*in = (struct insert){0};
}

/* ---- the values ---- */

/* Bytes that unescaping and `extra` can take: known before, so that the arena does not move. */
static size_t room_needed(const struct jsonscan *scan, const struct event_fields *f)
{
	size_t n = 2;

	for (int c = 0; c < EVENT_COLUMNS; c++)
		if (f->column[c] && f->column[c]->escaped)
			n += f->column[c]->len;
	for (size_t i = 0; i < f->unknown; i++) {
		const struct jsonscan_member *m = &scan->members[f->unknown_at[i]];

		n += m->name_len + m->len + 4; /* two quotes, colon, comma */
	}
	return n;
}

static struct insert_value text_value(struct insert *in, const struct jsonscan_member *m)
{
	struct insert_value v = {.text = m->value, .len = m->len, .present = true};

	if (m->type != JSONSCAN_STRING)
		return v; /* an object, as it came */
	v.text++;
	v.len -= 2;
	if (m->escaped) {
		char *to = in->arena.data + in->arena.len;

		v.len = jsonscan_unescape(v.text, v.len, to);
		v.text = to;
		in->arena.len += v.len;
	}
	return v;
}

/* Members that have no column, as an object: names and values byte for byte as they came. */
static struct insert_value extra_value(struct insert *in, const struct jsonscan *scan,
				       const struct event_fields *f)
{
	struct buf *out = &in->arena;
	size_t start = out->len;

	if (!f->unknown)
		return (struct insert_value){0};
	for (size_t i = 0; i < f->unknown; i++) {
		const struct jsonscan_member *m = &scan->members[f->unknown_at[i]];

		buf_adds(out, i ? ",\"" : "{\"");
		buf_add(out, m->name, m->name_len);
		buf_adds(out, "\":");
		buf_add(out, m->value, m->len);
	}
	buf_addc(out, '}');
	return (struct insert_value){.text = out->data + start, .len = out->len - start, .present = true};
}

/* The id alone: of a known event nothing else is needed. */
static void take_id(struct insert *in, const struct jsonscan *scan, const struct event_fields *f)
{
	buf_reset(&in->arena);
	buf_reserve(&in->arena, room_needed(scan, f));
	in->values[EVENT_ID] = text_value(in, f->column[EVENT_ID]);
	in->taken = false;
}

/* All the rest, once. */
static void take_rest(struct insert *in, const struct jsonscan *scan, const struct event_fields *f)
{
	if (in->taken)
		return;
	for (int c = 0; c < EVENT_COLUMNS; c++) {
		if (c == EVENT_ID)
			continue;
		if (!f->column[c] || !is_stored(c))
			in->values[c] = (struct insert_value){0};
		else if (event_column_is_integer((enum event_column)c))
			in->values[c] = (struct insert_value){.integer = f->integer[c], .present = true};
		else
			in->values[c] = text_value(in, f->column[c]);
	}
	in->values[EXTRA] = extra_value(in, scan, f);
	in->taken = true;
}

static void bind_values(const struct insert *in, sqlite3_stmt *stmt, int64_t source, int64_t run)
{
	sqlite3_bind_int64(stmt, P_SOURCE, source);
	sqlite3_bind_int64(stmt, P_RUN, run);
	for (int c = 0; c <= EXTRA; c++) {
		const struct insert_value *v = &in->values[c];

		if (!is_stored(c))
			continue;
		if (v->present && !v->text)
			sqlite3_bind_int64(stmt, P_COLUMNS + c, v->integer);
		else
			db_bind_text(stmt, P_COLUMNS + c, v->text, (int64_t)v->len);
	}
}

/* ---- one event ---- */

/* True when the row of `old` says the same as the new values; the revision is not compared. */
static bool same_but_revision(const struct insert *in, sqlite3_stmt *old)
{
	for (int c = 0; c <= EXTRA; c++) {
		const struct insert_value *v = &in->values[c];
		bool present = sqlite3_column_type(old, c) != SQLITE_NULL;

		if (c == EVENT_REVISION || !is_stored(c))
			continue;
		if (present != v->present)
			return false;
		if (!present)
			continue;
		if (!v->text && sqlite3_column_int64(old, c) != v->integer)
			return false;
		if (v->text && ((size_t)sqlite3_column_bytes(old, c) != v->len ||
				memcmp(sqlite3_column_blob(old, c), v->text, v->len)))
			return false;
	}
	return true;
}

/* By the index alone: a replay does not read the rows. */
static int find(struct insert *in, int64_t source, bool *found, int64_t *seq)
{
	const struct insert_value *id = &in->values[EVENT_ID];
	int rc;

	sqlite3_bind_int64(in->find, 1, source);
	db_bind_text(in->find, 2, id->text, (int64_t)id->len);
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
static int replace(struct insert *in, int64_t seq, int64_t source, int64_t run)
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
	bind_values(in, in->replace, source, run);
	sqlite3_bind_int64(in->replace, P_SEQ, seq);
	sqlite3_bind_int64(in->replace, P_NEW_SEQ, next);
	return rc ? rc : db_step(in->db, in->replace);
}

static int update(struct insert *in, int64_t seq, int64_t source, int64_t run)
{
	bool found, same;
	int rc;

	sqlite3_bind_int64(in->old, 1, seq);
	rc = db_row(in->db, in->old, &found);
	same = found && same_but_revision(in, in->old);
	sqlite3_reset(in->old);
	if (rc || !same)
		return rc ? rc : replace(in, seq, source, run);
	sqlite3_bind_int64(in->revise, 1, seq);
	sqlite3_bind_int64(in->revise, 2, in->values[EVENT_REVISION].integer);
	return db_step(in->db, in->revise);
}

/* Inserts unless the identity is there. */
static int add(struct insert *in, int64_t source, int64_t run, bool *added)
{
	int rc;

	bind_values(in, in->add, source, run);
	rc = db_step(in->db, in->add);
	*added = !rc && sqlite3_changes(in->db->sql) > 0;
	return rc;
}

int insert_event(struct insert *in, const struct jsonscan *scan, const struct event_fields *fields,
		 int64_t source, int64_t run, enum insert_result *what)
{
	int64_t seq = 0, revision = fields->column[EVENT_REVISION] ? fields->integer[EVENT_REVISION] : 0;
	bool found = false, added = false, newer = false;
	int rc = 0;

	take_id(in, scan, fields);
	/* Known events come in rows, new ones as well: what the last one was saves a statement. */
	if (in->expect_known)
		rc = find(in, source, &found, &seq);
	if (!rc && !found) {
		take_rest(in, scan, fields);
		rc = add(in, source, run, &added);
	}
	if (!rc && !found && !added)
		rc = find(in, source, &found, &seq);
	in->expect_known = !added;
	*what = added ? INSERT_NEW : INSERT_KNOWN;
	if (!rc && !added)
		rc = is_newer(in, seq, revision, &newer);
	if (rc || !newer)
		return rc;
	*what = INSERT_UPDATED;
	take_rest(in, scan, fields);
	return update(in, seq, source, run);
}
