/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum {
	PASSES = 5,           /* over files that are moved all the time, before nothing is called lost */
	COPIED_US = 10000000, /* a file that was written to since is perhaps being copied, its last line not
				 whole yet */
};

void fetch_note(struct fetch *f, int code)
{
	if (code > 0 && !f->code)
		f->code = code;
}

/* ---- a file ---- */

/* Nobody writes to it any more: it is compressed, or the log has gone on in another file. */
static bool is_settled(const struct fetch *f, const struct known *k, const struct candidate *c)
{
	return f->reader.packed || c->rotation.packed ||
	       (f->moved_on && (f->live_is_log || !c->stray) && !hint_same_inode(&f->live, &k->hint));
}

/*
 * The entry of a rotated file that is exactly as it was when all of it had been read. Not that of one whose
 * last line had no end and will have none: that has to be said.
 */
static struct known *unchanged(const struct fetch *f, const struct candidate *c)
{
	for (size_t i = 0; i < f->known.n && !f->backfill && !c->live; i++) {
		struct known *k = f->known.items[i];

		if (k->end && hint_same(&k->hint, &c->hint))
			return k->settled || k->hint.size == known_at(k)->offset || !is_settled(f, k, c)
				       ? k
				       : NULL;
	}
	return NULL;
}

static void claim(struct known *k, const struct log *log, const char *path)
{
	k->claimed = k->held = true;
	known_rename(k, log->path, path);
}

/* A compressed file beside the one that it is made of, or was made of. */
static bool is_twin(const struct fetch *f, const struct listing *l, const struct candidate *c,
		    const char first[FILE_HASH])
{
	const struct candidate *twin = f->reader.packed ? listing_twin(l, c) : NULL;

	for (size_t i = 0; twin && i < f->known.n; i++)
		if (f->known.items[i]->claimed && !strcmp(f->known.items[i]->path, twin->path) &&
		    !memcmp(f->known.items[i]->first, first, FILE_HASH))
			return true;
	return false;
}

/* What has been read to its end, as far as it has one. Of a copy that is being made the rest comes later. */
static void conclude(struct fetch *f, struct log *log, struct known *k, const struct candidate *c,
		     enum reader_result how)
{
	bool fresh = stamp_now() - k->hint.mtime_us < COPIED_US && !f->reader.packed;
	const char *p;
	bool torn;

	k->end = how == READER_END;
	if (how == READER_CHANGED)
		f->again = true;
	if (how == READER_ERROR) {
		fetch_note(f,
			   log_error(f->reader.packed ? EX_DATAERR : EX_IOERR,
				     "%s: %s; what could be read of it was taken", k->path, f->reader.why));
		log->unsure = true;
		k->end = k->settled = f->reader.packed; /* it is said once, until the file changes */
		return;
	}
	torn = k->end && (reader_unfinished(&f->reader, &p) || f->reader.long_at >= 0);
	if (!k->end || !is_settled(f, k, c) || (torn && fresh)) {
		if (torn && !f->src->file.path && !f->options->follow)
			log_note("%s: its last line has no end yet, and was left out", k->path);
		return;
	}
	if (torn && !k->settled)
		take_unfinished(f);
	k->settled = true;
}

static bool start_at(struct fetch *f, struct known *k, const struct mark *from, int64_t *known_to)
{
	*known_to = f->backfill ? from->offset : 0;
	if (f->backfill || !from->offset)
		return reader_rewind(&f->reader);
	known_mark(k, from);
	return reader_match(&f->reader, from);
}

/* A read failed, so that nothing can be said of the file: not that it is another one, nor that one is lost. */
static int leave_out(struct fetch *f, struct log *log, size_t n_known)
{
	while (f->known.n > n_known)
		knowns_remove(&f->known, f->known.n - 1);
	log->unsure = true;
	fetch_note(f, log_error(EX_IOERR, "%s: %s; it was left out", f->reader.path, f->reader.why));
	return 0;
}

/* Lines of a file whose first one is known. */
static int visit_known(struct fetch *f, struct log *log, const struct listing *l, const struct candidate *c,
		       const char first[FILE_HASH])
{
	enum reader_result how = READER_CHANGED;
	struct mark from;
	size_t n_known = f->known.n;
	struct known *k;
	int64_t known_to;
	int rc = 0;

	if (is_twin(f, l, c, first))
		return 0;
	k = match_file(f, l, c, first, &from);
	if (f->reader.broken)
		return leave_out(f, log, n_known);
	if (c->stray && !from.offset) {
		knowns_remove(&f->known, f->known.n - 1);
		return 0;
	}
	claim(k, log, c->path);
	k->hint = c->hint;
	k->end = k->settled = false; /* what it was may have been that of a copy, which this file is not */
	if (start_at(f, k, &from, &known_to)) {
		f->from = reader_place(&f->reader);
		rc = take_lines(f, log, k, known_to, &how);
		f->done += reader_place(&f->reader) - f->from;
	}
	if (!rc)
		conclude(f, log, k, c, how);
	if (c->stray && k->settled)
		k->claimed = false; /* it was finished, and is no part of the log by its name */
	if (!k->n_marks)
		knowns_remove(&f->known, f->known.n - 1); /* it was new: nothing is known of it yet */
	return rc;
}

static int visit_open(struct fetch *f, struct log *log, const struct listing *l, const struct candidate *c)
{
	char first[FILE_HASH];

	switch (reader_first(&f->reader, first)) {
	case READER_KNOWN:
		return visit_known(f, log, l, c, first);
	case READER_UNKNOWN:
		if (c->hint.size && !f->src->file.path)
			log_note("%s: holds no whole line yet", c->path);
		return 0;
	case READER_UTF16:
		fetch_note(
			f,
			log_error(
				EX_DATAERR,
				"%s: UTF-16, which is not read; convert it: iconv -f UTF-16 -t UTF-8 < FILE",
				c->path));
		return 0;
	case READER_UNUSABLE:
		log->unsure = true;
		fetch_note(f, log_error(f->reader.broken ? EX_IOERR : EX_DATAERR, "%s: cannot be read: %s",
					c->path,
					*f->reader.why ? f->reader.why : "it changes while it is read"));
		return 0;
	}
	return 0;
}

/* The file is kept open for --follow: it can be read to its end whatever becomes of its name. */
static bool keep_open(struct fetch *f, const struct candidate *c, int fd)
{
	if (!f->options->follow || f->reader.packed)
		return false;
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		if (k->claimed && !k->settled && k->fd < 0 && hint_same_inode(&k->hint, &c->hint)) {
			k->fd = fd;
			return true;
		}
	}
	return false;
}

static int cannot_open(struct fetch *f, struct log *log, const struct candidate *c)
{
	if (errno == ENOENT || errno == ENOTDIR) {
		f->again = true;
		return 0;
	}
	log->unsure = true;
	fetch_note(f, log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %s; it was left out", c->path,
				strerror(errno)));
	return 0;
}

static int visit(struct fetch *f, struct log *log, const struct listing *l, struct candidate *c)
{
	struct known *k = unchanged(f, c);
	struct stat st;
	bool kept;
	int fd, rc;

	if (k) {
		claim(k, log, c->path);
		k->settled |= is_settled(f, k, c);
		return 0;
	}
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return cannot_open(f, log, c);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	c->hint = hint_of(&st); /* before it is read: what comes later makes it another */
	rc = reader_open(&f->reader, fd, c->path);
	if (rc) {
		log->unsure = true;
		fetch_note(f, rc);
		rc = 0;
	} else {
		rc = visit_open(f, log, l, c);
	}
	kept = rc <= 0 && keep_open(f, c, fd);
	reader_close(&f->reader);
	if (!kept)
		close(fd);
	return rc;
}

/* ---- a log ---- */

/* Has the file that is written to now a line? Asked before older ones are read to their end. */
static void look_at_live(struct fetch *f, const struct listing *l)
{
	const struct candidate *c = listing_live(l);
	int fd = c ? open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	char first[FILE_HASH];
	struct stat st;

	f->moved_on = false;
	f->live = (struct hint){0};
	f->live_is_log = c && !*c->rotation.stamp && c->rotation.number < 0;
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && unpack_kind(fd) == UNPACK_PLAIN &&
	    !reader_open(&f->reader, fd, c->path)) {
		f->live = hint_of(&st);
		f->moved_on = reader_first(&f->reader, first) == READER_KNOWN;
		reader_close(&f->reader);
	}
	close(fd);
}

static bool is_lost(const struct known *k, const struct log *log)
{
	return !k->claimed && !k->held && !k->settled && !strcmp(k->log, log->path);
}

/* Does a file that was not opened, because nothing is new in it, hold what is lost? A copy may. */
static void look_into(struct fetch *f, struct log *log, const struct candidate *c, const struct known *lost)
{
	const struct known *k = unchanged(f, c);
	char first[FILE_HASH];
	int fd;

	if (!k || memcmp(k->first, lost->first, FILE_HASH) != 0)
		return;
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (!reader_open(&f->reader, fd, c->path)) {
		if (reader_first(&f->reader, first) == READER_KNOWN)
			match_hold(f, first);
		log->unsure |= f->reader.broken;
		reader_close(&f->reader);
	}
	close(fd);
}

/* Files under other names: what an operator moved away. */
static void find_strays(struct listing *l, const struct known *k)
{
	char *folder = xstrndup(k->path, (size_t)(strrchr(k->path, '/') - k->path));

	listing_add_strays(l, l->folder, k->hint.ino);
	if (strcmp(folder, l->folder) != 0)
		listing_add_strays(l, *folder ? folder : "/", k->hint.ino);
	free(folder);
}

static int look_for_lost(struct fetch *f, struct log *log, struct listing *l)
{
	int rc = 0;

	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *k = f->known.items[i];

		for (size_t c = 0; c < l->n_family && is_lost(k, log); c++)
			look_into(f, log, &l->items[c], k);
		if (is_lost(k, log))
			find_strays(l, k);
	}
	for (size_t i = l->n_family; i < l->n && !rc; i++)
		rc = visit(f, log, l, &l->items[i]);
	return rc;
}

static int pass(struct fetch *f, struct log *log)
{
	struct listing l;
	int rc = 0;

	f->again = false;
	for (size_t i = 0; i < f->known.n; i++)
		if (!strcmp(f->known.items[i]->log, log->path))
			f->known.items[i]->claimed = f->known.items[i]->held = false;
	rc = follow_drain(f, log);
	listing_read(&l, log);
	look_at_live(f, &l);
	for (size_t i = 0; i < l.n_family && !rc; i++)
		rc = source_interrupted() ? SOURCE_STOP : visit(f, log, &l, &l.items[i]);
	if (!rc)
		rc = look_for_lost(f, log, &l);
	if (!rc)
		follow_hold(f, log);
	f->again |= listing_changed(&l, log);
	listing_release(&l);
	return rc;
}

int fetch_log(struct fetch *f, struct log *log)
{
	int rc = 0;

	log->unsure = false;
	log->fresh_us = RECORD_NONE;
	for (int i = 0; i < PASSES; i++) {
		rc = pass(f, log);
		if (rc || !f->again)
			return rc;
	}
	log->unsure = true;
	return rc;
}

/* ---- a run ---- */

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

/* Entries of logs that no operand means are kept, but not without end: the oldest go. */
static void forget_strays(struct fetch *f)
{
	size_t strays = 0;

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

static void say_missing(struct fetch *f)
{
	const struct words *missing = &f->logs->missing;

	for (size_t i = 0; i < missing->n; i++) {
		if (has_traces(f, missing->items[i]))
			continue;
		if (f->options->follow)
			log_note("%s: not there yet; waiting for it", missing->items[i]);
		else
			fetch_note(f, log_error(EX_NOINPUT, "%s: no such log", missing->items[i]));
	}
}

int fetch_open(struct fetch *f)
{
	static const char *const continuable[] = {"since", NULL};
	const struct apilog_options *o = f->options;
	int rc = lanes_init(&f->lanes, lanes_usual(), o->format, o->fields.items, o->fields.n);

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
	if (!f->src->check)
		say_missing(f);
	return 0;
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
		f->backfill = false;
	return rc;
}

json_t *fetch_position(const struct fetch *f)
{
	return f->backfill ? NULL : knowns_json(&f->known);
}

void fetch_close(struct fetch *f)
{
	knowns_release(&f->known);
	reader_release(&f->reader);
	lanes_release(&f->lanes);
	filter_release(&f->filter);
	json_decref(f->selection);
}
