/* SPDX-License-Identifier: ISC */
#include "fulltext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "indexfile.h"
#include "log.h"
#include "stamp.h"
#include "tokenizer.h"
#include "xalloc.h"

enum {
	VERSION = 2,      /* user_version; another one is made anew */
	BATCH = 250000,   /* rows in a transaction */
	WORD_COLUMNS = 3, /* seq, and what is indexed */
	LOOK = 4096,      /* rows between two looks at the clock */
};

#define WORDS "words USING fts5(content, links, content='', tokenize='" TOKENIZER "')"

/* ---- opening ---- */

static int refuse(const char *path)
{
	return log_error(EX_CONFIG, "%s: stands where the full text index belongs, and is none; move it away",
			 path);
}

/* Within a transaction: the tables of this version, in a file that is empty or ours. */
static int create_tables(struct db *index)
{
	int64_t application = 0, version = 0, objects = 0;
	char text[80];
	int rc = db_integer(index, "PRAGMA application_id", &application);

	if (!rc)
		rc = db_integer(index, "PRAGMA user_version", &version);
	if (!rc)
		rc = db_integer(index, "SELECT count(*) FROM sqlite_schema", &objects);
	if (rc || (application == INDEXFILE_APPLICATION && version == VERSION))
		return rc;
	if (application != INDEXFILE_APPLICATION && (application || objects))
		return refuse(index->path);
	snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 INDEXFILE_APPLICATION, VERSION);
	rc = db_exec(index,
		     "DROP TABLE IF EXISTS words; DROP TABLE IF EXISTS state; CREATE VIRTUAL TABLE " WORDS ";"
		     "CREATE TABLE state(last INTEGER NOT NULL, source_id TEXT, id TEXT, timestamp TEXT)");
	return rc ? rc : db_exec(index, text);
}

/* Without a lock where there is nothing to do: another process may be busy with it. */
static int create(struct db *index)
{
	int64_t version = 0;
	int rc = db_use_wal(index);

	if (!rc)
		rc = db_exec(index, "PRAGMA synchronous = NORMAL");
	if (!rc)
		rc = db_integer(index, "PRAGMA user_version", &version);
	if (!rc && version == VERSION && indexfile_look(index->path) == INDEXFILE_OURS)
		return 0;
	if (!rc)
		rc = db_begin(index);
	if (!rc)
		rc = create_tables(index);
	if (!rc)
		rc = db_commit(index);
	db_rollback(index);
	return rc;
}

static int open_index(struct fulltext *f)
{
	int rc;

	if (indexfile_look(f->path) == INDEXFILE_FOREIGN)
		return refuse(f->path);
	f->index = (struct db){.path = f->path, .busy_us = 600 * STAMP_SECOND};
	rc = db_open(&f->index, DB_WRITE);
	if (!rc)
		rc = tokenizer_register(&f->index);
	return rc ? rc : create(&f->index);
}

/* ---- bringing it up to date ---- */

/* The last event that is indexed, which tells whether the index is of this database as it is. */
struct mark {
	int64_t last;
	char *source_id, *id, *timestamp;
};

/* What one is read from. */
#define MARK     "SELECT seq, source_id, id, timestamp FROM "
#define EVENT    MARK "event_rows LEFT JOIN sources USING (source) WHERE seq = ?1"
#define REPLACED MARK "event_history WHERE seq = ?1"
#define INDEXED  "SELECT last, source_id, id, timestamp FROM state"

static char *column(sqlite3_stmt *stmt, int at)
{
	const char *s = (const char *)sqlite3_column_text(stmt, at);

	return xstrdup(s ? s : "");
}

static void release_mark(struct mark *m)
{
	free(m->source_id);
	free(m->id);
	free(m->timestamp);
	*m = (struct mark){0};
}

/* seq, source_id, id and timestamp, from wherever; nothing where there is none. */
static int read_mark(struct db *db, const char *sql, int64_t seq, struct mark *m)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc = db_prepare(db, &stmt, sql);

	*m = (struct mark){0};
	if (!rc && sqlite3_bind_parameter_count(stmt))
		sqlite3_bind_int64(stmt, 1, seq);
	if (!rc)
		rc = db_row(db, stmt, &found);
	if (found)
		*m = (struct mark){sqlite3_column_int64(stmt, 0), column(stmt, 1), column(stmt, 2),
				   column(stmt, 3)};
	sqlite3_finalize(stmt);
	return rc;
}

/* Is what was indexed last still there, or was it replaced by a newer version? Else the database is another one. */
static int is_same(struct db *db, const struct mark *m, bool *same)
{
	struct mark now;
	int rc = read_mark(db, EVENT " UNION ALL " REPLACED, m->last, &now);

	*same = !m->last || (now.last == m->last && !strcmp(now.source_id, m->source_id) &&
			     !strcmp(now.id, m->id) && !strcmp(now.timestamp, m->timestamp));
	release_mark(&now);
	return rc;
}

/* Indexes at most BATCH rows behind *last, which is moved; *more tells whether some are left. */
static int add_rows(struct db *db, struct db *index, const char *table, int64_t *last, int64_t total,
		    bool *more)
{
	sqlite3_stmt *from = NULL, *to = NULL;
	char *sql = xasprintf("INSERT INTO %s(rowid, content, links) VALUES(?1, ?2, ?3)", table);
	int rc = db_prepare(
		db, &from,
		"SELECT seq, content, event_links(id, session_id, file_path, context, git_commit, metadata)"
		" FROM event_rows WHERE seq > ?1 ORDER BY seq");

	if (!rc)
		rc = db_prepare(index, &to, sql);
	if (!rc)
		sqlite3_bind_int64(from, 1, *last);
	for (int64_t n = 0; !rc && n < BATCH; n++) {
		rc = db_row(db, from, more);
		if (rc || !*more)
			break;
		*last = sqlite3_column_int64(from, 0);
		sqlite3_bind_int64(to, 1, *last);
		for (int c = 1; c < WORD_COLUMNS; c++)
			sqlite3_bind_value(to, c + 1, sqlite3_column_value(from, c));
		rc = db_step(index, to);
		if (n % LOOK == 0)
			log_progress("indexed", (uint64_t)*last, (uint64_t)total);
	}
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	free(sql);
	return rc;
}

static int write_mark(struct db *db, struct db *index, int64_t last)
{
	sqlite3_stmt *stmt = NULL;
	struct mark m;
	int rc = read_mark(db, EVENT, last, &m);

	if (!rc)
		rc = db_exec(index, "DELETE FROM state");
	if (!rc)
		rc = db_prepare(index, &stmt, "INSERT INTO state VALUES(?1, ?2, ?3, ?4)");
	if (!rc) {
		sqlite3_bind_int64(stmt, 1, last);
		sqlite3_bind_text(stmt, 2, m.source_id, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 3, m.id, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 4, m.timestamp, -1, SQLITE_STATIC);
		rc = db_step(index, stmt);
	}
	sqlite3_finalize(stmt);
	release_mark(&m);
	return rc;
}

/* One transaction of the index. Another process may have come before: what it did is seen under the lock. */
static int update_batch(struct db *db, struct db *index, int64_t total, bool *more)
{
	struct mark m = {0};
	bool same = false;
	int rc = db_begin(index);
	int64_t last;

	if (!rc)
		rc = read_mark(index, INDEXED, 0, &m);
	if (!rc)
		rc = is_same(db, &m, &same);
	if (!rc && !same)
		rc = db_exec(index, "INSERT INTO words(words) VALUES('delete-all')");
	last = same ? m.last : 0;
	release_mark(&m);
	if (!rc)
		rc = add_rows(db, index, "words", &last, total, more);
	if (!rc && last)
		rc = write_mark(db, index, last);
	if (!rc)
		rc = db_commit(index);
	db_rollback(index);
	return rc;
}

/* Without a lock, as it is most of the time: is there nothing to do? */
static int is_up_to_date(struct db *db, struct db *index, int64_t total, bool *yes)
{
	struct mark m = {0};
	int rc = read_mark(index, INDEXED, 0, &m);

	*yes = false;
	if (!rc && m.last == total)
		rc = is_same(db, &m, yes);
	release_mark(&m);
	return rc;
}

static int update(struct db *db, struct db *index, int64_t total)
{
	bool done = false, more = true;
	int rc = is_up_to_date(db, index, total, &done);

	while (!rc && !done && more)
		rc = update_batch(db, index, total, &more);
	log_progress_end();
	return rc;
}

/* ---- the whole ---- */

static int attach(const struct fulltext *f, struct db *db)
{
	sqlite3_stmt *stmt = NULL;
	int rc = db_prepare(db, &stmt, "ATTACH ?1 AS fulltext");

	if (!rc)
		sqlite3_bind_text(stmt, 1, f->path, -1, SQLITE_STATIC);
	if (!rc)
		rc = db_step(db, stmt);
	sqlite3_finalize(stmt);
	return rc;
}

/* Nowhere to keep it: made for this once. */
static int make_temporary(struct fulltext *f, struct db *db, int64_t total)
{
	int64_t last = 0;
	bool more = true;
	int rc = db_exec(db, "CREATE VIRTUAL TABLE temp." WORDS);

	log_note("%s: its full text index can be kept neither beside it nor in the cache folder, so it is "
		 "made for this once",
		 db->path);
	f->table = "temp.words";
	while (!rc && more)
		rc = add_rows(db, db, f->table, &last, total, &more);
	log_progress_end();
	return rc;
}

static int open_and_update(struct fulltext *f, struct db *db, int64_t total)
{
	int rc = open_index(f);

	return rc ? rc : update(db, &f->index, total);
}

int fulltext_open(struct fulltext *f, struct db *db)
{
	int64_t total = 0;
	int rc = tokenizer_register(db);

	if (!rc)
		rc = db_integer(db, "SELECT max(seq) FROM event_rows", &total);
	if (rc)
		return rc;
	f->path = indexfile_choose(db->path, f->cache);
	if (!f->path)
		return make_temporary(f, db, total);
	rc = open_and_update(f, db, total);
	if (rc == EX_DATAERR && indexfile_look(f->path) == INDEXFILE_OURS) {
		log_note("%s: is made anew", f->path);
		db_close(&f->index);
		indexfile_remove(f->path);
		rc = open_and_update(f, db, total);
	}
	f->table = "fulltext.words";
	return rc ? rc : attach(f, db);
}

void fulltext_close(struct fulltext *f)
{
	db_close(&f->index);
	free(f->path);
	*f = (struct fulltext){0};
}
