/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "access.h"
#include "log.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum {
	TOLD_MAX = 1000,
	LEFT_SAID = 10,
};

void fetch_note(struct fetch *f, int code)
{
	if (code > 0 && !f->code)
		f->code = code;
}

bool fetch_say(struct fetch *f, const char *path)
{
	for (size_t i = 0; i < f->told.n; i++)
		if (!strcmp(f->told.items[i], path))
			return false;
	if (f->told.n < TOLD_MAX)
		words_add(&f->told, xstrdup(path));
	return true;
}

int fetch_refused(const char *path, const char *so)
{
	char *todo = access_advice(path);
	int rc = log_error(EX_NOPERM, "%s: %s; %s; %s", path, strerror(EACCES), so, todo);

	free(todo);
	return rc;
}

static json_t *list_json(const struct opt_list *list)
{
	json_t *a = json_array();

	for (size_t i = 0; i < list->n; i++) {
		struct buf b = {0};

		text_percent(&b, list->items[i], strlen(list->items[i]), "");
		json_array_append_new(a, json_stringn(b.data, b.len));
		buf_release(&b);
	}
	return a;
}

static void select_list(json_t *selection, const char *name, const struct opt_list *list)
{
	if (list->n)
		json_object_set_new(selection, name, list_json(list));
}

/* What decides which events exist. */
static json_t *selection_of(const struct fetch *f)
{
	const struct apilog_options *o = f->options;
	const struct opt_list format = {(const char **)&o->format, 1};
	json_t *s = json_object();

	if (strcmp(o->format, "auto") != 0)
		select_list(s, "format", &format);
	select_list(s, "field", &o->fields);
	select_list(s, "status", &o->statuses);
	select_list(s, "endpoint", &o->endpoints);
	select_list(s, "method", &o->methods);
	if (o->min_duration_us)
		json_object_set_new(s, "min_duration", json_integer(o->min_duration_us));
	source_floor(f->src, s);
	return s;
}

/* A --since that goes back further than that of the cursor: what lies between is made up for. */
static void find_backfill(struct fetch *f)
{
	const char *text =
		f->src->from ? json_string_value(json_object_get(f->src->from->selection, "since")) : NULL;

	f->floor = SOURCE_NO_TIME;
	if (text && stamp_parse(text, strlen(text), &f->floor))
		f->backfill = f->src->since == SOURCE_NO_TIME || f->src->since < f->floor;
}

/* What a back-fill does not reach will be read from its start: later nobody knows that it was not reached. */
static void forget_all_strays(struct fetch *f)
{
	for (size_t i = f->known.n; i-- > 0;)
		if (!logs_of_known(f->logs, f->known.items[i]->log))
			knowns_remove(&f->known, i);
}

/* Entries of logs that no operand means are kept, but not without end: the oldest go. */
static void forget_strays(struct fetch *f)
{
	size_t strays = 0;

	if (f->backfill)
		forget_all_strays(f);
	for (size_t i = 0; i < f->known.n; i++)
		strays += !logs_of_known(f->logs, f->known.items[i]->log);
	for (; strays > KNOWN_STRAYS; strays--) {
		size_t oldest = SIZE_MAX;

		for (size_t i = 0; i < f->known.n; i++)
			if (!logs_get(f->logs, f->known.items[i]->log) &&
			    (oldest == SIZE_MAX ||
			     f->known.items[i]->hint.mtime_us < f->known.items[oldest]->hint.mtime_us))
				oldest = i;
		knowns_remove(&f->known, oldest);
	}
}

/*
 * Lines that came to a file of a log that no operand means any more are not read: the folder that was named may be a link that
 * leads elsewhere now.
 */
static void say_left_behind(struct fetch *f)
{
	struct stat st;
	size_t n = 0;

	for (size_t i = 0; i < f->known.n && n < LEFT_SAID; i++) {
		const struct known *k = f->known.items[i];
		struct hint now;

		if (logs_get(f->logs, k->log) || stat(k->path, &st))
			continue;
		now = hint_of(&st);
		if (!hint_same_inode(&now, &k->hint) || now.size <= known_at(k)->offset)
			continue;
		log_note("%s: not named any more, and not read behind line %" PRId64
			 "; name it, too, for the rest of it",
			 k->path, known_at(k)->lines);
		n++;
	}
}

/* Folders in which rotated files of a log were found before. */
static void find_aside(struct fetch *f)
{
	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *k = f->known.items[i];
		struct log *log = logs_get(f->logs, k->log);

		if (log)
			visit_aside(log, k->path, k->hint.mtime_us);
	}
}

/* A log that is known, or has rotated files, is there even where it is not. */
static bool has_traces(const struct fetch *f, const char *operand)
{
	bool any = false;

	for (size_t i = 0; i < f->known.n && !any; i++)
		any = logs_means(f->logs, operand, f->known.items[i]->log);
	for (size_t i = 0; i < f->logs->n && !any; i++) {
		struct listing l;

		if (!logs_means(f->logs, operand, f->logs->items[i]->path))
			continue;
		listing_read(&l, f->logs->items[i]);
		any = l.n > 0;
		listing_release(&l);
	}
	return any;
}

/* What is not there; 66 where that is all that was asked for. */
static int say_missing(struct fetch *f)
{
	const struct words *missing = &f->logs->missing;
	size_t none = 0;

	if (f->logs->unread)
		fetch_note(f, f->logs->error == EACCES
				      ? fetch_refused(f->logs->unread, "it was left out")
				      : log_error(EX_IOERR, "%s: %s; it was left out", f->logs->unread,
						  strerror(f->logs->error)));
	for (size_t i = 0; i < missing->n; i++) {
		if (has_traces(f, missing->items[i]))
			continue;
		if (f->options->follow)
			log_note("%s: not there yet; waiting for it", missing->items[i]);
		else
			fetch_note(f, log_error(EX_NOINPUT, "%s: no such log", missing->items[i]));
		none += !f->options->follow;
	}
	return none && none == f->logs->operands->n ? f->code : 0;
}

int fetch_open(struct fetch *f)
{
	static const char *const continuable[] = {"since", NULL};
	const struct apilog_options *o = f->options;
	int rc = workers_init(&f->workers, workers_usual(), o->format, o->fields.items, o->fields.n);

	f->total = -1;
	if (!rc)
		rc = filter_init(&f->filter, &o->statuses, &o->endpoints, &o->methods, o->min_duration_us);
	f->selection = selection_of(f);
	if (!rc)
		rc = source_same_selection(f->src, f->selection, continuable);
	if (!rc && f->src->from && !knowns_load(&f->known, f->src->from->position))
		rc = log_error(
			EX_CONFIG,
			"%s: holds no position of an API log that this version can read; put back another, "
			"or remove it to start afresh",
			f->src->file.path);
	if (rc)
		return rc;
	find_backfill(f);
	forget_strays(f);
	find_aside(f);
	say_left_behind(f);
	return f->src->check ? 0 : say_missing(f);
}

/* Where it is not of all that is there the cursor keeps its --since, so that the next run makes up for it again. */
static void end_backfill(struct fetch *f)
{
	json_t *floor = f->src->from ? json_object_get(f->src->from->selection, "since") : NULL;

	if (f->backfill && f->missed) {
		json_object_set(f->selection, "since", floor);
		log_note("--since: not all that lies before %s could be read; a run that can, with this "
			 "--since again, goes back for it",
			 json_string_value(floor));
	}
	f->backfill = false;
}

int fetch_all(struct fetch *f)
{
	int rc = 0;

	for (size_t i = 0; i < f->logs->pipes.n && !rc; i++)
		rc = take_pipe(f, f->logs->pipes.items[i]);
	for (size_t i = 0; i < f->logs->n && !rc; i++)
		rc = f->logs->items[i]->pipe ? 0 : fetch_log(f, f->logs->items[i]);
	for (size_t i = 0; i < f->logs->n && !rc; i++)
		rc = f->logs->items[i]->pipe ? 0 : gap_tell(f, f->logs->items[i]);
	if (!rc)
		end_backfill(f);
	return rc;
}

json_t *fetch_position(const struct fetch *f)
{
	return f->backfill ? NULL : knowns_json(&f->known);
}

void fetch_close(struct fetch *f)
{
	knowns_release(&f->known);
	words_release(&f->told);
	reader_release(&f->reader);
	workers_release(&f->workers);
	filter_release(&f->filter);
	json_decref(f->selection);
}
