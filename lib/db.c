/* SPDX-License-Identifier: ISC */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum {
	CACHE_LEAST = 4 << 20,  /* bytes of pages: enough where keys come in order */
	CACHE_MOST = 256 << 20, /* for keys in no order, in a database larger than the cache */
	WAL_PAGES = 8192,       /* moved into the database once so many wait */
	WAL_KEPT = 64 << 20,    /* bytes that the -wal file may keep while unused */
	TUNE_LEAST = 2000,      /* pages read since the last look that are worth a larger cache */
	WAIT_LEAST_US = 500,    /* between two attempts at a lock: a writer pauses longer, see db_commit() */
	WAIT_SPREAD_US = 1500,
	WAIT_STOPPING_US = 2000000, /* after a signal */
};

/* ---- waiting ---- */

/* Waits a little, not always the same. False when busy_us is used up, or 2 s once a signal asks to stop. */
static bool wait_busy(struct db *db, bool again)
{
	int64_t now = stamp_steady(), most = db->busy_us;
	unsigned us;

	if (!again)
		db->wait_from = now;
	if (db->stop && *db->stop && most > WAIT_STOPPING_US)
		most = WAIT_STOPPING_US;
	if (now - db->wait_from >= most)
		return false;
	db->random = db->random * 1103515245 + 12345;
	us = WAIT_LEAST_US + (db->random >> 8) % WAIT_SPREAD_US;
	usleep(us);
	return true;
}

static int on_busy(void *user, int attempts)
{
	return wait_busy(user, attempts > 0);
}

/* ---- opening ---- */

bool db_is_network(unsigned long type)
{
	static const unsigned long network[] = {
		0x6969,     /* NFS */
		0x517b,     /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB 2 */
		0x5346414f, /* OpenAFS */
		0x6b414653, /* AFS */
		0x01021997, /* 9P */
		0x73757245, /* Coda */
		0x564c,     /* NCP */
	};

	for (size_t i = 0; i < sizeof(network) / sizeof(*network); i++)
		if ((type & 0xffffffff) == network[i])
			return true;
	return false;
}

/* Is the place fit? Asked before the file is created there. */
static int check_folder(const struct db *db)
{
	char *folder = xstrdup(db->path), *slash = strrchr(folder, '/');
	struct statfs fs;
	int rc = 0;

	if (slash)
		slash[slash == folder] = '\0';
	/* The file itself may be a link or a mount; where it is not there yet, its folder tells. */
	if (!statfs(db->path, &fs) || !statfs(slash ? folder : ".", &fs))
		if (db_is_network((unsigned long)fs.f_type))
			rc = log_error(
				EX_CONFIG,
				"%s: on a network file system, where SQLite's write-ahead log does not work; "
				"use a local disk",
				db->path);
	free(folder);
	return rc;
}

/* Creates the file where it is missing, so that its mode is ours to choose; looks at what is there. */
static int check_file(const struct db *db, enum db_mode mode)
{
	int flags = (mode == DB_WRITE ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	bool there = !access(db->path, F_OK);
	int fd = open(db->path, flags, 0600), rc = 0;
	struct stat st;

	if (fd < 0) {
		int code = there ? EX_NOPERM : mode == DB_READ ? EX_NOINPUT : EX_CANTCREAT;

		if (errno == EISDIR || errno == ENXIO || errno == ENODEV)
			code = EX_CANTCREAT;
		return log_error(code, "%s: cannot be %s: %s", db->path,
				 there             ? "opened"
				 : mode == DB_READ ? "read"
						   : "created",
				 strerror(errno));
	}
	if (fstat(fd, &st))
		rc = log_error(EX_IOERR, "%s: %s", db->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = log_error(mode == DB_READ ? EX_NOINPUT : EX_CANTCREAT, "%s: not a regular file",
			       db->path);
	close(fd);
	return rc;
}

/* SQLite would wait on a pipe for ever, and no signal ends that; links it does not follow. */
static int check_beside(const struct db *db)
{
	static const char *const tails[] = {"-wal", "-shm", "-journal"};
	char *real = realpath(db->path, NULL);
	int rc = 0;

	for (size_t i = 0; real && !rc && i < sizeof(tails) / sizeof(*tails); i++) {
		char *name = xasprintf("%s%s", real, tails[i]);
		struct stat st;

		if (!lstat(name, &st) && !S_ISREG(st.st_mode))
			rc = log_error(EX_IOERR, "%s: not a regular file; nothing was read or written", name);
		free(name);
	}
	free(real);
	return rc;
}

/* What was deleted or replaced is not overwritten with zeroes, which would cost some 3 % of a load. */
static int configure(struct db *db, int64_t cache)
{
	char *sql = xasprintf(
		"PRAGMA synchronous = FULL; PRAGMA cache_size = -%d; PRAGMA wal_autocheckpoint = %d;"
		"PRAGMA journal_size_limit = %d; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = OFF",
		(int)(cache / 1024), WAL_PAGES, WAL_KEPT);
	int rc = db_exec(db, sql);

	db->cache = cache;
	free(sql);
	return rc;
}

/* A connection to the file; the name is never a URI, nor ":memory:", as it begins with a slash or a dot. */
static int connect_file(struct db *db, int flags)
{
	char *name = xasprintf("%s%s", *db->path == '/' ? "" : "./", db->path);
	int result = sqlite3_open_v2(name, &db->sql, flags, NULL);

	free(name);
	return result ? db_error(db, result) : 0;
}

static bool has_wal(const struct db *db)
{
	char *name = xasprintf("%s-wal", db->path);
	bool there = !access(name, F_OK);

	free(name);
	return there;
}

/*
 * In a folder that may not be written to SQLite cannot lay its -shm: that is SQLITE_CANTOPEN on a file system
 * without writing, SQLITE_READONLY_DIRECTORY where somebody else may.
 */
static bool lacks_shm(struct db *db)
{
	int result = sqlite3_exec(db->sql, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);

	return (result & 0xff) == SQLITE_CANTOPEN ||
	       (result && sqlite3_extended_errcode(db->sql) == SQLITE_READONLY_DIRECTORY);
}

/* Where there is no -wal either, nothing is left to be read from it: the file itself is all. */
static int connect_for_reading(struct db *db)
{
	struct buf name = {0};
	int rc = connect_file(db, SQLITE_OPEN_READONLY), result;

	if (rc)
		return rc;
	sqlite3_busy_handler(db->sql, on_busy, db);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (!lacks_shm(db))
		return 0;
	if (has_wal(db))
		return log_error(EX_NOPERM,
				 "%s: what its -wal holds can be read only where the folder may be written; "
				 "copy both files, or run as their owner",
				 db->path);
	sqlite3_close(db->sql);
	buf_adds(&name, *db->path == '/' ? "file:" : "file:./");
	text_percent(&name, db->path, strlen(db->path), "?#");
	buf_adds(&name, "?immutable=1");
	db->immutable = !stat(db->path, &db->as_opened);
	result = sqlite3_open_v2(buf_cstr(&name), &db->sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	buf_release(&name);
	return result ? db_error(db, result) : 0;
}

int db_unchanged(const struct db *db)
{
	const struct stat *was = &db->as_opened;
	struct stat is;

	if (!db->immutable)
		return 0;
	if (!stat(db->path, &is) && is.st_dev == was->st_dev && is.st_ino == was->st_ino &&
	    is.st_size == was->st_size && is.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    is.st_mtim.tv_nsec == was->st_mtim.tv_nsec)
		return 0;
	return log_error(
		EX_TEMPFAIL,
		"%s: was written to while it was read as a plain file; what came may be wrong, run again",
		db->path);
}

/* SQLite leaves its log where it is then, and would give it to whatever file has the name. */
int db_in_place(const struct db *db)
{
	int moved = 0;

	sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (!moved)
		return 0;
	return log_error(EX_IOERR, "%s: was removed or replaced by another file while it was open%s%s",
			 db->path, db->feeding ? "; cursor not moved" : "",
			 has_wal(db) ? "; its -wal is still there and fits no other file: move that away too"
				     : "");
}

int db_open(struct db *db, enum db_mode mode)
{
	int rc = check_folder(db);

	if (!rc)
		rc = check_file(db, mode);
	if (!rc)
		rc = check_beside(db);
	if (rc)
		return rc;
	/* One thread: without locks and statistics SQLite is a tenth faster. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	db->random = (unsigned)getpid();
	if (mode == DB_READ)
		return connect_for_reading(db);
	rc = connect_file(db, SQLITE_OPEN_READWRITE);
	if (rc)
		return rc;
	sqlite3_extended_result_codes(db->sql, 1);
	sqlite3_busy_handler(db->sql, on_busy, db);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return configure(db, CACHE_LEAST);
}

void db_close(struct db *db)
{
	sqlite3_close(db->sql);
	db->sql = NULL;
}

/* ---- statements ---- */

int db_exec(struct db *db, const char *sql)
{
	int result = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);

	return result ? db_error(db, result) : 0;
}

int db_prepare(struct db *db, sqlite3_stmt **stmt, const char *sql)
{
	int result = sqlite3_prepare_v3(db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);

	return result ? db_error(db, result) : 0;
}

int db_step(struct db *db, sqlite3_stmt *stmt)
{
	int result = sqlite3_step(stmt);

	if (result != SQLITE_DONE && result != SQLITE_ROW)
		return db_error(db, result);
	sqlite3_reset(stmt);
	return 0;
}

int db_row(struct db *db, sqlite3_stmt *stmt, bool *found)
{
	int result = sqlite3_step(stmt);

	*found = result == SQLITE_ROW;
	return result == SQLITE_ROW || result == SQLITE_DONE ? 0 : db_error(db, result);
}

int db_integer(struct db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	bool found = false;
	int rc = db_prepare(db, &stmt, sql);

	if (!rc)
		rc = db_row(db, stmt, &found);
	*out = found ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return rc;
}

void db_bind_text(sqlite3_stmt *stmt, int at, const char *s, int64_t n)
{
	if (s)
		sqlite3_bind_text64(stmt, at, s, (sqlite3_uint64)n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(stmt, at);
}

/* Switching needs the file for a moment alone, and SQLite does not wait for that by itself. */
int db_use_wal(struct db *db)
{
	for (bool again = false;; again = true) {
		int result = sqlite3_exec(db->sql, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);

		if (!result)
			return 0;
		if ((result & 0xff) != SQLITE_BUSY || !wait_busy(db, again))
			return db_error(db, result);
	}
}

/* ---- transactions ---- */

int db_begin(struct db *db)
{
	int rc = db_exec(db, "BEGIN IMMEDIATE");

	db->in_transaction = !rc;
	return rc;
}

int db_commit(struct db *db)
{
	int rc = db_exec(db, "COMMIT");

	if (!rc)
		db->in_transaction = false;
	return rc;
}

void db_rollback(struct db *db)
{
	/* After a failure SQLite may have rolled back by itself: then there is nothing left to do. */
	if (db->in_transaction && !sqlite3_get_autocommit(db->sql))
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

int db_tune(struct db *db)
{
	int64_t rows = sqlite3_total_changes64(db->sql) - db->changes;
	int misses = 0, high;
	char sql[48];

	db->changes += rows;
	sqlite3_db_status(db->sql, SQLITE_DBSTATUS_CACHE_MISS, &misses, &high, 1);
	if (db->cache >= CACHE_MOST || misses < TUNE_LEAST || misses < rows / 2)
		return 0;
	db->cache *= 4;
	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", (int)(db->cache / 1024));
	return db_exec(db, sql);
}
