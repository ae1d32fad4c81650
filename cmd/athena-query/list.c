/* SPDX-License-Identifier: ISC */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "keys.h"
#include "log.h"
#include "print.h"
#include "select.h"
#include "stamp.h"
#include "xalloc.h"

enum { COUNT_BUDGET_US = 100000 }; /* so long the rest is counted for the last line */

static int64_t monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * STAMP_SECOND + ts.tv_nsec / 1000;
}

static int open_keys(struct keys *k, struct db *db, const struct query *q)
{
	/* The newest few are wanted oldest first: they are read newest first all the same. */
	bool descending = !q->reverse || q->limit >= 0;
	struct select s = {0};
	int rc;

	select_build(&s, q);
	*k = (struct keys){.db = db, .descending = descending};
	rc = select_prepare(&s, db, "SELECT e.seq, e.timestamp",
			    descending ? " ORDER BY e.timestamp DESC, e.seq DESC"
				       : " ORDER BY e.timestamp, e.seq",
			    &k->stmt);
	select_release(&s);
	return rc;
}

static int print_one(struct print *p, struct row *row, int64_t seq)
{
	bool found;
	int rc = row_get(row, seq, &found);

	return rc || !found ? rc : print_row(p, row);
}

static int print_forward(struct keys *k, struct print *p, struct row *row, int64_t limit)
{
	bool found = true;
	int rc = 0;

	for (int64_t n = 0; !rc && n != limit; n++) {
		int64_t seq;

		rc = keys_next(k, &seq, &found);
		if (rc || !found)
			return rc;
		rc = print_one(p, row, seq);
	}
	return rc;
}

static int print_backward(struct keys *k, struct print *p, struct row *row, int64_t limit)
{
	int64_t *all = NULL, n = 0, cap = 0;
	bool found = true;
	int rc = 0;

	while (!rc && found && n < limit) {
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			all = xreallocarray(all, (size_t)cap, sizeof(*all));
		}
		rc = keys_next(k, &all[n], &found);
		n += !rc && found;
	}
	while (!rc && n)
		rc = print_one(p, row, all[--n]);
	free(all);
	return rc;
}

/* A terminal got the newest 50: of how many? Counted as far as that takes no time. */
static int say_rest(struct keys *k, const struct db *db, int64_t shown)
{
	int64_t n = shown, seq, end = monotonic_us() + COUNT_BUDGET_US;
	bool found = true;
	int rc = 0;

	for (;;) {
		rc = keys_next(k, &seq, &found);
		if (rc || !found)
			break;
		n++;
		if (n % 1024 == 0 && monotonic_us() > end)
			break;
	}
	if (!rc && n > shown)
		log_note("%s: the newest %s of %s%s events; --limit=N or --all shows more", db->path,
			 log_count((uint64_t)shown), found ? "more than " : "", log_count((uint64_t)n));
	return rc;
}

int list_run(struct db *db, const struct query *q)
{
	struct keys keys = {0};
	struct print print;
	struct row row;
	int rc = row_open(&row, db), end;

	print_begin(&print, q);
	if (!rc)
		rc = open_keys(&keys, db, q);
	if (!rc)
		rc = (q->reverse && q->limit >= 0 ? print_backward : print_forward)(&keys, &print, &row,
										    q->limit);
	end = rc ? print_flush(&print)
		 : print_end(&print); /* what failed half-way is not closed as if it were whole */
	rc = rc ? rc : end;
	if (!rc && !print.rows && q->format == FORMAT_TABLE)
		log_note("%s: no such events", db->path);
	if (!rc && q->newest_50)
		rc = say_rest(&keys, db, print.rows);
	print_release(&print);
	keys_release(&keys);
	row_close(&row);
	return rc;
}

int list_count(struct db *db, const struct query *q)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	char text[32];
	bool found;
	int rc;

	select_build(&s, q);
	rc = select_prepare(&s, db, "SELECT count(*)", "", &stmt);
	if (!rc)
		rc = db_row(db, stmt, &found);
	if (!rc) {
		int n = snprintf(text, sizeof(text), "%" PRId64 "\n", (int64_t)sqlite3_column_int64(stmt, 0));

		rc = print_bytes(text, (size_t)n);
	}
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc;
}
