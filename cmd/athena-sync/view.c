/* SPDX-License-Identifier: ISC */
#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "jsonout.h"
#include "log.h"
#include "metrics.h"
#include "say.h"
#include "stamp.h"
#include "table.h"

enum { NAME_WIDTH = 20 };

/* ---- while they run ---- */

static size_t drawn; /* lines on the terminal */

void view_clear(void)
{
	char text[32];

	if (drawn)
		(void)file_write_all(STDERR_FILENO, text,
				     (size_t)snprintf(text, sizeof(text), "\033[%zuA\r\033[J", drawn));
	drawn = 0;
}

static const char *state_word(const struct pipeline *p)
{
	switch (p->state) {
	case PIPELINE_READY:
		return "waiting";
	case PIPELINE_RUNNING:
	case PIPELINE_ENDED:
		return "running";
	case PIPELINE_WAITING:
		return "retries";
	case PIPELINE_DONE:
		break;
	}
	return p->code ? "failed" : "done";
}

static void add_line(struct buf *out, const struct pipeline *p, int64_t now, size_t width)
{
	const char *said = *p->parts[PART_SOURCE].progress ? p->parts[PART_SOURCE].progress
							   : p->parts[PART_STORE].progress;
	int64_t until = p->state == PIPELINE_DONE ? p->ended : now;
	char line[256], what[128] = "";
	size_t n;

	if (p->state == PIPELINE_WAITING)
		snprintf(what, sizeof(what), "in %" PRId64 " s, attempt %u",
			 (p->next - now) / STAMP_SECOND + 1, p->attempts + 1);
	else if (p->state == PIPELINE_DONE && p->code)
		snprintf(what, sizeof(what), "%s", child_ended(p->code));
	else if (p->state == PIPELINE_DONE)
		snprintf(what, sizeof(what), "%s new", log_count((uint64_t)p->inserted));
	else if (p->state == PIPELINE_RUNNING)
		snprintf(what, sizeof(what), "%s", said);
	snprintf(line, sizeof(line), "%-*.*s  %-7s  %4" PRId64 " s  %s", NAME_WIDTH, NAME_WIDTH,
		 p->source->name, state_word(p), p->began ? (until - p->began) / STAMP_SECOND : 0, what);
	n = strlen(line);
	for (size_t i = 0; i < n && i < width - 1; i++)
		buf_addc(out, line[i] >= ' ' && line[i] < 0x7f ? line[i] : '?');
	buf_addc(out, '\n');
}

/* Of more sources than the terminal has lines only those that run, and how many do not. */
static size_t add_some(struct buf *out, const struct pipeline *all, size_t n, int64_t now, size_t width,
		       size_t room)
{
	size_t shown = 0;

	for (size_t i = 0; i < n && shown + 1 < room; i++)
		if (all[i].state == PIPELINE_RUNNING) {
			add_line(out, &all[i], now, width);
			shown++;
		}
	buf_addf(out, "and %zu others\n", n - shown);
	return shown + 1;
}

void view_draw(const struct pipeline *all, size_t n, int64_t now)
{
	static int64_t last;
	size_t width = 80, lines = n, room = 0;
	bool terminal = table_size(STDERR_FILENO, &width, &room);
	struct buf out = {0};

	/* A file keeps every line: once a second is enough. */
	if (!terminal && now - last < STAMP_SECOND)
		return;
	last = now;
	view_clear();
	if (terminal && n + 1 > room)
		lines = add_some(&out, all, n, now, width, room - 1);
	else
		for (size_t i = 0; i < n; i++)
			add_line(&out, &all[i], now, width);
	(void)file_write_all(STDERR_FILENO, out.data, out.len);
	drawn = terminal ? lines : 0;
	buf_release(&out);
}

/* ---- the summary ---- */

static bool is_part(const struct pipeline *p, enum pipeline_part part, int code)
{
	return p->parts[part].code == code;
}

static void add_again(struct buf *out, const struct pipeline *p, const char *name)
{
	char at[STAMP_SIZE];

	if (p->retry_at > STAMP_MIN && p->retry_at < STAMP_MAX && p->retry_at) {
		stamp_format(p->retry_at / STAMP_SECOND * STAMP_SECOND, at);
		buf_addf(out, "again after %s", at);
	} else {
		buf_addf(out, "again later: athena sync %s", name);
	}
}

/* What a person can do about the exit code; NULL where nothing is to be done. On the heap. */
static char *next_step(const struct pipeline *p, const struct settings *s)
{
	bool source_well = is_part(p, PART_SOURCE, 0) || is_part(p, PART_SOURCE, 128 + SIGPIPE);
	struct buf name = {0}, database = {0}, out = {0};

	if (!p->code)
		return NULL;
	words_quote(&name, p->source->name);
	if (p->code == EX_TEMPFAIL)
		add_again(&out, p, buf_cstr(&name));
	else if (p->code == EX_DATAERR && p->rejected) {
		words_quote(&database, s->database);
		buf_addf(&out, "look at what was rejected: sqlite3 %s 'SELECT line, reason FROM rejects'",
			 buf_cstr(&database));
	} else if (is_part(p, PART_SOURCE, EX_USAGE))
		buf_addf(&out, "look at its options: athena config %s", buf_cstr(&name));
	else if (p->code == EX_UNAVAILABLE || p->code == CHILD_MISSING)
		buf_adds(&out, "see above; athena sources shows what is there");
	else if (p->code > 128)
		buf_addf(&out, "go on from there: athena sync %s", buf_cstr(&name));
	else if (source_well && !is_part(p, PART_STORE, 0))
		buf_adds(&out, "see above");
	else
		buf_addf(&out, "see above; athena check %s", buf_cstr(&name));
	buf_release(&name);
	buf_release(&database);
	return buf_detach(&out);
}

static void add_row(struct table *t, const struct pipeline *p, const struct settings *s)
{
	int64_t ms = (p->ended - p->began) / 1000;
	char *step = next_step(p, s);

	table_cell(t, p->source->name);
	table_cell(t, p->code ? child_ended(p->code) : "ok");
	table_cell(t, log_count((uint64_t)p->inserted));
	table_cell(t, log_count((uint64_t)p->updated));
	table_cell(t, log_count((uint64_t)p->known));
	table_cell(t, log_count((uint64_t)p->rejected));
	table_cell(t, p->has_metrics ? log_count((uint64_t)p->requests) : "");
	table_cellf(t, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
	table_cell(t, step);
	free(step);
}

static void add_json(struct buf *out, const struct pipeline *p, const struct settings *s)
{
	struct jsonout j = {.out = out};
	char *step = next_step(p, s);

	jsonout_open(&j, '{');
	jsonout_member(&j, "name", p->source->name);
	jsonout_member(&j, "type", p->source->type);
	jsonout_member_int(&j, "code", p->code);
	jsonout_member_int(&j, "new", p->inserted);
	jsonout_member_int(&j, "updated", p->updated);
	jsonout_member_int(&j, "known", p->known);
	jsonout_member_int(&j, "rejected", p->rejected);
	if (p->has_metrics)
		jsonout_member_int(&j, "requests", p->requests);
	jsonout_member_int(&j, "attempts", p->attempts);
	jsonout_member_int(&j, "duration_ms", (p->ended - p->began) / 1000);
	jsonout_member(&j, "next_step", step);
	jsonout_close(&j, '}');
	buf_addc(out, '\n');
	free(step);
}

int view_summary(const struct pipeline *all, size_t n, const struct settings *s, bool table)
{
	static const char *const head[] = {"SOURCE",   "STATUS",   "NEW",  "UPDATED",  "KNOWN",
					   "REJECTED", "REQUESTS", "TIME", "NEXT STEP"};
	struct table t = {.columns = sizeof(head) / sizeof(*head), .right = 0xfc};
	struct buf out = {0};
	int rc = 0;

	for (size_t i = 0; table && i < t.columns; i++)
		table_cell(&t, head[i]);
	for (size_t i = 0; i < n; i++) {
		if (table)
			add_row(&t, &all[i], s);
		else
			add_json(&out, &all[i], s);
	}
	if (table)
		rc = table_print(&t, 0);
	else
		rc = say_json(out.data, out.len);
	table_release(&t);
	buf_release(&out);
	return rc;
}
