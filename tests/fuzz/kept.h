/* SPDX-License-Identifier: ISC
 *
 * kept - a database that is opened over and over costs the reading of its schema and the making of the statements each
 * time, always the same. Once kept_on is set, SQLite is asked for them as ever, but sqlite3_close() and sqlite3_finalize() put
 * away what the next sqlite3_open_v2() and sqlite3_prepare_v3() of the same text get again. Of one file, one
 * connection at a time. A statement that is not given back before the close, or a transaction that is open then, ends all.
 */
#ifndef KEPT_H
#define KEPT_H

#include <dlfcn.h>
#include <sqlite3.h>
#include <string.h>

#include "hush.h"
#include "xalloc.h"

enum { KEPT_MOST = 64 };

static bool kept_on;

static struct {
	sqlite3 *db;
	char *name;
	bool in_use;
	const void *module, *module_user;
	struct {
		sqlite3_stmt *stmt;
		char *sql;
		bool in_use;
	} statements[KEPT_MOST];
	size_t n, n_settings;
	char *settings[KEPT_MOST];
} kept;

/* SQLite's own one, for which ours stands in. */
#define REAL(call) ((__typeof__(&(call)))dlsym(RTLD_NEXT, #call))

int sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs)
{
	int result = SQLITE_OK;

	if (!kept_on)
		return REAL(sqlite3_open_v2)(name, db, flags, vfs);
	if (!kept.db) {
		result = REAL(sqlite3_open_v2)(name, &kept.db, flags, vfs);
		kept.name = xstrdup(name);
	}
	check(!kept.in_use && !strcmp(name, kept.name));
	kept.in_use = true;
	*db = kept.db;
	return result;
}

int sqlite3_close(sqlite3 *db)
{
	if (!kept_on || db != kept.db)
		return REAL(sqlite3_close)(db);
	for (size_t i = 0; i < kept.n; i++)
		check(!kept.statements[i].in_use);
	check(kept.in_use && sqlite3_get_autocommit(db));
	sqlite3_busy_handler(db, NULL, NULL);
	kept.in_use = false;
	return SQLITE_OK;
}

int sqlite3_create_module(sqlite3 *db, const char *name, const sqlite3_module *module, void *user)
{
	bool ours = kept_on && kept.in_use; /* else SQLite opens, and makes its own */

	if (ours && kept.module) {
		check(db == kept.db && module == kept.module && user == kept.module_user);
		return SQLITE_OK;
	}
	if (ours)
		kept.module = module, kept.module_user = user;
	return REAL(sqlite3_create_module)(db, name, module, user);
}

int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **stmt, const char **tail)
{
	static __typeof__(&sqlite3_prepare_v3) real;
	int result;

	if (!real)
		real = REAL(sqlite3_prepare_v3);
	if (!kept_on || db != kept.db)
		return real(db, sql, n, flags, stmt, tail);
	check(n < 0 && !tail);
	for (size_t i = 0; i < kept.n; i++)
		if (!kept.statements[i].in_use && !strcmp(kept.statements[i].sql, sql)) {
			kept.statements[i].in_use = true;
			*stmt = kept.statements[i].stmt;
			return SQLITE_OK;
		}
	result = real(db, sql, n, flags, stmt, tail);
	if (!result) {
		check(kept.n < KEPT_MOST);
		kept.statements[kept.n].stmt = *stmt;
		kept.statements[kept.n].sql = xstrdup(sql);
		kept.statements[kept.n++].in_use = true;
	}
	return result;
}

/* SQLite calls this too, for what it made itself. */
int sqlite3_finalize(sqlite3_stmt *stmt)
{
	static __typeof__(&sqlite3_finalize) real;

	if (!real)
		real = REAL(sqlite3_finalize);
	for (size_t i = 0; stmt && i < kept.n; i++)
		if (kept.statements[i].stmt == stmt) {
			check(kept.statements[i].in_use);
			kept.statements[i].in_use = false;
			sqlite3_clear_bindings(stmt);
			return sqlite3_reset(stmt);
		}
	return real(stmt);
}

/* A setting that is made already: made again it would have all statements made anew. */
static bool is_set(const char *sql)
{
	size_t i = 0;

	if (strncmp(sql, "PRAGMA ", 7) != 0)
		return false;
	while (i < kept.n_settings && strcmp(kept.settings[i], sql) != 0)
		i++;
	if (i < kept.n_settings)
		return true;
	check(i < KEPT_MOST);
	kept.settings[kept.n_settings++] = xstrdup(sql);
	return false;
}

int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *user, char **error)
{
	static __typeof__(&sqlite3_exec) real;
	sqlite3_stmt *stmt;
	int result;

	if (!real)
		real = REAL(sqlite3_exec);
	if (kept_on && db == kept.db && is_set(sql))
		return SQLITE_OK;
	if (!kept_on || db != kept.db || row || error || *sql == 'P' || strchr(sql, ';'))
		return real(db, sql, row, user, error);
	result = sqlite3_prepare_v3(db, sql, -1, 0, &stmt, NULL);
	if (result)
		return result;
	while (sqlite3_step(stmt) == SQLITE_ROW)
		continue;
	return sqlite3_finalize(stmt);
}

#endif
