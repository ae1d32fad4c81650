/* SPDX-License-Identifier: ISC */
#include "select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configured.h"
#include "log.h"
#include "near.h"
#include "stamp.h"
#include "xalloc.h"

enum { SECOND_LEN = 19 }; /* "2024-05-01T12:00:00" */

/* ---- conditions and values ---- */

void select_and(struct select *s, const char *sql)
{
	if (s->where.len)
		buf_adds(&s->where, " AND ");
	buf_adds(&s->where, sql);
}

static struct select_value *add_value(struct select *s)
{
	s->values = xreallocarray(s->values, s->n + 1, sizeof(*s->values));
	s->values[s->n] = (struct select_value){0};
	return &s->values[s->n++];
}

void select_text(struct select *s, const char *value)
{
	add_value(s)->text = xstrdup(value);
}

void select_integer(struct select *s, int64_t value)
{
	add_value(s)->integer = value;
}

/* ---- words of the user's ---- */

void select_pattern(struct buf *out, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '[')
			buf_adds(out, "[[]");
		else
			buf_addc(out, *pattern);
	}
}

/* Any of the words; with a wildcard in it a word is a pattern. */
void select_words(struct select *s, const char *column, const struct opt_list *words)
{
	struct buf sql = {0}, pattern = {0};

	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->items[i];
		bool wild = strpbrk(word, "*?");

		buf_addf(&sql, "%s%s %s ?", i ? " OR " : "(", column, wild ? "GLOB" : "=");
		buf_reset(&pattern);
		if (wild)
			select_pattern(&pattern, word);
		select_text(s, wild ? buf_cstr(&pattern) : word);
	}
	buf_addc(&sql, ')');
	if (words->n)
		select_and(s, buf_cstr(&sql));
	buf_release(&sql);
	buf_release(&pattern);
}

static void add_sources(struct select *s, const struct query *q)
{
	struct select inner = {0};
	struct buf sql = {0};

	if (q->source_numbers) {
		for (size_t i = 0; i < q->n_source_numbers; i++) {
			buf_adds(&sql, i ? ", ?" : "e.source IN (?");
			select_integer(s, q->source_numbers[i]);
		}
		buf_adds(&sql, q->n_source_numbers ? ")" : "0");
		select_and(s, buf_cstr(&sql));
	} else if (q->sources.n) {
		select_words(&inner, "source_id", &q->sources);
		buf_addf(&sql, "e.source IN (SELECT source FROM sources WHERE %s)", buf_cstr(&inner.where));
		select_and(s, buf_cstr(&sql));
		for (size_t i = 0; i < inner.n; i++)
			select_text(s, inner.values[i].text);
	}
	select_release(&inner);
	buf_release(&sql);
}

/* No source has that id: one may have it as a part, which is what people remember, or it is a slip. */
int select_say_unknown(const struct query *q, struct db *db)
{
	const char *word = q->sources.items[0], *meant = configured_near(q->configured, word);
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc = db_prepare(
		db, &stmt,
		"SELECT source_id FROM sources WHERE instr(lower(source_id), lower(?1)) ORDER BY 1");

	if (!rc) {
		sqlite3_bind_text(stmt, 1, word, -1, SQLITE_STATIC);
		rc = db_row(db, stmt, &found);
	}
	if (!rc && found)
		meant = (const char *)sqlite3_column_text(stmt, 0);
	if (!rc && meant)
		log_note("%s: no source is called '%s'; did you mean '%s'? --status shows those there are",
			 db->path, word, meant);
	else if (!rc)
		log_note("%s: no source is called '%s'; --status shows those there are", db->path, word);
	sqlite3_finalize(stmt);
	return rc;
}

int select_resolve(struct query *q, struct db *db)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	bool found = true;
	int rc;

	if (!q->sources.n)
		return 0;
	buf_adds(&s.from, " FROM sources");
	select_words(&s, "source_id", &q->sources);
	rc = select_prepare(&s, db, "SELECT source", "", &stmt);
	q->source_numbers = xcalloc(1, sizeof(*q->source_numbers));
	while (!rc) {
		rc = db_row(db, stmt, &found);
		if (rc || !found)
			break;
		q->source_numbers =
			xreallocarray(q->source_numbers, q->n_source_numbers + 1, sizeof(*q->source_numbers));
		q->source_numbers[q->n_source_numbers++] = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc || q->n_source_numbers ? rc : select_say_unknown(q, db);
}

/* A kind or actor that no event has is said, with one that has it as a part, or was probably meant. */
static int say_word(struct db *db, const char *column, const char *word, bool *said)
{
	char *sql = xasprintf("SELECT DISTINCT %s FROM events WHERE %s IS NOT NULL", column, column);
	struct near n = near_to(word);
	sqlite3_stmt *stmt = NULL;
	char *best = NULL;
	bool found = true;
	int rc = strpbrk(word, "*?") ? 0 : db_prepare(db, &stmt, sql);

	while (!rc && stmt) {
		const char *there;

		rc = db_row(db, stmt, &found);
		if (rc || !found)
			break;
		there = (const char *)sqlite3_column_text(stmt, 0);
		near_look(&n, there);
		if (n.least > 1 && strcasestr(there, word)) {
			n.best = there;
			n.least = 1;
		}
		if (n.best && n.best != best) {
			free(best);
			n.best = best = xstrdup(n.best);
		}
	}
	sqlite3_finalize(stmt);
	*said = !rc && best && strcmp(best, word) != 0;
	if (*said)
		log_note("%s: no event is of %s '%s'; did you mean '%s'?", db->path, column, word, best);
	free(best);
	free(sql);
	return rc;
}

/* Of what is there at any time the newest: the span that was asked for may be short of it. */
static int say_newest(struct db *db, const struct query *q, bool *said)
{
	struct query any = *q;
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc;

	any.since = any.until = QUERY_ANY_TIME;
	select_build(&s, &any);
	rc = select_prepare(&s, db, "SELECT e.timestamp", " ORDER BY e.timestamp DESC LIMIT 1", &stmt);
	if (!rc)
		rc = db_row(db, stmt, &found);
	if (!rc && found)
		log_note("%s: no such events %s; the newest of any time is of %s", db->path,
			 q->until == QUERY_ANY_TIME   ? "since then"
			 : q->since == QUERY_ANY_TIME ? "before then"
						      : "in that time",
			 (const char *)sqlite3_column_text(stmt, 0));
	*said = found;
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc;
}

/* In git's own paths the star passes slashes, in ours and its `:(glob)' it does not. */
static bool say_path(const struct db *db, const struct query *q)
{
	const char *glob = q->paths.n ? q->paths.items[0] : "";
	bool said = *glob == '*' && !strchr(glob, '/');

	if (said)
		log_note("%s: no such events; * stops at a slash: --path '**/%s' looks in all folders",
			 db->path, glob);
	return said;
}

int select_say_none(struct db *db, const struct query *q)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false, said = false;
	int rc = db_prepare(db, &stmt, "SELECT 1 FROM events LIMIT 1");

	if (!rc)
		rc = db_row(db, stmt, &found);
	sqlite3_finalize(stmt);
	if (!rc && found && q->kinds.n)
		rc = say_word(db, "kind", q->kinds.items[0], &said);
	if (!rc && !said && found && q->actors.n)
		rc = say_word(db, "actor", q->actors.items[0], &said);
	if (!rc && !said && found)
		said = say_path(db, q);
	if (!rc && !said && q->format == FORMAT_TABLE &&
	    (q->since != QUERY_ANY_TIME || q->until != QUERY_ANY_TIME))
		rc = say_newest(db, q, &said);
	if (!rc && !said && q->format == FORMAT_TABLE)
		log_note(found ? "%s: no such events" : "%s: no events yet", db->path);
	return rc;
}

/* An event without a project is of project 1. */
static void add_projects(struct select *s, const struct opt_list *projects)
{
	struct buf sql = {0};

	for (size_t i = 0; i < projects->n; i++) {
		buf_adds(&sql, i ? ", ?" : "coalesce(e.project_id, 1) IN (?");
		select_integer(s, strtoll(projects->items[i], NULL, 10));
	}
	buf_addc(&sql, ')');
	if (projects->n)
		select_and(s, buf_cstr(&sql));
	buf_release(&sql);
}

/* ---- time ---- */

/*
 * Timestamps sort as text, but for fractions within a second: without its last letter, the Z, a text sorts
 * right. So the index finds the second, and where the bound has a fraction the rest is compared as well.
 */
static void add_bound(struct select *s, int64_t us, bool since)
{
	char text[STAMP_SIZE];
	size_t n;

	if (us == QUERY_ANY_TIME)
		return;
	if (us < STAMP_MIN || us > STAMP_MAX) { /* beyond all events */
		if ((us > STAMP_MAX) == since)
			select_and(s, "0");
		return;
	}
	n = stamp_format(us, text);
	text[n - 1] = '\0';
	if (n - 1 > SECOND_LEN) {
		select_and(s, since ? "rtrim(e.timestamp, 'Z') >= ?" : "rtrim(e.timestamp, 'Z') < ?");
		select_text(s, text);
		text[SECOND_LEN] = since ? '\0' : 'a'; /* behind every letter that can follow */
		text[SECOND_LEN + 1] = '\0';
	}
	select_and(s, since ? "e.timestamp >= ?" : "e.timestamp < ?");
	select_text(s, text);
}

/* ---- the whole ---- */

void select_build(struct select *s, const struct query *q)
{
	if (q->related) {
		buf_adds(&s->from, " FROM temp.related r CROSS JOIN event_rows e ON e.seq = r.seq");
	} else if (q->expression) { /* the index first, however many it finds */
		buf_addf(&s->from, " FROM %s w CROSS JOIN event_rows e ON e.seq = w.rowid", q->words);
		select_and(s, "w.words MATCH ?");
		select_text(s, q->expression);
	} else {
		buf_adds(&s->from, " FROM event_rows e");
	}
	add_bound(s, q->since, true);
	add_bound(s, q->until, false);
	add_sources(s, q);
	select_words(s, "e.session_id", &q->sessions);
	select_words(s, "e.kind", &q->kinds);
	select_words(s, "e.event_type", &q->types);
	select_words(s, "e.actor", &q->actors);
	select_words(s, "e.outcome", &q->outcomes);
	add_projects(s, &q->projects);
	if (q->paths.n)
		select_and(s, "touches(e.file_path, e.context)");
}

void select_release(struct select *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->values[i].text);
	free(s->values);
	buf_release(&s->from);
	buf_release(&s->where);
	*s = (struct select){0};
}

int select_prepare(const struct select *s, struct db *db, const char *head, const char *tail,
		   sqlite3_stmt **stmt)
{
	struct buf sql = {0};
	int rc;

	buf_adds(&sql, head);
	buf_add(&sql, s->from.data, s->from.len);
	if (s->where.len)
		buf_adds(&sql, " WHERE ");
	buf_add(&sql, s->where.data, s->where.len);
	buf_adds(&sql, tail);
	rc = db_prepare(db, stmt, buf_cstr(&sql));
	for (size_t i = 0; !rc && i < s->n; i++) {
		const struct select_value *v = &s->values[i];

		if (v->text)
			sqlite3_bind_text(*stmt, (int)i + 1, v->text, -1, SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(*stmt, (int)i + 1, v->integer);
	}
	buf_release(&sql);
	return rc;
}
