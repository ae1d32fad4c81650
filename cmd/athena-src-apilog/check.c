/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "access.h"
#include "log.h"
#include "say.h"
#include "xalloc.h"

enum {
	LINES = 100,                /* of a log that are tried */
	BYTES_A_SECOND = 300000000, /* that one ordinary core reads: only for the estimate of --plan */
};

/* ---- --check ---- */

/* The format of the first lines; how many of how many have none. */
static void try_lines(struct fetch *f, const struct candidate *c)
{
	struct worker *l = &f->workers.own;
	struct parse_state state = {0};
	struct reader_line line;
	const char *why = "", *last = "";
	int64_t good = 0, bad = 0;

	if (!reader_rewind(&f->reader))
		return;
	while (good + bad < LINES && reader_next(&f->reader, &line) == READER_LINE) {
		bool taken = parser_line(l->parser, &state, line.p, line.n, &l->record, &why);

		good += taken;
		bad += !taken && why;
		last = taken || !why ? last : why;
	}
	if (!bad)
		say_line("ok %s: %s, %s bytes", c->path, parser_format_name(l->parser, &state),
			 log_count((uint64_t)c->hint.size));
	else
		say_line("%s: %s: %" PRId64 " of the first %" PRId64
			 " lines are no event (%s): see --format and --field in athena-src-apilog(1)",
			 c->path, parser_format_name(l->parser, &state), bad, good + bad, last);
	if (bad && !good)
		fetch_note(f, EX_CONFIG);
}

static void check_open(struct fetch *f, const struct candidate *c, int fd)
{
	char first[FILE_HASH];
	int rc = reader_open(&f->reader, fd, c->path);

	fetch_note(f, rc);
	if (rc)
		return;
	switch (reader_first(&f->reader, first)) {
	case READER_KNOWN:
		try_lines(f, c);
		break;
	case READER_UNKNOWN:
		say_line("ok %s: no whole line yet", c->path);
		break;
	case READER_UTF16:
		say_line("%s: UTF-16, which is not read: iconv -f UTF-16 -t UTF-8", c->path);
		fetch_note(f, EX_CONFIG);
		break;
	case READER_UNUSABLE:
		say_line("%s: cannot be read: %s", c->path, f->reader.why);
		fetch_note(f, EX_CONFIG);
		break;
	}
	reader_close(&f->reader);
}

static void say_refused(struct fetch *f, const char *path, int error)
{
	char *todo = error == EACCES ? access_advice(path) : xstrdup("is the disk well?");

	say_line("%s: %s: %s", path, strerror(error), todo);
	fetch_note(f, error == EACCES ? EX_NOPERM : EX_IOERR);
	free(todo);
}

static void check_file(struct fetch *f, const struct candidate *c)
{
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		say_refused(f, c->path, errno);
		return;
	}
	check_open(f, c, fd);
	close(fd);
}

static void say_absent(struct fetch *f, const char *path)
{
	if (f->options->follow) {
		say_line("ok %s: not there yet; it is waited for", path);
	} else {
		say_line("%s: no such log, nor a rotated one of it: is that its path?", path);
		fetch_note(f, EX_NOINPUT);
	}
}

static void check_log(struct fetch *f, const struct log *log)
{
	struct listing l;

	listing_read(&l, log);
	for (size_t i = 0; i < l.n; i++)
		check_file(f, &l.items[i]);
	if (l.unread) {
		say_refused(f, l.unread, l.error);
	} else if (!l.n) {
		say_absent(f, log->path);
	}
	listing_release(&l);
}

/* A folder without a log, or a pattern that meets none. */
static void check_operand(struct fetch *f, const char *missing)
{
	for (size_t i = 0; i < f->logs->n; i++)
		if (logs_means(f->logs, missing, f->logs->items[i]->path))
			return;
	say_absent(f, missing);
}

int check_run(struct fetch *f)
{
	int rc;

	for (size_t i = 0; i < f->logs->n; i++)
		check_log(f, f->logs->items[i]);
	for (size_t i = 0; i < f->logs->missing.n; i++)
		check_operand(f, f->logs->missing.items[i]);
	if (f->logs->unread) {
		say_refused(f, f->logs->unread, f->logs->error);
	}
	for (size_t i = 0; i < f->logs->pipes.n; i++)
		say_line("ok %s: read to its end, without a position",
			 strcmp(f->logs->pipes.items[i], "-") ? f->logs->pipes.items[i] : "standard input");
	if (!f->src->file.path)
		say_line("ok no cursor: every run starts from the first line");
	else if (!f->src->from)
		say_line("ok cursor %s: not there yet, the first run starts from the first line",
			 f->src->file.path);
	else
		say_line("ok cursor %s: knows %zu files", f->src->file.path, f->known.n);
	rc = say_end();
	return f->code ? f->code : rc;
}

/* ---- --plan ---- */

/* Bytes of a file that no entry has; by its hints only, since nothing is to be read. */
static int64_t unread(const struct fetch *f, const struct candidate *c)
{
	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *k = f->known.items[i];

		if (!hint_same_inode(&k->hint, &c->hint))
			continue;
		if (k->end && hint_same(&k->hint, &c->hint))
			return 0;
		if (!c->rotation.packed && known_at(k)->offset <= c->hint.size)
			return c->hint.size - known_at(k)->offset;
	}
	return c->hint.size;
}

static int64_t plan_log(struct fetch *f, const struct log *log, bool say)
{
	struct listing l;
	int64_t total = 0;

	listing_read(&l, log);
	for (size_t i = 0; i < l.n; i++) {
		int64_t n = unread(f, &l.items[i]);

		total += n;
		if (say)
			say_line("file %s: %s bytes to read", l.items[i].path, log_count((uint64_t)n));
	}
	listing_release(&l);
	return total;
}

int64_t plan_bytes(struct fetch *f)
{
	int64_t total = 0;

	for (size_t i = 0; i < f->logs->n; i++)
		total += plan_log(f, f->logs->items[i], false);
	return total;
}

int plan_run(struct fetch *f)
{
	int64_t total = 0;
	int rc;

	say_line("source %s", f->src->source_id);
	for (size_t i = 0; i < f->logs->n; i++)
		total += plan_log(f, f->logs->items[i], true);
	say_line("bytes %s%s", log_count((uint64_t)total),
		 f->logs->pipes.n ? ", and what comes through pipes" : "");
	say_line("requests 0");
	say_line("time about %" PRId64 " s", total / BYTES_A_SECOND + 1);
	rc = say_end();
	return f->code ? f->code : rc;
}
