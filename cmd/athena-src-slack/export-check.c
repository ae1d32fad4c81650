/* SPDX-License-Identifier: ISC */
/* --check and --plan of an export. */
#include "export.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "say.h"

enum {
	LINES_MAX = 1000, /* channels that are listed */
	BYTES_A_SECOND =
		60000000 /* of JSON on one core of an ordinary machine: only for the estimate of --plan */
};

static void check_channels(const struct slack_export *x)
{
	for (size_t i = 0; i < x->n_channels && i < LINES_MAX; i++) {
		const struct export_channel *c = &x->channels[i];
		const struct export_day *last = &x->days[c->first + c->n - 1];

		say_line("ok channel %s %s: %zu day files, to %.*s", c->id, c->name ? c->name : "(no name)",
			 c->n, (int)last->key_len, last->key);
	}
	if (x->n_channels > LINES_MAX)
		say_line("ok channels: %zu more", x->n_channels - LINES_MAX);
}

static void check_cursor(const struct slack_export *x)
{
	size_t done = 0;

	for (size_t i = 0; i < x->n_days; i++)
		done += x->days[i].done;
	if (!x->src->file.path)
		say_line("ok no cursor: every run reads the whole export");
	else if (!x->src->from)
		say_line("ok cursor %s: not there yet, the first run reads the whole export",
			 x->src->file.path);
	else
		say_line("ok cursor %s: %zu of %zu day files are known and the same", x->src->file.path, done,
			 x->n_days);
}

int export_check(const struct slack_export *x)
{
	int rc = x->worst;

	say_line("ok export %s: %s, source %s", x->archive.path, x->archive.zip ? "a ZIP" : "a folder",
		 x->src->source_id);
	say_line("ok names of %zu users and %zu channels", x->names.users.n, x->names.channels.n);
	if (!x->base)
		say_line("ok no domain is known: events have no url; --workspace DOMAIN gives them one");
	check_channels(x);
	if (x->nameless)
		say_line("folders: %zu have no channel id; add them to channels.json", x->nameless);
	if (x->archive.outside)
		say_line("files: %zu have names that lead out of the archive; they are left out",
			 x->archive.outside);
	check_cursor(x);
	return say_end() ? EX_IOERR : rc;
}

int export_plan(const struct slack_export *x)
{
	size_t days = 0;

	for (size_t i = 0; i < x->n_days; i++)
		days += !x->days[i].done;
	say_line("source %s", x->src->source_id);
	say_line("channels %zu", x->n_channels);
	say_line("day files %zu of %zu to read", days, x->n_days);
	say_line("bytes %" PRIu64, x->bytes);
	say_line("requests 0");
	say_line("time about %" PRIu64 " s", x->bytes / BYTES_A_SECOND + 1);
	return say_end();
}
