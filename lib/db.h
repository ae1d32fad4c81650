/* SPDX-License-Identifier: ISC
 *
 * db - a connection to a database of events: opened safely, locked briefly, and every failure of SQLite
 * turned into one sentence and a sysexits code, said here and nowhere else.
 *
 *	struct db db = {.path = "data.db", .busy_us = 60 * STAMP_SECOND, .stop = &signal_seen};
 *	rc = db_open(&db, DB_WRITE);
 *	rc = db_begin(&db);
 *	...
 *	rc = db_commit(&db);
 *	db_close(&db);
 *
 * Functions that return int return 0, or a code that is logged.
 *
 * Files: db.c has the connection, dberror.c what is said of a failure.
 */
#ifndef DB_H
#define DB_H

#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct db {
	const char *path; /* as the user wrote it; borrowed */
	int64_t busy_us;  /* wait at most so long for another writer, microseconds */
	sqlite3 *sql;     /* NULL while closed */
	bool in_transaction;
	const volatile sig_atomic_t *stop; /* a signal that asks to stop, or 0; borrowed; may be NULL */
	bool feeding;                      /* input is being read: failures tell what was kept */
	int64_t kept;                      /* events committed in this run, for messages */
	bool moved;                        /* a cursor was moved in this run, likewise */
	int64_t wait_from; /* when the wait for the present lock began, monotonic microseconds */
	int64_t cache;     /* SQLite's page cache at most, bytes */
	int64_t changes;   /* rows written when db_tune() last looked */
	unsigned random;   /* state of the jitter */
	bool immutable;    /* read as a plain file: those beside it are not there and cannot be made */
	struct stat as_opened; /* of that file */
};

enum db_mode { DB_READ, DB_WRITE };

/*
 * Opens the file, and with DB_WRITE creates it (0600 & ~umask; SQLite's -wal and -shm inherit that). A
 * network file system is refused: shared memory does not work there.
 */
int db_open(struct db *db, enum db_mode mode);
void db_close(struct db *db);

/* After reading: EX_TEMPFAIL, said, where it was read as a plain file and somebody wrote to it meanwhile. */
int db_unchanged(const struct db *db);

/* EX_IOERR, said, where the file was removed, or another has its name: what is committed is then nowhere. */
int db_in_place(const struct db *db);

/*
 * Says what went wrong with the SQLite result code, and what that
 * means for the run; returns the exit code.
 */
int db_error(const struct db *db, int result);

/* Runs statements that return nothing of interest. */
int db_exec(struct db *db, const char *sql);

/* Sets a database to write-ahead logging, waiting for others as long as for a lock. */
int db_use_wal(struct db *db);

/* Prepares a statement that is kept for the whole run. */
int db_prepare(struct db *db, sqlite3_stmt **stmt, const char *sql);

/* Steps a statement that returns no row, and resets it. */
int db_step(struct db *db, sqlite3_stmt *stmt);

/*
 * Steps a statement that returns one row or none: *found tells. The row is there until
 * sqlite3_reset(), which is the caller's to call.
 */
int db_row(struct db *db, sqlite3_stmt *stmt, bool *found);

/* The integer that a statement gives; 0 where it gives none. */
int db_integer(struct db *db, const char *sql, int64_t *out);

/* Binds n bytes, or NULL where s is NULL; s must stay until the statement is reset. */
void db_bind_text(sqlite3_stmt *stmt, int at, const char *s, int64_t n);

/* The write lock is waited for, up to busy_us, and held until commit or rollback. */
int db_begin(struct db *db);
int db_commit(struct db *db);
void db_rollback(struct db *db);

/*
 * Now and then, between two lines: a larger cache where the keys come in
 * no order and pages were read again and again.
 */
int db_tune(struct db *db);

/* True for the f_type of statfs(2) of file systems where several hosts, or none, share memory. */
bool db_is_network(unsigned long type);

#endif
