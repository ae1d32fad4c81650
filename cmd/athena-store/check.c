/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "say.h"
#include "schema.h"
#include "xalloc.h"

enum { ROOM_LEAST = 1 << 20 /* bytes */ };

/* A sync that is to keep one event needs some pages, and its log as many again. */
static int check_room(const struct db *db, const char *folder)
{
	struct statvfs fs;
	uint64_t room;

	if (statvfs(folder, &fs) || !fs.f_blocks)
		return 0;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	return room >= ROOM_LEAST
		       ? 0
		       : log_error(EX_IOERR, "%s: its file system is full: %s KiB are left; make room there",
				   db->path, log_count(room >> 10));
}

/* SQLite writes its log beside the file. */
static int check_writable(const struct db *db, bool there)
{
	const char *slash = strrchr(db->path, '/');
	char *folder = slash ? xstrndup(db->path, (size_t)(slash - db->path) + 1) : xstrdup(".");
	int rc = 0;

	if (access(folder, W_OK | X_OK))
		rc = log_error(
			errno == ENOENT || errno == ENOTDIR ? EX_CANTCREAT : EX_NOPERM,
			"%s: its folder cannot be written: %s; create it, or allow this user to write there",
			db->path, strerror(errno));
	else if (there && access(db->path, W_OK))
		rc = log_error(EX_NOPERM, "%s: %s; allow this user to write it", db->path, strerror(errno));
	if (!rc)
		rc = check_room(db, folder);
	free(folder);
	return rc;
}

static int check_content(struct db *db, int64_t *sources)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc = schema_read(db);

	if (!rc)
		rc = db_prepare(db, &stmt, "SELECT count(*) FROM sources");
	if (!rc)
		rc = db_row(db, stmt, &found);
	*sources = found ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return rc;
}

int check_run(struct db *db)
{
	bool there = !access(db->path, F_OK);
	int64_t sources = 0;
	int rc = check_writable(db, there);

	if (!rc && there)
		rc = db_open(db, DB_READ);
	if (!rc && there)
		rc = check_content(db, &sources);
	db_close(db);
	if (rc)
		return rc;
	if (there)
		say_line("ok database %s: can be read and written, knows %" PRId64 " source%s", db->path,
			 sources, sources == 1 ? "" : "s");
	else
		say_line("ok database %s: not there yet, the first run creates it", db->path);
	return say_end();
}
