/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "say.h"
#include "version.h"

/* A list of statements and where they go. */
static int prepare_all(struct record *r)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} all[] = {
		{&r->begin, "INSERT INTO runs(started_at, version) VALUES(?1, '" ATHENA_VERSION "')"},
		{&r->counts,
		 "UPDATE runs SET lines = ?2, bytes = ?3, events = ?4, inserted = ?5, updated = ?6,"
		 " known = ?7, rejected = ?8, missing = ?9, gaps = ?10, cut_short = ?11 WHERE run = ?1"},
		{&r->end, "UPDATE runs SET ended_at = ?2, exit_code = ?3 WHERE run = ?1"},
		{&r->source,
		 "INSERT OR REPLACE INTO run_sources(run, source_id, events, checkpoints, missing, final,"
		 " gap, cut_short) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
		{&r->source_find, "SELECT source FROM sources WHERE source_id = ?1"},
		{&r->source_add, "INSERT INTO sources(source_id) VALUES(?1)"},
		{&r->reject, "INSERT INTO rejects(run, line, reason, raw) VALUES(?1, ?2, ?3, ?4)"},
		{&r->known, "SELECT 1 FROM positions WHERE source_id = ?1 AND position = ?2"},
		{&r->log, "INSERT OR IGNORE INTO positions(source_id, position, run) VALUES(?1, ?2, ?3)"},
		/* What was logged before is an old stream again: it does not take the cursor back. */
		{&r->cursor, "INSERT INTO cursors(source_id, position, cursor, final, committed_at, run)"
			     " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(source_id) DO UPDATE SET"
			     " (position, cursor, final, committed_at, run) = (?2, ?3, ?4, ?5, ?6)"
			     " WHERE ?7 OR position = ?2"},
		{&r->at, "SELECT position FROM cursors WHERE source_id = ?1"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int rc = db_prepare(r->db, all[i].stmt, all[i].sql);

		if (rc)
			return rc;
	}
	return 0;
}

int record_open(struct record *r, struct db *db)
{
	*r = (struct record){.db = db};
	stamp_format(stamp_now(), r->started);
	return prepare_all(r);
}

void record_close(struct record *r)
{
	sqlite3_stmt *const all[] = {r->begin,  r->counts, r->end, r->source, r->source_find, r->source_add,
				     r->reject, r->known,  r->log, r->cursor, r->at};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sqlite3_finalize(all[i]);
	*r = (struct record){0};
}

static void bind_string(sqlite3_stmt *stmt, int at, const char *s)
{
	db_bind_text(stmt, at, s, (int64_t)strlen(s));
}

/* ---- the run ---- */

int record_run(struct record *r)
{
	int rc;

	if (r->run)
		return 0;
	bind_string(r->begin, 1, r->started);
	rc = db_step(r->db, r->begin);
	if (!rc)
		r->run = sqlite3_last_insert_rowid(r->db->sql);
	return rc;
}

int record_counts(struct record *r, const struct counts *n)
{
	const int64_t values[] = {r->run,   n->lines,    n->bytes,   n->events, n->inserted, n->updated,
				  n->known, n->rejected, n->missing, n->gaps,   n->cut_short};

	for (int i = 0; i < (int)(sizeof(values) / sizeof(*values)); i++)
		sqlite3_bind_int64(r->counts, i + 1, values[i]);
	return db_step(r->db, r->counts);
}

int record_end(struct record *r, int exit_code)
{
	char now[STAMP_SIZE];

	stamp_format(stamp_now(), now);
	sqlite3_bind_int64(r->end, 1, r->run);
	bind_string(r->end, 2, now);
	sqlite3_bind_int64(r->end, 3, exit_code);
	return db_step(r->db, r->end);
}

int record_number(struct record *r, const char *source_id, int64_t *number)
{
	bool found;
	int rc;

	bind_string(r->source_find, 1, source_id);
	rc = db_row(r->db, r->source_find, &found);
	*number = found ? sqlite3_column_int64(r->source_find, 0) : 0;
	sqlite3_reset(r->source_find);
	if (rc || found)
		return rc;
	bind_string(r->source_add, 1, source_id);
	rc = db_step(r->db, r->source_add);
	*number = sqlite3_last_insert_rowid(r->db->sql);
	return rc;
}

int record_source(struct record *r, const struct stream *s, bool cut_short)
{
	const struct source *source = s->user;
	const int64_t values[] = {s->total,           source->checkpoints, s->missing,
				  s->any && s->final, source->gap,         cut_short};

	sqlite3_bind_int64(r->source, 1, r->run);
	bind_string(r->source, 2, s->source_id);
	for (int i = 0; i < (int)(sizeof(values) / sizeof(*values)); i++)
		sqlite3_bind_int64(r->source, i + 3, values[i]);
	return db_step(r->db, r->source);
}

int record_reject(struct record *r, int64_t line, const char *reason, const char *raw, size_t n)
{
	sqlite3_bind_int64(r->reject, 1, r->run);
	sqlite3_bind_int64(r->reject, 2, line);
	bind_string(r->reject, 3, reason);
	sqlite3_bind_blob64(r->reject, 4, raw, n, SQLITE_STATIC);
	return db_step(r->db, r->reject);
}

/* ---- positions ---- */

int record_knows(struct record *r, const char *source_id, const char *position, bool *known)
{
	int rc;

	bind_string(r->known, 1, source_id);
	bind_string(r->known, 2, position);
	rc = db_row(r->db, r->known, known);
	sqlite3_reset(r->known);
	return rc;
}

int record_position(struct record *r, const struct checkpoint *cp)
{
	char now[STAMP_SIZE];
	int rc;

	bind_string(r->log, 1, cp->source_id);
	bind_string(r->log, 2, cp->next);
	sqlite3_bind_int64(r->log, 3, r->run);
	rc = db_step(r->db, r->log);
	stamp_format(stamp_now(), now);
	bind_string(r->cursor, 1, cp->source_id);
	bind_string(r->cursor, 2, cp->next);
	bind_string(r->cursor, 3, cp->cursor);
	sqlite3_bind_int64(r->cursor, 4, cp->final);
	bind_string(r->cursor, 5, now);
	sqlite3_bind_int64(r->cursor, 6, r->run);
	sqlite3_bind_int(r->cursor, 7, sqlite3_changes(r->db->sql));
	return rc ? rc : db_step(r->db, r->cursor);
}

int record_at(struct record *r, const char *source_id, char position[SHA256_HEX])
{
	bool found;
	int rc;

	*position = '\0';
	bind_string(r->at, 1, source_id);
	rc = db_row(r->db, r->at, &found);
	if (found && sqlite3_column_bytes(r->at, 0) == SHA256_HEX - 1)
		memcpy(position, sqlite3_column_text(r->at, 0), SHA256_HEX);
	sqlite3_reset(r->at);
	return rc;
}

int record_print_cursor(struct db *db, const char *source_id)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc = db_prepare(db, &stmt, "SELECT cursor FROM cursors WHERE source_id = ?1");

	if (!rc) {
		bind_string(stmt, 1, source_id);
		rc = db_row(db, stmt, &found);
	}
	if (!rc && !found)
		rc = log_error(EX_CONFIG, "%s: holds no cursor of %s", db->path, source_id);
	if (found)
		rc = say_bytes(sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
	sqlite3_finalize(stmt);
	return rc;
}
