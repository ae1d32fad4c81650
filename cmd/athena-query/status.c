/* SPDX-License-Identifier: ISC */
#include "status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "jsonout.h"
#include "log.h"
#include "print.h"
#include "schema.h"
#include "select.h"
#include "show.h"
#include "stamp.h"
#include "table.h"
#include "write.h"
#include "xalloc.h"

/*
 * All sources that have events, a cursor, or were in a run. Rejected lines are known by the run: they count for a source
 * where it was the only one in it.
 */
static const char sql_sources[] =
	"WITH names(source_id) AS (SELECT source_id FROM sources UNION SELECT source_id FROM cursors"
	"  UNION SELECT source_id FROM run_sources),"
	" took AS (SELECT s.source_id, s.run, s.events, s.missing, s.gap, s.cut_short,"
	"  coalesce(r.ended_at, r.started_at) AS at,"
	"  s.gap = 0 AND (s.final = 1 OR (s.checkpoints = 0 AND r.exit_code = 0)) AS well,"
	"  CASE WHEN (SELECT count(*) FROM run_sources o WHERE o.run = s.run) = 1"
	"   THEN r.rejected ELSE 0 END AS rejected"
	"  FROM run_sources s JOIN runs r USING (run)),"
	" sums AS (SELECT source_id, count(*) AS runs, sum(missing) AS missing, sum(gap) AS gaps,"
	"  sum(cut_short) AS cut_short, sum(rejected) AS rejects, max(at) AS last_run,"
	"  max(CASE WHEN well THEN at END) AS last_success"
	"  FROM took GROUP BY source_id)"
	" SELECT n.source_id, (SELECT count(*) FROM event_rows e WHERE e.source = s.source) AS events,"
	"  (SELECT e.timestamp FROM event_rows e WHERE e.source = s.source"
	"   ORDER BY e.timestamp DESC LIMIT 1) AS last_event,"
	"  last_success, last_run, coalesce(runs, 0), coalesce(cut_short, 0), coalesce(missing, 0),"
	"  coalesce(rejects, 0), coalesce(gaps, 0), c.position, c.committed_at"
	" FROM names n LEFT JOIN sources s USING (source_id) LEFT JOIN sums USING (source_id)"
	"  LEFT JOIN cursors c USING (source_id)";

/* Lines that no source can be blamed for: there was none in their run, or several. */
static const char sql_others[] = "SELECT coalesce(sum(rejected), 0) FROM runs WHERE rejected > 0"
				 " AND (SELECT count(*) FROM run_sources o WHERE o.run = runs.run) <> 1";

enum column {
	NAME,
	EVENTS,
	LAST_EVENT,
	LAST_SUCCESS,
	LAST_RUN,
	RUNS,
	CUT_SHORT,
	MISSING,
	REJECTS,
	GAPS,
	POSITION,
	COMMITTED,
	SILENT,
	SYNC_EXIT_CODE,
	COLUMNS
};

static const char *const names[COLUMNS] = {
	"source_id", "events",  "last_event", "last_success", "last_run",     "runs",   "cut_short",
	"missing",   "rejects", "gaps",       "position",     "committed_at", "silent", "sync_exit_code"};

static bool is_text(int column)
{
	return column == NAME || (column >= LAST_EVENT && column <= LAST_RUN) || column >= POSITION;
}

/* What is known of one source. */
struct source {
	char *text[COLUMNS]; /* NULL: none */
	int64_t number[COLUMNS];
	bool silent;
	const struct configured_source *own; /* what the configuration calls it; NULL: it does not */
};

struct sources {
	struct source *items;
	size_t n;
	int64_t other_rejects;
};

/* ---- reading ---- */

static bool is_silent(const struct source *s, const struct query *q, int64_t now)
{
	const char *last = s->text[LAST_SUCCESS];
	int64_t at;

	if (q->max_age < 0 || (s->own && !s->own->enabled))
		return false;
	/* A sign of life from far ahead is of a clock that was wrong, and would hide all silence until then. */
	return !last || !stamp_parse(last, strlen(last), &at) || now - at > q->max_age ||
	       at - now > q->max_age;
}

static void add_source(struct sources *all, sqlite3_stmt *stmt, const struct query *q,
		       const struct configured *configured, int64_t now)
{
	struct source *s;

	all->items = xreallocarray(all->items, all->n + 1, sizeof(*all->items));
	s = &all->items[all->n++];
	*s = (struct source){0};
	for (int c = 0; c < SILENT; c++) {
		const char *text = (const char *)sqlite3_column_text(stmt, c);

		s->text[c] = text && is_text(c) ? xstrdup(text) : NULL;
		s->number[c] = sqlite3_column_int64(stmt, c);
	}
	s->own = configured_find(configured, s->text[NAME]);
	s->silent = is_silent(s, q, now);
}

static void release(struct sources *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (int c = 0; c < COLUMNS; c++)
			free(all->items[i].text[c]);
	free(all->items);
}

static int read_sources(struct db *db, const struct query *q, const struct configured *configured,
			struct sources *all, int64_t now)
{
	struct select s = {0};
	sqlite3_stmt *stmt = NULL;
	bool found = true;
	int rc;

	select_words(&s, "n.source_id", &q->sources);
	rc = select_prepare(&s, db, sql_sources, " ORDER BY n.source_id", &stmt);
	while (!rc) {
		rc = db_row(db, stmt, &found);
		if (rc || !found)
			break;
		add_source(all, stmt, q, configured, now);
	}
	sqlite3_finalize(stmt);
	select_release(&s);
	return rc ? rc : db_integer(db, sql_others, &all->other_rejects);
}

/* ---- output ---- */

static void add_ago(struct table *t, const char *stamp, int64_t now)
{
	struct buf text = {0};
	int64_t at;

	if (!stamp)
		buf_adds(&text, "never");
	else if (stamp_parse(stamp, strlen(stamp), &at))
		show_ago(&text, at, now);
	table_cell(t, buf_cstr(&text));
	buf_release(&text);
}

/* The last word of a row: what is not as it should be. */
static void add_state(struct table *t, const struct source *s)
{
	if (s->silent)
		table_cell(t, "silent for too long");
	else if (s->own && s->own->code)
		table_cellf(t, "last sync: %s", child_ended(s->own->code));
	else
		table_cell(t, s->text[LAST_SUCCESS] ? "" : "never ended well");
}

static int print_table(const struct sources *all, int64_t now)
{
	static const char *const heads[] = {"SOURCE",  "EVENTS",  "LAST EVENT", "LAST SUCCESS", "CUT SHORT",
					    "MISSING", "REJECTS", "GAPS",       "STATE"};
	struct table t = {.columns = 9, .right = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7};
	int rc;

	for (size_t i = 0; i < t.columns; i++)
		table_cell(&t, heads[i]);
	for (size_t i = 0; i < all->n; i++) {
		const struct source *s = &all->items[i];

		table_cell(&t, s->text[NAME]);
		table_cell(&t, log_count((uint64_t)s->number[EVENTS]));
		add_ago(&t, s->text[LAST_EVENT], now);
		add_ago(&t, s->text[LAST_SUCCESS], now);
		for (int c = CUT_SHORT; c <= GAPS; c++)
			table_cell(&t, log_count((uint64_t)s->number[c]));
		add_state(&t, s);
	}
	rc = table_print(&t, 0);
	table_release(&t);
	if (!rc && all->other_rejects)
		log_note("%s rejected lines belong to no single source",
			 log_count((uint64_t)all->other_rejects));
	return rc;
}

static void add_json(struct buf *out, const struct source *s)
{
	struct jsonout j = {.out = out};

	jsonout_open(&j, '{');
	for (int c = 0; c < SILENT; c++) {
		if (!is_text(c))
			jsonout_member_int(&j, names[c], s->number[c]);
		else
			jsonout_member(&j, names[c], s->text[c]);
	}
	jsonout_name(&j, names[SILENT]);
	jsonout_bool(&j, s->silent);
	if (s->own && s->own->synced)
		jsonout_member_int(&j, names[SYNC_EXIT_CODE], s->own->code);
	jsonout_close(&j, '}');
}

static void add_csv(struct buf *out, const struct source *s)
{
	for (int c = 0; c < SILENT; c++) {
		if (is_text(c))
			write_csv_field(out, s->text[c], s->text[c] ? strlen(s->text[c]) : 0);
		else
			buf_addf(out, "%" PRId64, s->number[c]);
		buf_addc(out, ',');
	}
	buf_addf(out, "%s,", s->silent ? "true" : "false");
	if (s->own && s->own->synced)
		buf_addf(out, "%d", s->own->code);
	buf_adds(out, "\r\n");
}

static int print_records(const struct sources *all, const struct query *q)
{
	bool array = q->format == FORMAT_JSON, csv = q->format == FORMAT_CSV;
	struct buf out = {0};
	int rc;

	if (array)
		buf_addc(&out, '[');
	for (int c = 0; csv && c < COLUMNS; c++)
		buf_addf(&out, "%s%s", names[c], c + 1 < COLUMNS ? "," : "\r\n");
	for (size_t i = 0; i < all->n; i++) {
		if (array)
			buf_adds(&out, i ? ",\n" : "\n");
		if (csv)
			add_csv(&out, &all->items[i]);
		else
			add_json(&out, &all->items[i]);
		if (!array && !csv)
			buf_addc(&out, '\n');
	}
	if (array)
		buf_adds(&out, all->n ? "\n]\n" : "]\n");
	rc = print_out(q->format, &out);
	buf_release(&out);
	return rc;
}

/* ---- the verdict ---- */

/* Whom to ask why: the configuration may have a name for it. */
static void add_advice(struct buf *out, const struct configured_source *own)
{
	if (!own) {
		buf_adds(out, "; run its source, or athena sync, and see what it says");
		return;
	}
	if (own->code)
		buf_addf(out, "; its last sync: %s", child_ended(own->code));
	buf_addf(out, "; 'athena check %s' says why", own->name);
}

static int judge_source(const struct db *db, const struct source *s, int64_t now)
{
	const char *last = s->text[LAST_SUCCESS];
	struct buf text = {0};
	int64_t at;
	int rc;

	if (last && stamp_parse(last, strlen(last), &at)) {
		buf_adds(&text, "last ended well ");
		show_ago(&text, at, now);
		if (at > now)
			buf_adds(&text, " (a clock was wrong, then or now)");
	} else {
		buf_adds(&text, "never ended well");
	}
	add_advice(&text, s->own);
	rc = log_error(STATUS_SILENT, "%s: %s: %s", db->path, s->text[NAME], buf_cstr(&text));
	buf_release(&text);
	return rc;
}

/* Has it been said already, as its row? */
static bool is_said(const struct sources *all, const struct configured_source *own)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].own == own)
			return all->items[i].silent;
	return false;
}

static bool is_asked(const struct query *q, const struct configured_source *own)
{
	for (size_t i = 0; i < q->sources.n; i++)
		if (!strcmp(q->sources.items[i], own->name) ||
		    (own->id && !strcmp(q->sources.items[i], own->id)))
			return true;
	return !q->sources.n;
}

static bool is_any_asked(const struct query *q, const struct configured *configured)
{
	for (size_t i = 0; i < configured->n; i++)
		if (is_asked(q, &configured->sources[i]))
			return true;
	return false;
}

/*
 * What the database does not know: a source that is configured, and has no events, no cursor, no run; and one whose last
 * sync failed, which may be long before it has been silent for too long.
 */
static int judge_configured(const struct sources *all, const struct query *q,
			    const struct configured *configured)
{
	int rc = 0;

	for (size_t i = 0; i < configured->n; i++) {
		const struct configured_source *own = &configured->sources[i];
		bool never = configured_never(own), alarm = q->max_age >= 0;
		struct buf text = {0};

		if (!is_asked(q, own) || is_said(all, own) || !(never || (alarm && configured_failed(own))))
			continue;
		buf_addf(&text, "%s: %s", own->name,
			 never ? "is configured, and nothing has come from it yet" : "does not get on");
		add_advice(&text, own);
		if (alarm)
			rc = log_error(STATUS_SILENT, "%s", buf_cstr(&text));
		else
			log_note("%s", buf_cstr(&text));
		buf_release(&text);
	}
	return rc;
}

static int judge(const struct db *db, const struct sources *all, const struct query *q,
		 const struct configured *configured, int64_t now)
{
	int rc = judge_configured(all, q, configured);

	if (q->max_age >= 0 && !all->n && !rc)
		return log_error(STATUS_SILENT, "%s: no %ssource has ever delivered anything", db->path,
				 q->sources.n ? "such " : "");
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].silent)
			rc = judge_source(db, &all->items[i], now);
	return rc;
}

int status_run(struct db *db, const struct query *q, const struct configured *configured)
{
	struct sources all = {0};
	int64_t now = stamp_now(), version;
	int rc = schema_version(db, &version);

	if (!rc && version < 2)
		return log_error(EX_CONFIG,
				 "%s: its schema is version %d, which keeps no record of runs; any run of "
				 "athena-store makes it a new one",
				 db->path, (int)version);
	if (!rc)
		rc = read_sources(db, q, configured, &all, now);
	if (!rc)
		rc = q->format == FORMAT_TABLE ? print_table(&all, now) : print_records(&all, q);
	if (!rc)
		rc = judge(db, &all, q, configured, now);
	if (!rc && !all.n && q->sources.n && !is_any_asked(q, configured))
		rc = select_say_unknown(q, db);
	release(&all);
	return rc;
}
