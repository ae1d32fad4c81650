/* SPDX-License-Identifier: ISC */
#include "related.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "event.h"
#include "functions.h"
#include "log.h"
#include "refs.h"
#include "row.h"
#include "xalloc.h"

/* Of each relation so many, on either side in the order of arrival. */
enum { SEEDS_MOST = 8, SIDE_MOST = 100, FILE_SIDE_MOST = 25, TIME_SIDE = 5, REFS_MOST = 64, FILES_MOST = 32 };

struct gather {
	struct db *db;
	const char *words; /* the table of the full text index */
	struct row row;    /* the event whose neighbours are looked for */
	char *source_id;
};

/* ---- statements ---- */

/* Runs a statement of the parameters ?1 why, ?2 and ?3 texts, ?4 a number, ?5 the seq of the event. */
static int run(struct gather *g, const char *sql, const char *why, const char *a, const char *b,
	       int64_t number)
{
	sqlite3_stmt *stmt = NULL;
	int rc = db_prepare(g->db, &stmt, sql);
	int n = rc ? 0 : sqlite3_bind_parameter_count(stmt);

	if (n >= 1)
		sqlite3_bind_text(stmt, 1, why, -1, SQLITE_STATIC);
	if (n >= 2)
		sqlite3_bind_text(stmt, 2, a, -1, SQLITE_STATIC);
	if (n >= 3)
		sqlite3_bind_text(stmt, 3, b, -1, SQLITE_STATIC);
	if (n >= 4)
		sqlite3_bind_int64(stmt, 4, number);
	if (n >= 5)
		sqlite3_bind_int64(stmt, 5, g->row.seq);
	if (!rc)
		rc = db_step(g->db, stmt);
	sqlite3_finalize(stmt);
	return rc;
}

/* What the index finds for ?2 and `verify` confirms, nearest to the event on both sides. */
static int find_words(struct gather *g, const char *verify, int most, const char *why, const char *words,
		      const char *b, int64_t number)
{
	static const char *const sides[] = {"w.rowid <= ?5 ORDER BY w.rowid DESC",
					    "w.rowid > ?5 ORDER BY w.rowid"};
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++) {
		char *sql = xasprintf(
			"INSERT OR IGNORE INTO temp.related(why, seq) SELECT ?1, e.seq FROM %s w"
			" CROSS JOIN event_rows e ON e.seq = w.rowid LEFT JOIN sources s USING (source)"
			" WHERE w.words MATCH ?2 AND %s AND %s LIMIT %d",
			g->words, verify, sides[i], most);

		rc = run(g, sql, why, words, b, number);
		free(sql);
	}
	return rc;
}

/* A phrase of FTS5 in one column. */
static void add_phrase(struct buf *out, const char *column, const char *text, size_t n)
{
	buf_addf(out, "%s : \"", column);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, text[i]);
	}
	buf_addc(out, '"');
}

/* ---- commits ---- */

static int find_commit(struct gather *g, const char *oid, size_t len)
{
	char *from = xasprintf("commit/%.*s", (int)len, oid), *to = xasprintf("%sg", from),
	     *why = xasprintf("commit %.*s", REFS_OID_LEAST, oid);
	int rc = run(g,
		     "INSERT OR IGNORE INTO temp.related(why, seq) SELECT ?1, e.seq FROM sources s"
		     " CROSS JOIN event_rows e ON e.source = s.source WHERE e.id >= ?2 AND e.id < ?3",
		     why, from, to, 0);

	free(from);
	free(to);
	free(why);
	return rc;
}

/* Who names this commit, in full or by its first letters. */
static int find_mentions_of_commit(struct gather *g, const char *oid, size_t len)
{
	char *why = xasprintf("names %.*s", REFS_OID_LEAST, oid);
	struct buf words = {0};
	int rc;

	add_phrase(&words, "links", oid, len);
	for (size_t n = REFS_OID_LEAST; n <= len; n++) {
		buf_adds(&words, " OR ");
		add_phrase(&words, "content", oid, n);
	}
	rc = find_words(g, "1", SIDE_MOST, why, buf_cstr(&words), NULL, 0);
	buf_release(&words);
	free(why);
	return rc;
}

static int find_commits_in(struct gather *g, int column, size_t least)
{
	size_t n, at = 0, len;
	const char *s = row_text(&g->row, column, &n), *oid;
	int rc = 0;

	for (int i = 0; !rc && i < REFS_MOST && s && refs_next_oid(s, n, least, &at, &oid, &len); i++)
		rc = find_commit(g, oid, len);
	return rc;
}

static int find_commits(struct gather *g)
{
	size_t n;
	const char *oid = row_text(&g->row, EVENT_GIT_COMMIT, &n);
	int rc = 0;

	if (oid && n >= REFS_OID_LEAST) {
		rc = find_commit(g, oid, n);
		if (!rc)
			rc = find_mentions_of_commit(g, oid, n);
	}
	if (!rc)
		rc = find_commits_in(g, EVENT_CONTENT, REFS_OID_LEAST);
	return rc ? rc : find_commits_in(g, EVENT_METADATA, REFS_OID);
}

/* ---- sessions and numbers ---- */

static int find_session(struct gather *g, const char *session, size_t n, const char *why)
{
	char *exact = xstrndup(session, n);
	struct buf words = {0};
	int rc;

	buf_adds(&words, "links : ");
	functions_link(&words, LINK_SESSION, session, n);
	rc = find_words(g, "e.session_id = ?3", SIDE_MOST, why, buf_cstr(&words), exact, 0);
	buf_release(&words);
	free(exact);
	return rc;
}

/* The issues and pull requests that the content names. */
static int find_named_numbers(struct gather *g)
{
	const char *own = refs_repo(g->source_id), *s;
	struct refs_number found;
	size_t n, at = 0;
	int rc = 0;

	s = row_text(&g->row, EVENT_CONTENT, &n);
	for (int i = 0; !rc && i < REFS_MOST && s && refs_next_number(s, n, &at, &found); i++) {
		struct buf session = {0}, why = {0};

		if (!found.repo && !own)
			continue;
		buf_addf(&session, "github:%.*s#%" PRId64,
			 found.repo ? (int)found.repo_len : (int)strlen(own), found.repo ? found.repo : own,
			 found.number);
		buf_addf(&why, "#%" PRId64, found.number);
		rc = find_session(g, session.data, session.len, buf_cstr(&why));
		buf_release(&session);
		buf_release(&why);
	}
	return rc;
}

/* Who names the issue or pull request that this event is part of: session_id is github:owner/name#12. */
static int find_mentions_of_number(struct gather *g)
{
	size_t n;
	const char *session = row_text(&g->row, EVENT_SESSION_ID, &n),
		   *hash = session ? strrchr(session, '#') : NULL;
	char *repo, words[48], why[32];
	int64_t number;
	int rc;

	if (!hash || strncmp(session, "github:", 7) || (number = strtoll(hash + 1, NULL, 10)) <= 0)
		return 0;
	repo = xstrndup(session + 7, (size_t)(hash - session - 7));
	snprintf(words, sizeof(words), "content : \"%" PRId64 "\"", number);
	snprintf(why, sizeof(why), "names #%" PRId64, number);
	rc = find_words(g, "mentions(e.content, s.source_id, ?3, ?4)", SIDE_MOST, why, words, repo, number);
	free(repo);
	return rc;
}

static int find_sessions(struct gather *g)
{
	size_t n;
	const char *session = row_text(&g->row, EVENT_SESSION_ID, &n);
	int rc = session && n ? find_session(g, session, n, "session") : 0;

	if (!rc)
		rc = find_named_numbers(g);
	return rc ? rc : find_mentions_of_number(g);
}

/* ---- files and time ---- */

static int find_file(struct gather *g, const char *path, size_t n)
{
	char *exact = xstrndup(path, n);
	struct buf words = {0};
	int rc;

	buf_adds(&words, "links : ");
	functions_link(&words, LINK_FILE, path, n);
	rc = find_words(g, "has_line(event_paths(e.file_path, e.context), ?3)", FILE_SIDE_MOST, exact,
			buf_cstr(&words), exact, 0);
	buf_release(&words);
	free(exact);
	return rc;
}

static int find_files(struct gather *g)
{
	struct member path, context;
	struct buf paths = {0};
	int rc = 0;

	path.text = row_text(&g->row, EVENT_FILE_PATH, &path.len);
	context.text = row_text(&g->row, EVENT_CONTEXT, &context.len);
	functions_paths(&paths, path, context);
	for (size_t at = 0, i = 0; !rc && at < paths.len && i < FILES_MOST; i++) {
		const char *line = paths.data + at, *end = memchr(line, '\n', paths.len - at);
		size_t n = end ? (size_t)(end - line) : paths.len - at;

		if (n)
			rc = find_file(g, line, n);
		at += n + 1;
	}
	buf_release(&paths);
	return rc;
}

static int find_in_time(struct gather *g)
{
	static const char *const sides[2][3] = {{"before", "<", "DESC"}, {"after", ">", "ASC"}};
	size_t n;
	char *timestamp = xstrdup(row_text(&g->row, EVENT_TIMESTAMP, &n));
	int64_t project = row_has(&g->row, EVENT_PROJECT_ID) ? row_integer(&g->row, EVENT_PROJECT_ID) : 1;
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++) {
		char *sql = xasprintf(
			"INSERT OR IGNORE INTO temp.related(why, seq) SELECT ?1, seq FROM event_rows"
			" WHERE (timestamp, seq) %s (?2, ?5)"
			" AND coalesce(project_id, 1) = ?4 ORDER BY timestamp %s, seq %s LIMIT %d",
			sides[i][1], sides[i][2], sides[i][2], TIME_SIDE);

		rc = run(g, sql, sides[i][0], timestamp, NULL, project);
		free(sql);
	}
	free(timestamp);
	return rc;
}

/* ---- the whole ---- */

static int find_all(struct gather *g)
{
	size_t n;
	const char *source_id = row_text(&g->row, EVENT_SOURCE_ID, &n);
	int rc;

	g->source_id = xstrdup(source_id ? source_id : "");
	rc = find_commits(g);
	if (!rc)
		rc = find_sessions(g);
	if (!rc)
		rc = find_files(g);
	if (!rc)
		rc = find_in_time(g);
	free(g->source_id);
	return rc;
}

/* The events of that id; or the commits whose hash begins so. */
static int find_seeds(struct db *db, const char *id, int64_t *seqs, int *n)
{
	static const char *const by[] = {"e.id = ?1",
					 "e.id >= 'commit/' || ?1 AND e.id < 'commit/' || ?1 || 'g'"};
	bool is_oid = strlen(id) >= REFS_OID_LEAST && !id[strspn(id, "0123456789abcdef")];
	int rc = 0;

	for (int i = 0; !rc && !*n && i < 1 + is_oid; i++) {
		char *sql = xasprintf(
			"SELECT e.seq FROM sources s CROSS JOIN event_rows e ON e.source = s.source WHERE %s",
			by[i]);
		sqlite3_stmt *stmt = NULL;
		bool found = true;

		rc = db_prepare(db, &stmt, sql);
		if (!rc)
			sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
		while (!rc && *n < SEEDS_MOST && !(rc = db_row(db, stmt, &found)) && found)
			seqs[(*n)++] = sqlite3_column_int64(stmt, 0);
		sqlite3_finalize(stmt);
		free(sql);
	}
	return rc;
}

static int gather_seed(struct gather *g, int64_t seq)
{
	bool found = false;
	int rc = row_get(&g->row, seq, &found);

	if (!rc && found)
		rc = run(g, "INSERT OR REPLACE INTO temp.related(why, seq) VALUES(?1, ?5)", "itself", NULL,
			 NULL, 0);
	return rc || !found ? rc : find_all(g);
}

int related_gather(struct db *db, const struct query *q)
{
	struct gather g = {.db = db, .words = q->words};
	int64_t seeds[SEEDS_MOST];
	int n = 0, rc;

	rc = db_exec(db, "CREATE TABLE temp.related(seq INTEGER PRIMARY KEY, why TEXT)");
	if (!rc)
		rc = find_seeds(db, q->related, seeds, &n);
	if (!rc && !n)
		return log_error(EX_NOINPUT,
				 "%s: no event has the id '%s', nor is it seven letters and more of a "
				 "commit's hash",
				 db->path, q->related);
	if (!rc)
		rc = row_open(&g.row, db);
	for (int i = 0; !rc && i < n; i++)
		rc = gather_seed(&g, seeds[i]);
	row_close(&g.row);
	return rc;
}

int related_open(struct db *db, sqlite3_stmt **stmt)
{
	return db_prepare(db, stmt, "SELECT why FROM temp.related WHERE seq = ?1");
}

const char *related_why(sqlite3_stmt *stmt, int64_t seq)
{
	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, seq);
	return sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
}
