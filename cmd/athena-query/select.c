/* SPDX-License-Identifier: ISC */
#include "select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "jsonscan.h"
#include "log.h"
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
	if (!rc && !q->n_source_numbers)
		log_note("%s: no source is called '%s'; --status shows those there are", db->path,
			 q->sources.items[0]);
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

/* ---- paths ---- */

static bool matches(const struct opt_list *globs, const char *path, size_t n)
{
	for (size_t i = 0; i < globs->n; i++)
		if (glob_match(globs->items[i], path, n))
			return true;
	return false;
}

/* A string as it stands in JSON, between its quotes. */
static bool string_matches(const struct opt_list *globs, const char *s, size_t n)
{
	char *plain;
	bool found;

	if (!memchr(s, '\\', n))
		return matches(globs, s, n);
	plain = xmalloc(n);
	found = matches(globs, plain, jsonscan_unescape(s, n, plain));
	free(plain);
	return found;
}

/* Any string of a list that jsonscan has checked; what is within lists and objects in it does not count. */
static bool list_matches(const struct opt_list *globs, const char *list, size_t n)
{
	const char *p = list, *end = list + n;
	int depth = 0;

	for (; p < end; p++) {
		const char *from = p + 1;

		depth += (*p == '[' || *p == '{') - (*p == ']' || *p == '}');
		if (*p != '"')
			continue;
		for (p++; *p != '"'; p++)
			p += *p == '\\';
		if (depth == 1 && string_matches(globs, from, (size_t)(p - from)))
			return true;
	}
	return false;
}

bool select_touches(const struct opt_list *globs, const char *path, size_t path_len, const char *context,
		    size_t context_len)
{
	static struct jsonscan scan; /* its memory serves all rows */

	if (path && matches(globs, path, path_len))
		return true;
	if (!context || jsonscan_line(&scan, context, context_len) != JSONSCAN_OK)
		return false;
	for (size_t i = 0; i < scan.n; i++) {
		const struct jsonscan_member *m = &scan.members[i];

		if (m->type == JSONSCAN_ARRAY && m->name_len == 5 && !memcmp(m->name, "files", 5) &&
		    list_matches(globs, m->value, m->len))
			return true;
	}
	return false;
}

static void sql_touches(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	const char *path = (const char *)sqlite3_value_text(args[0]),
		   *context = (const char *)sqlite3_value_text(args[1]);

	(void)n;
	sqlite3_result_int(ctx,
			   select_touches(sqlite3_user_data(ctx), path, (size_t)sqlite3_value_bytes(args[0]),
					  context, (size_t)sqlite3_value_bytes(args[1])));
}

int select_functions(struct db *db, const struct query *q)
{
	union {
		const struct opt_list *in;
		void *out;
	} globs = {.in = &q->paths};
	int result = sqlite3_create_function_v2(db->sql, "touches", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
						globs.out, sql_touches, NULL, NULL, NULL);

	return result ? db_error(db, result) : 0;
}

/* ---- the whole ---- */

void select_build(struct select *s, const struct query *q)
{
	if (q->expression) { /* the index first, however many it finds */
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
