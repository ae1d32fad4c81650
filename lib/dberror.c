/* SPDX-License-Identifier: ISC
 *
 * What failed in SQLite, in one sentence and one sysexits code.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "db.h"
#include "file.h"
#include "log.h"

/* Was a stream kept in a file, and the file taken for the database? */
static bool holds_json(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char first = '\0';
	bool json = fd >= 0 && file_pread(fd, &first, 1, 0) == 1 && first == '{';

	if (fd >= 0)
		close(fd);
	return json;
}

static const char *what_failed(const struct db *db, int result, int system)
{
	if (result == SQLITE_FULL || system == ENOSPC || system == EDQUOT)
		return "disk full";
	if (system == EFBIG)
		return "the largest size of a file is reached";
	switch (result & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "locked by another program for too long";
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return "read-only";
	case SQLITE_CORRUPT:
		return "the database is damaged (see .recover in sqlite3(1))";
	case SQLITE_NOTADB:
		return holds_json(db->path)
			       ? "not an SQLite database; events in a file: athena-store DATABASE < FILE"
			       : "not an SQLite database";
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return system ? strerror(system) : sqlite3_errmsg(db->sql);
	default:
		return sqlite3_errmsg(db->sql);
	}
}

static int code_of(int result, int system)
{
	switch (result & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EX_TEMPFAIL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return EX_NOPERM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return EX_DATAERR;
	case SQLITE_CANTOPEN:
		return system == EACCES || system == EPERM || system == EROFS ? EX_NOPERM : EX_IOERR;
	case SQLITE_FULL:
	case SQLITE_IOERR:
		return EX_IOERR;
	case SQLITE_NOMEM:
		return EX_OSERR;
	default:
		return EX_SOFTWARE;
	}
}

/* What a write failed for where SQLite has not kept it, as in a COMMIT: the error of that call still stands. */
static int write_error(int result, int last)
{
	bool is_room = last == ENOSPC || last == EDQUOT || last == EFBIG;

	return result == SQLITE_IOERR_WRITE && is_room ? last : 0;
}

int db_error(const struct db *db, int result)
{
	int system = 0, last = errno, code;
	const char *what;

	if ((result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN)
		system = sqlite3_system_errno(db->sql);
	if (!system)
		system = write_error(result, last);
	what = what_failed(db, result, system);
	code = code_of(result, system);
	if (!db->feeding)
		return log_error(code, "%s: %s", db->path, what);
	return log_error(code, "%s: %s after %s events; %s", db->path, what, log_count((uint64_t)db->kept),
			 db->moved ? "the cursor stands where the last commit left it" : "cursor not moved");
}
