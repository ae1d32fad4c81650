/* SPDX-License-Identifier: ISC */
#include "follow.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "print.h"
#include "select.h"

enum { LOOK_MS = 200 };

/* Prints what matches behind *seq, and moves it to the last that there is. */
static int print_new(struct db *db, sqlite3_stmt *stmt, struct row *row, struct print *p, int64_t *seq)
{
	bool found = true;
	int rc = db_exec(db, "BEGIN"), end;

	sqlite3_bind_int64(stmt, sqlite3_bind_parameter_count(stmt), *seq);
	while (!rc) {
		rc = db_row(db, stmt, &found);
		if (rc || !found)
			break;
		*seq = sqlite3_column_int64(stmt, 0);
		rc = row_get(row, *seq, &found);
		if (!rc && found)
			rc = print_row(p, row);
	}
	sqlite3_reset(stmt);
	sqlite3_reset(row->stmt);
	end = db_exec(db, "COMMIT");
	if (!rc)
		rc = print_flush(p);
	return rc ? rc : end;
}

/* The seq behind which to begin: all of it, or the last few that match. */
static int find_start(struct db *db, const struct query *q, int64_t *seq)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	bool found = true;
	int rc;

	*seq = 0;
	if (q->limit < 0)
		return 0;
	select_build(&s, q);
	if (!q->limit) { /* of what there is nothing */
		select_release(&s);
		buf_adds(&s.from, " FROM event_rows e");
	}
	rc = select_prepare(&s, db, "SELECT e.seq", " ORDER BY e.seq DESC", &stmt);
	for (int64_t n = 0; !rc && found && n < q->limit + !q->limit; n++) {
		rc = db_row(db, stmt, &found);
		if (!rc && found)
			*seq = sqlite3_column_int64(stmt, 0) - (q->limit > 0);
	}
	if (!rc && !found && q->limit)
		*seq = 0;
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc;
}

/* Until something was committed; a reader that went away meanwhile is not waited for. */
static int wait_for_change(struct db *db, sqlite3_stmt *version, int64_t *last)
{
	for (;;) {
		struct pollfd out = {.fd = STDOUT_FILENO};
		bool found;
		int64_t now;
		int rc = db_row(db, version, &found);

		now = sqlite3_column_int64(version, 0);
		sqlite3_reset(version);
		if (!rc)
			rc = db_in_place(db);
		if (rc || now != *last) {
			*last = now;
			return rc;
		}
		if (poll(&out, 1, LOOK_MS) > 0 && out.revents & (POLLERR | POLLHUP | POLLNVAL))
			raise(SIGPIPE);
	}
}

int follow_run(struct db *db, const struct query *q)
{
	sqlite3_stmt *stmt = NULL, *version = NULL;
	struct select s = {0};
	struct print print;
	struct row row = {0};
	int64_t seq = 0, last = -1;
	int rc = find_start(db, q, &seq);

	print_begin(&print, q);
	select_build(&s, q);
	select_and(&s, "e.seq > ?");
	select_integer(&s, seq);
	if (!rc)
		rc = select_prepare(&s, db, "SELECT e.seq", " ORDER BY e.seq", &stmt);
	if (!rc)
		rc = row_open(&row, db);
	if (!rc)
		rc = db_prepare(db, &version, "PRAGMA data_version");
	while (!rc) {
		rc = wait_for_change(db, version, &last);
		if (!rc)
			rc = print_new(db, stmt, &row, &print, &seq);
	}
	sqlite3_finalize(stmt);
	sqlite3_finalize(version);
	row_close(&row);
	print_release(&print);
	select_release(&s);
	return rc;
}
