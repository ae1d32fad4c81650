/* SPDX-License-Identifier: ISC */
/* --check and --plan of an export. */
#include "export.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "text.h"

enum {
	LINES_MAX = 1000, /* channels that are listed */
	BYTES_A_SECOND =
		60000000 /* of JSON on one core of an ordinary machine: only for the estimate of --plan */
};

/* One line, with what a terminal must not see replaced. */
__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	struct buf text = {0}, shown = {0};
	char plain[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(plain, sizeof(plain), fmt, ap);
	va_end(ap);
	buf_adds(&text, plain);
	text_show(&shown, text.data, text.len);
	puts(buf_cstr(&shown));
	buf_release(&text);
	buf_release(&shown);
}

static int written(void)
{
	return fflush(stdout) || ferror(stdout) ? log_error(EX_IOERR, "stdout: cannot be written") : 0;
}

static void check_channels(const struct slack_export *x)
{
	for (size_t i = 0; i < x->n_channels && i < LINES_MAX; i++) {
		const struct export_channel *c = &x->channels[i];
		const struct export_day *last = &x->days[c->first + c->n - 1];

		line("ok channel %s %s: %zu day files, to %.*s", c->id, c->name ? c->name : "(no name)", c->n,
		     (int)last->key_len, last->key);
	}
	if (x->n_channels > LINES_MAX)
		line("ok channels: %zu more", x->n_channels - LINES_MAX);
}

static void check_cursor(const struct slack_export *x)
{
	size_t done = 0;

	for (size_t i = 0; i < x->n_days; i++)
		done += x->days[i].done;
	if (!x->src->file.path)
		line("ok no cursor: every run reads the whole export");
	else if (!x->src->from)
		line("ok cursor %s: not there yet, the first run reads the whole export", x->src->file.path);
	else
		line("ok cursor %s: %zu of %zu day files are known and the same", x->src->file.path, done,
		     x->n_days);
}

int export_check(const struct slack_export *x)
{
	int rc = x->worst;

	line("ok export %s: %s, source %s", x->archive.path, x->archive.zip ? "a ZIP" : "a folder",
	     x->src->source_id);
	line("ok names of %zu users and %zu channels", x->names.users.n, x->names.channels.n);
	if (!x->base)
		line("ok no domain is known: events have no url; --workspace DOMAIN gives them one");
	check_channels(x);
	if (x->nameless)
		line("folders: %zu have no channel id; add them to channels.json", x->nameless);
	if (x->archive.outside)
		line("files: %zu have names that lead out of the archive; they are left out",
		     x->archive.outside);
	check_cursor(x);
	return written() ? EX_IOERR : rc;
}

int export_plan(const struct slack_export *x)
{
	size_t days = 0;

	for (size_t i = 0; i < x->n_days; i++)
		days += !x->days[i].done;
	line("source %s", x->src->source_id);
	line("channels %zu", x->n_channels);
	line("day files %zu of %zu to read", days, x->n_days);
	line("bytes %" PRIu64, x->bytes);
	line("requests 0");
	line("time about %" PRIu64 " s", x->bytes / BYTES_A_SECOND + 1);
	return written();
}
