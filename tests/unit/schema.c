/* SPDX-License-Identifier: ISC */
/* pkg: sqlite3 */
#include "schema.h"

#include <sysexits.h>

#include "tap.h"

enum { SHORT_US = 10000 };

static bool between;
static int other;

/* Another program makes the database, after the first of what tells what it is was read. */
static int meanwhile(unsigned kind, void *context, void *statement, void *text)
{
	struct db db = {.path = "new.db", .busy_us = SHORT_US};

	(void)kind;
	(void)context;
	(void)statement;
	if (between || !strstr(text, "user_version"))
		return 0;
	between = true;
	other = db_open(&db, DB_WRITE);
	if (!other)
		other = schema_write(&db);
	db_close(&db);
	return 0;
}

static void test_two_begin(void)
{
	struct db db = {.path = "new.db", .busy_us = SHORT_US};
	int64_t version = 0;

	is_int(db_open(&db, DB_WRITE), 0, "a new database is opened");
	sqlite3_trace_v2(db.sql, SQLITE_TRACE_STMT, meanwhile, NULL);
	is_int(schema_write(&db), 0, "and made, whatever another program does meanwhile");
	ok(between && (!other || other == EX_TEMPFAIL), "that has made it, or is to come back (%d)", other);
	is_int(schema_version(&db, &version), 0, "it is one of ours");
	is_int(version, SCHEMA_VERSION, "of this version");
	db_close(&db);
}

static void test_foreign(void)
{
	struct db db = {.path = "foreign.db", .busy_us = SHORT_US};

	is_int(db_open(&db, DB_WRITE), 0, "another's database is opened");
	is_int(db_exec(&db, "CREATE TABLE t(a)"), 0, "that has tables");
	is_int(schema_write(&db), EX_CONFIG, "and is left as it is");
	db_close(&db);
}

int main(void)
{
	char folder[TAP_FOLDER];

	tap_enter(folder);
	test_two_begin();
	test_foreign();
	tap_leave(folder);
	return tap_done();
}
