/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-query/%.c pkg: sqlite3 */
/*
 * A command line, its words ended by NUL: it is refused with 64, answered, or each value is within what its kind allows; and
 * what it asks of a database is never an error of SQLite.
 */
#include <getopt.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include "functions.h"
#include "hush.h"
#include "schema.h"
#include "select.h"
#include "stamp.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MOST = 24 };

static struct query query;
static struct db db = {.path = "fuzz"};
static int64_t count, bytes, span;
static const char *text;
static bool flag;

static const struct opt table[] = {
	{"actor", 0, OPT_LIST, "NAME", "what it is", &query.actors, NULL},
	{"by", 0, OPT_CHOICE, "day|hour|source|actor|kind", "what it is", &query.by, NULL},
	{"bytes", 0, OPT_SIZE, "SIZE", "what it is", &bytes, NULL},
	{"count", 'n', OPT_COUNT, "N", "what it is", &count, NULL},
	{"flag", 'f', OPT_FLAG, NULL, "what it is", &flag, NULL},
	{"kind", 'k', OPT_LIST, "KIND", "what it is", &query.kinds, NULL},
	{"path", 0, OPT_LIST, "GLOB", "what it is", &query.paths, NULL},
	{"project", 0, OPT_LIST, "N", "what it is", &query.projects, NULL},
	{"session", 0, OPT_LIST, "ID", "what it is", &query.sessions, NULL},
	{"since", 0, OPT_WHEN, "WHEN", "what it is", &query.since, NULL},
	{"source", 0, OPT_LIST, "ID", "what it is", &query.sources, NULL},
	{"span", 0, OPT_SPAN, "T", "what it is", &span, NULL},
	{"text", 't', OPT_STRING, "TEXT", "what it is", &text, "x"},
	{"type", 0, OPT_LIST, "WORD", "what it is", &query.types, NULL},
	{"until", 0, OPT_WHEN, "WHEN", "what it is", &query.until, NULL},
	{0},
};

static const char one_event[] =
	"INSERT INTO sources(source_id) VALUES('git:x');"
	"INSERT INTO event_rows(source, id, run, timestamp, source_type, kind, event_type, content, actor, "
	"context) VALUES(1, '1', 1, "
	"'2024-05-01T12:00:00Z', 'git', 'commit', 'action', 'c', 'ann', '{\"files\":[\"a/b.c\"]}')";

static void open_once(void)
{
	int null;

	if (db.sql)
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC); /* answers are not looked at */
	check(null >= 0 && dup2(null, STDOUT_FILENO) >= 0);
	close(null);
	check(!sqlite3_open(":memory:", &db.sql));
	check(!schema_write(&db) && !functions_register(&db, &query));
	check(!sqlite3_exec(db.sql, one_event, NULL, NULL, NULL));
}

static void ask(void)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	bool found;

	check(!select_resolve(&query, &db));
	select_build(&s, &query);
	check(!select_prepare(&s, &db, "SELECT count(*)", "", &stmt));
	check(!db_row(&db, stmt, &found) && found && sqlite3_column_int64(stmt, 0) <= 1);
	sqlite3_finalize(stmt);
	select_release(&s);
}

static void check_values(const struct opt_list *operands, int argc)
{
	check(count >= 0 && bytes >= 0 && span >= 0 && query.by >= 0 && query.by <= BY_NOTHING);
	check(query.since == QUERY_ANY_TIME || (query.since >= STAMP_MIN && query.since <= STAMP_MAX));
	check(query.until == QUERY_ANY_TIME || (query.until >= STAMP_MIN && query.until <= STAMP_MAX));
	check(operands->n < (size_t)argc);
	for (size_t i = 0; i < operands->n; i++)
		check(operands->items[i]);
}

static void forget(struct opt_list *operands)
{
	struct opt_list *const lists[] = {operands,     &query.projects, &query.sessions, &query.sources,
					  &query.kinds, &query.types,    &query.actors,   &query.paths};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		opt_list_release(lists[i]);
	free(query.source_numbers);
	query = (struct query){.since = QUERY_ANY_TIME, .until = QUERY_ANY_TIME, .by = BY_NOTHING};
	count = bytes = span = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct opt_program program = {.name = "fuzz",
						   .synopsis = "[options]",
						   .summary = "Nothing",
						   .type = "fuzz",
						   .options = table,
						   .usual = " since "};
	char *words = xmalloc(size + 1), *argv[WORDS_MOST + 1] = {(char *)"fuzz"};
	struct opt_list operands = {0};
	int argc = 1, kept, rc;

	if (size)
		memcpy(words, data, size);
	words[size] = '\0';
	for (char *p = words; p <= words + size && argc < WORDS_MOST; p += strlen(p) + 1)
		argv[argc++] = p;
	kept = hush(-1);
	forget(&operands);
	open_once();
	optind = 0;
	rc = opt_parse(&program, argc, argv, &operands);
	check(rc == 0 || rc == EX_USAGE || rc == OPT_DONE);
	if (!rc) {
		check_values(&operands, argc);
		ask();
	}
	forget(&operands);
	hush(kept);
	free(words);
	return 0;
}
