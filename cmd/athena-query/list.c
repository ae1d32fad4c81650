/* SPDX-License-Identifier: ISC */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "excerpt.h"
#include "keys.h"
#include "log.h"
#include "print.h"
#include "related.h"
#include "say.h"
#include "select.h"
#include "stamp.h"
#include "xalloc.h"

enum { COUNT_BUDGET_US = 100000 }; /* so long the rest is counted for the last line */

static int open_keys(struct keys *k, struct db *db, const struct query *q)
{
	static const char *const orders[2][2] = {
		{" ORDER BY e.timestamp DESC, e.seq DESC", " ORDER BY e.timestamp, e.seq"},
		{" ORDER BY w.rank, e.timestamp DESC, e.seq DESC",
		 " ORDER BY w.rank DESC, e.timestamp, e.seq"},
	};
	/* The first few are wanted the other way round: they are read as ever. */
	bool backward = q->reverse && q->limit < 0, ranked = q->expression && q->sort != SORT_TIME;
	struct select s = {0};
	int rc;

	select_build(&s, q);
	*k = (struct keys){.db = db, .descending = !backward, .as_is = ranked};
	rc = select_prepare(&s, db, "SELECT e.seq, e.timestamp", orders[ranked][backward], &k->stmt);
	select_release(&s);
	return rc;
}

/* What the events of a list go through. */
struct list {
	struct print print;
	struct row row;
	struct excerpt excerpt; /* open where what matched is to be shown */
	sqlite3_stmt *why;      /* likewise where it is to be said why an event is there */
};

static int add_excerpt(struct list *l)
{
	size_t n;
	const char *content = row_text(&l->row, EVENT_CONTENT, &n);
	int rc = excerpt_make(&l->excerpt, content, n);

	l->row.shown = l->excerpt.text;
	return rc;
}

static int print_one(struct list *l, int64_t seq)
{
	bool found;
	int rc = row_get(&l->row, seq, &found);

	if (!rc && found && l->excerpt.get)
		rc = add_excerpt(l);
	if (!rc && found && l->why)
		l->row.why = related_why(l->why, seq);
	return rc || !found ? rc : print_row(&l->print, &l->row);
}

static int print_forward(struct keys *k, struct list *l, int64_t limit)
{
	bool found = true;
	int rc = 0;

	for (int64_t n = 0; !rc && n != limit; n++) {
		int64_t seq;

		rc = keys_next(k, &seq, &found);
		if (rc || !found)
			return rc;
		rc = print_one(l, seq);
	}
	return rc;
}

static int print_backward(struct keys *k, struct list *l, int64_t limit)
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
		rc = print_one(l, all[--n]);
	free(all);
	return rc;
}

/* A terminal got the newest 50: of how many? Counted as far as that takes no time. */
static int say_rest(struct keys *k, const struct db *db, int64_t shown)
{
	int64_t n = shown, seq, end = stamp_steady() + COUNT_BUDGET_US;
	bool found = true;
	int rc = 0;

	for (;;) {
		rc = keys_next(k, &seq, &found);
		if (rc || !found)
			break;
		n++;
		if (n % 1024 == 0 && stamp_steady() > end)
			break;
	}
	if (!rc && n > shown)
		log_note("%s: the %s %s of %s%s events; --limit=N or --all shows more", db->path,
			 k->as_is ? "best" : "newest", log_count((uint64_t)shown), found ? "more than " : "",
			 log_count((uint64_t)n));
	return rc;
}

static int print_all(struct keys *keys, struct list *l, struct db *db, const struct query *q)
{
	int rc = row_open(&l->row, db), end;

	if (!rc && q->expression && q->format == FORMAT_TABLE)
		rc = excerpt_open(&l->excerpt, db, q->expression);
	if (!rc && q->related && q->format == FORMAT_TABLE)
		rc = related_open(db, &l->why);
	if (!rc)
		rc = open_keys(keys, db, q);
	if (!rc)
		rc = (q->reverse && q->limit >= 0 ? print_backward : print_forward)(keys, l, q->limit);
	end = rc ? print_flush(&l->print)
		 : print_end(&l->print); /* what failed half-way is not closed as if it were whole */
	return rc ? rc : end;
}

int list_run(struct db *db, const struct query *q)
{
	struct keys keys = {0};
	struct list list = {0};
	int rc;

	print_begin(&list.print, q);
	rc = print_all(&keys, &list, db, q);
	if (!rc && !list.print.rows)
		rc = select_say_none(db, q);
	if (!rc && q->newest_50)
		rc = say_rest(&keys, db, list.print.rows);
	print_release(&list.print);
	keys_release(&keys);
	row_close(&list.row);
	excerpt_close(&list.excerpt);
	sqlite3_finalize(list.why);
	return rc;
}

int list_count(struct db *db, const struct query *q)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	char text[32];
	int64_t n = 0;
	bool found;
	int rc;

	select_build(&s, q);
	rc = select_prepare(&s, db, "SELECT count(*)", "", &stmt);
	if (!rc)
		rc = db_row(db, stmt, &found);
	if (!rc) {
		n = sqlite3_column_int64(stmt, 0);
		rc = say_bytes(text, (size_t)snprintf(text, sizeof(text), "%" PRId64 "\n", n));
	}
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc || n ? rc : select_say_none(db, q);
}
