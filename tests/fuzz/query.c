/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-query/configured.c cmd/athena-query/functions.c cmd/athena-query/match.c cmd/athena-query/refs.c cmd/athena-query/select.c cmd/athena-query/tokenizer.c pkg: sqlite3 */
/*
 * What a person types, a NUL, and what is in the database: as words for full text search, as a pattern, as a
 * path. Nothing of it may ever be an error of SQLite, and a text must be found by its own words.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "match.h"
#include "refs.h"
#include "select.h"
#include "text.h"
#include "tokenizer.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct db db = {.path = "fuzz"};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void open_once(void)
{
	if (db.sql)
		return;
	check(!sqlite3_open(":memory:", &db.sql));
	check(!tokenizer_register(&db));
	check(!sqlite3_exec(db.sql,
			    "CREATE VIRTUAL TABLE words USING fts5(content, tokenize='" TOKENIZER "')", NULL,
			    NULL, NULL));
}

/* The statement with the values bound gives a number. */
static int64_t ask(const char *sql, const char *first, size_t first_len, const char *second,
		   size_t second_len)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;
	int result;

	check(!sqlite3_prepare_v2(db.sql, sql, -1, &stmt, NULL));
	sqlite3_bind_text(stmt, 1, first, (int)first_len, SQLITE_STATIC);
	if (sqlite3_bind_parameter_count(stmt) > 1)
		sqlite3_bind_text(stmt, 2, second, (int)second_len, SQLITE_STATIC);
	result = sqlite3_step(stmt);
	check(result == SQLITE_ROW || result == SQLITE_DONE);
	if (result == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	check(!sqlite3_finalize(stmt));
	return n;
}

static void check_match(const char *typed, const char *content, size_t n)
{
	struct buf sound = {0}, expression = {0};
	bool any;

	text_repair(&sound, content, n);
	ask("REPLACE INTO words(rowid, content) VALUES(1, ?1)", buf_cstr(&sound), sound.len, NULL, 0);
	any = match_expression(&expression, typed);
	if (any)
		ask("SELECT count(*) FROM words WHERE words MATCH ?1", buf_cstr(&expression), expression.len,
		    NULL, 0);
	buf_release(&expression);
	/* All words of a text that has no quotes and stars in it are in that text. */
	if (sound.len && !strpbrk(buf_cstr(&sound), "\"*") &&
	    match_expression(&expression, buf_cstr(&sound)) &&
	    ask("SELECT count(*) FROM words_docsize WHERE sz <> x'00'", "", 0, NULL, 0))
		check(ask("SELECT count(*) FROM words WHERE words MATCH ?1", buf_cstr(&expression),
			  expression.len, NULL, 0) == 1);
	buf_release(&sound);
	buf_release(&expression);
}

static void check_pattern(const char *typed, const char *value, size_t n)
{
	struct buf pattern = {0}, sound = {0};

	text_repair(&sound, typed, strlen(typed));
	select_pattern(&pattern, buf_cstr(&sound));
	ask("SELECT ?2 GLOB ?1", buf_cstr(&pattern), pattern.len, value, n);
	if (sound.len < 64) /* stars are tried out one against the other */
		check(ask("SELECT ?2 GLOB ?1", buf_cstr(&pattern), pattern.len, sound.data, sound.len));
	buf_release(&pattern);
	buf_release(&sound);
}

static void check_refs(const char *s, size_t n)
{
	struct refs_number number;
	const char *oid;
	size_t len, last = 0;

	for (size_t at = 0; refs_next_oid(s, n, REFS_OID_LEAST, &at, &oid, &len); last = at)
		check(at > last && at <= n && oid >= s + last && oid + len == s + at && len <= REFS_OID);
	last = 0;
	for (size_t at = 0; refs_next_number(s, n, &at, &number); last = at)
		check(at > last && at <= n && number.number > 0 &&
		      (!number.repo || number.repo + number.repo_len < s + at));
	refs_mentions(s, n, "github:o/r", "o/r", 12);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	const char *typed, *rest;
	struct opt_list globs = {.items = &typed, .n = 1};
	size_t n;

	if (!nul || size > 4096)
		return 0;
	open_once();
	typed = (const char *)data;
	rest = (const char *)nul + 1;
	n = size - (size_t)(nul + 1 - data);
	check_match(typed, rest, n);
	if (nul - data < 64)
		check_pattern(typed, rest, n);
	functions_touches(&globs, (struct member){rest, n}, (struct member){rest, n});
	check_refs(rest, n);
	return 0;
}
