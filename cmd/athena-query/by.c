/* SPDX-License-Identifier: ISC */
#include "by.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsonout.h"
#include "log.h"
#include "print.h"
#include "say.h"
#include "select.h"
#include "table.h"
#include "text.h"
#include "width.h"
#include "write.h"
#include "xalloc.h"

enum { LABEL_MOST = 40, BAR_MOST = 60, BAR_LEAST = 10, WIDTH = 80 };

static const struct {
	const char *name;  /* in the records */
	const char *key;   /* rows with the same one are counted together; of a time its first letters */
	const char *label; /* of the key k */
	bool time;
} bys[] = {
	[BY_DAY] = {"day", "substr(e.timestamp, 1, 10)", "k", true},
	[BY_HOUR] = {"hour", "substr(e.timestamp, 1, 13)", "k || ':00:00Z'", true},
	[BY_SOURCE] = {"source_id", "e.source", "(SELECT source_id FROM sources WHERE source = k)", false},
	[BY_ACTOR] = {"actor", "e.actor", "k", false},
	[BY_KIND] = {"kind", "e.kind", "k", false},
};

struct group {
	char *label; /* NULL: events that have none */
	int64_t n;
};

struct groups {
	struct group *items;
	size_t n;
	int64_t most;
};

/* ---- counting ---- */

static void add_group(struct groups *all, const char *label, int64_t n)
{
	all->items = xreallocarray(all->items, all->n + 1, sizeof(*all->items));
	all->items[all->n++] = (struct group){.label = label ? xstrdup(label) : NULL, .n = n};
	if (n > all->most)
		all->most = n;
}

static void release_groups(struct groups *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->items[i].label);
	free(all->items);
}

static int prepare(struct db *db, const struct query *q, sqlite3_stmt **stmt)
{
	struct buf head = {0}, tail = {0};
	struct select s = {0};
	int rc;

	select_build(&s, q);
	buf_addf(&head, "SELECT %s, n FROM (SELECT %s AS k, count(*) AS n", bys[q->by].label, bys[q->by].key);
	buf_addf(&tail, " GROUP BY 1) ORDER BY %s LIMIT %" PRId64, bys[q->by].time ? "k DESC" : "n DESC, 1",
		 q->limit);
	rc = select_prepare(&s, db, buf_cstr(&head), buf_cstr(&tail), stmt);
	select_release(&s);
	buf_release(&head);
	buf_release(&tail);
	return rc;
}

static int read_groups(struct db *db, const struct query *q, struct groups *all)
{
	sqlite3_stmt *stmt = NULL;
	bool found = true;
	int rc = prepare(db, q, &stmt);

	while (!rc) {
		rc = db_row(db, stmt, &found);
		if (rc || !found)
			break;
		add_group(all, (const char *)sqlite3_column_text(stmt, 0), sqlite3_column_int64(stmt, 1));
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* ---- bars ---- */

void by_bar(struct buf *out, int64_t n, int64_t most, size_t columns)
{
	static const char full[] = "\xe2\x96\x88";
	size_t eighths = most > 0 ? (size_t)((double)n / (double)most * (double)columns * 8 + 0.5) : 0;

	if (!eighths && n > 0)
		eighths = 1;
	for (; eighths >= 8; eighths -= 8)
		buf_adds(out, full);
	if (eighths) { /* U+258F is one eighth, U+2589 seven */
		buf_add(out, full, 2);
		buf_addc(out, (char)(0x90 - eighths));
	}
}

/* What is printed of a label; the pad that it needs to be `columns` wide is returned. */
static size_t add_label(struct buf *out, const char *label, size_t columns)
{
	struct buf text = {0};
	size_t n, own;

	if (label)
		text_show(&text, label, strlen(label));
	else
		buf_adds(&text, "(none)");
	n = width_cut(text.data, text.len, columns);
	own = width_text(text.data, n);
	buf_add(out, text.data, n);
	buf_release(&text);
	return columns - own;
}

static void add_bars(struct buf *out, const struct groups *all, const struct query *q)
{
	size_t width = q->terminal ? table_width(STDOUT_FILENO) : WIDTH, label = 6, count, used;

	for (size_t i = 0; i < all->n; i++) {
		size_t own = all->items[i].label
				     ? width_text(all->items[i].label, strlen(all->items[i].label))
				     : 0;

		if (own > label)
			label = own < LABEL_MOST ? own : LABEL_MOST;
	}
	count = strlen(log_count((uint64_t)all->most));
	used = label + count + 4;
	width = width > used + BAR_LEAST ? width - used : BAR_LEAST;
	for (size_t i = 0; i < all->n; i++) {
		const struct group *g = &all->items[q->reverse ? all->n - 1 - i : i];
		size_t pad = add_label(out, g->label, label);

		buf_addf(out, "%*s  %*s  %s", (int)pad, "", (int)count, log_count((uint64_t)g->n),
			 q->color ? "\033[36m" : "");
		by_bar(out, g->n, all->most, width < BAR_MOST ? width : BAR_MOST);
		buf_addf(out, "%s\n", q->color ? "\033[m" : "");
	}
}

/* ---- records ---- */

static void add_json(struct buf *out, const struct group *g, const struct query *q)
{
	struct jsonout j = {.out = out};

	jsonout_open(&j, '{');
	jsonout_name(&j, bys[q->by].name);
	if (g->label)
		jsonout_text(&j, g->label, strlen(g->label));
	else
		jsonout_null(&j);
	jsonout_member_int(&j, "events", g->n);
	jsonout_close(&j, '}');
}

static void add_records(struct buf *out, const struct groups *all, const struct query *q)
{
	bool array = q->format == FORMAT_JSON;

	if (array)
		buf_addc(out, '[');
	if (q->format == FORMAT_CSV)
		buf_addf(out, "%s,events\r\n", bys[q->by].name);
	for (size_t i = 0; i < all->n; i++) {
		const struct group *g = &all->items[q->reverse ? all->n - 1 - i : i];

		if (q->format == FORMAT_CSV) {
			write_csv_field(out, g->label, g->label ? strlen(g->label) : 0);
			buf_addf(out, ",%" PRId64 "\r\n", g->n);
			continue;
		}
		if (array)
			buf_adds(out, i ? ",\n" : "\n");
		add_json(out, g, q);
		if (!array)
			buf_addc(out, '\n');
	}
	if (array)
		buf_adds(out, all->n ? "\n]\n" : "]\n");
}

int by_run(struct db *db, const struct query *q)
{
	struct groups all = {0};
	struct buf out = {0};
	int rc = read_groups(db, q, &all);

	if (!rc && q->format == FORMAT_TABLE)
		add_bars(&out, &all, q);
	else if (!rc)
		add_records(&out, &all, q);
	if (!rc)
		rc = print_out(q->format, &out);
	if (!rc && !all.n)
		rc = select_say_none(db, q);
	if (!rc && q->newest_50 && (int64_t)all.n == q->limit)
		log_note("%s: the first %zu; --limit=N or --all shows more", db->path, all.n);
	release_groups(&all);
	buf_release(&out);
	return rc;
}
