/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "jsonout.h"
#include "log.h"
#include "text.h"

static const char *const words[] = {"passed", "failed", "skipped"};

/* What is there is shown at once: some sources take their time. */
static void flush(struct report *r)
{
	if (!r->write_error && file_write_all(STDOUT_FILENO, r->out.data, r->out.len))
		r->write_error = errno;
	buf_reset(&r->out);
}

/* A line of its own, below the verdict. */
static void add_detail(struct report *r, const char *mark, const char *label, const char *text)
{
	if (!text)
		return;
	buf_addf(&r->out, "%s%s", mark, label);
	text_show(&r->out, text, strlen(text));
	buf_addc(&r->out, '\n');
}

static void add_json(struct report *r, const struct check *c, const struct trial *t)
{
	struct jsonout j = {.out = &r->out};

	jsonout_open(&j, '{');
	jsonout_member(&j, "source", t->name);
	jsonout_member(&j, "check", c->name);
	jsonout_member(&j, "asks", c->asks);
	jsonout_member(&j, "result", words[t->verdict]);
	jsonout_member(&j, "why", t->why);
	jsonout_member(&j, "do", t->cure);
	jsonout_member(&j, "command", t->verdict == VERDICT_FAILED ? t->command : NULL);
	jsonout_close(&j, '}');
	buf_addc(&r->out, '\n');
}

static void add_tap(struct report *r, const struct check *c, const struct trial *t)
{
	bool failed = t->verdict == VERDICT_FAILED;

	buf_addf(&r->out, "%sok %zu - %s: %s", failed ? "not " : "", r->n, c->name, c->asks);
	if (t->verdict == VERDICT_SKIPPED)
		buf_addf(&r->out, " # SKIP %s", t->why);
	buf_addc(&r->out, '\n');
	if (!failed)
		return;
	add_detail(r, "# ", "", t->why);
	add_detail(r, "# ", "do:  ", t->cure);
	add_detail(r, "# ", "run: ", t->command);
}

static void add_row(struct report *r, const struct check *c, const struct trial *t)
{
	static const char *const marks[] = {"ok  ", "FAIL", "skip"};

	if (t->verdict == VERDICT_SKIPPED &&
	    (t->endless || t->unread_again || (c->needs != NEEDS_NOTHING && !t->sound))) {
		buf_addf(&r->blocked, " %s", c->name);
		return;
	}
	buf_addf(&r->out, "%s  %-10s  %s\n", marks[t->verdict], c->name, c->asks);
	if (t->verdict == VERDICT_FAILED) {
		add_detail(r, "                  ", "", t->why);
		add_detail(r, "                  ", "do:  ", t->cure);
		add_detail(r, "                  ", "run: ", t->command);
	} else {
		add_detail(r, "                  ", "", t->why);
	}
}

void report_begin(struct report *r, const struct trial *t)
{
	if (r->format == REPORT_TABLE)
		add_detail(r, "", "", t->program);
	flush(r);
}

void report_verdict(struct report *r, const struct check *c, const struct trial *t)
{
	r->n++;
	r->passed += t->verdict == VERDICT_PASSED;
	r->failed += t->verdict == VERDICT_FAILED;
	r->skipped += t->verdict == VERDICT_SKIPPED;
	if (r->format == REPORT_NDJSON)
		add_json(r, c, t);
	else if (r->format == REPORT_TAP)
		add_tap(r, c, t);
	else
		add_row(r, c, t);
	flush(r);
}

int report_end(struct report *r, const struct trial *t)
{
	if (r->blocked.len)
		buf_addf(&r->out, "skip  what needs %s:%s\n",
			 t->endless ? "a source that ends by itself"
			 : t->sound ? "lines that can be read"
				    : "sound events",
			 buf_cstr(&r->blocked));
	buf_release(&r->blocked);
	if (r->format == REPORT_TABLE)
		buf_addf(&r->out, "%zu passed, %zu failed, %zu skipped\n", r->passed, r->failed, r->skipped);
	if (r->format == REPORT_TAP)
		buf_addf(&r->out, "1..%zu\n", r->n);
	flush(r);
	buf_release(&r->out);
	if (r->write_error)
		return log_error(EX_IOERR, "stdout: %s", strerror(r->write_error));
	if (r->failed)
		return log_error(EX_DATAERR, "%s: %zu of %zu checks failed; each says what to do", t->name,
				 r->failed, r->n);
	return 0;
}
