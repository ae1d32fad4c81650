/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "stamp.h"
#include "text.h"

enum { PIPE_WAIT = 1000 /* milliseconds that a pipe is waited for at a time */ };

static const char unfinished[] = "a last line without its end, which nobody writes any more";

int take_checkpoint(struct fetch *f)
{
	json_t *position = fetch_position(f);
	int rc = rejects_sync(&f->rejects);

	if (!rc && position)
		rc = source_checkpoint(f->src, f->selection, position);
	f->dirty = false;
	json_decref(position);
	return rc;
}

/* The entry moves to where the reader stands. */
static void keep_up(struct fetch *f, struct known *k)
{
	struct mark at;

	if (reader_mark(&f->reader, &at))
		known_mark(k, &at);
}

static int breathe(struct fetch *f, struct known *k)
{
	if (source_interrupted())
		return SOURCE_STOP;
	if (f->total >= 0)
		log_progress("bytes", (uint64_t)(f->done + reader_place(&f->reader) - f->from),
			     (uint64_t)f->total);
	if (f->backfill || !f->src->file.path || !source_due(f->src))
		return 0;
	keep_up(f, k);
	return take_checkpoint(f);
}

static void reject(struct fetch *f, int64_t number, const char *line, size_t n, const char *why)
{
	const char *advice = parser_advice(why);

	rejects_add(&f->rejects, f->reader.path, number, line, n, why);
	f->src->metrics.rejects++;
	if (advice && f->rejects.n <= REJECTS_SAID && fetch_say(f, advice))
		log_note("%s", advice);
}

/* What became of lines is given out, and the entry and the reader move behind them. */
static int take_chunk(struct fetch *f, struct log *log, struct known *k, const struct chunk *x)
{
	for (size_t i = 0; i < x->n_rejects; i++) {
		const struct chunk_reject *r = &x->rejects[i];

		reject(f, f->reader.lines + r->number, r->p, r->n, r->why);
	}
	if (log->fresh && log->fresh_us == RECORD_NONE)
		log->fresh_us = x->first_time;
	k->format = x->state;
	if (x->time != RECORD_NONE)
		k->time = x->time;
	reader_took(&f->reader, x->left.p, x->lines);
	return source_lines(f->src, &x->out, x->events);
}

/* Of a back-fill, and up to a limit, the lines are done one after the other. */
static bool is_limited(const struct fetch *f)
{
	return f->src->limit >= 0 && !f->backfill;
}

static void begin(struct fetch *f, const struct log *log, const struct known *k, int64_t known_to)
{
	struct worker_rules rules = {
		.src = f->src,
		.filter = &f->filter,
		.source_id = f->own_ids ? log->id : f->src->source_id,
		.max_line = (size_t)f->options->max_line,
		.redact = !f->options->no_redact,
		.known_to = known_to,
		.floor = f->floor,
	};

	memcpy(rules.file, k->first, FILE_HASH);
	workers_file(&f->workers, &rules, k->format, f->backfill || is_limited(f));
}

/*
 * What is to be known of the lines before: of the start of a file nothing; behind it, what its directives say.
 * False: the file has changed.
 */
static bool recall(struct fetch *f, struct known *k)
{
	struct parser *p = f->workers.own.parser;
	struct reader *r = &f->reader;
	enum reader_result how = READER_LONG;
	struct reader_line line;
	struct mark here;
	const char *why;

	if (!reader_offset(r)) {
		k->format = (struct parse_state){0};
		k->columns = false;
	}
	if (r->pipe || k->format.format || !reader_offset(r) ||
	    !(k->columns || parser_needs_head(p, r->head, r->n_head)))
		return true;
	if (!reader_mark(r, &here) || !reader_rewind(r))
		return false;
	while (reader_offset(r) < here.offset && (how == READER_LINE || how == READER_LONG)) {
		how = reader_next(r, &line);
		if (how == READER_LINE && *line.p == '#')
			(void)parser_line(p, &k->format, line.p, line.n, &f->workers.own.record, &why);
	}
	return reader_match(r, &here);
}

static int take_run(struct fetch *f, struct log *log, struct known *k, struct reader_run *run)
{
	int64_t most = is_limited(f) ? f->src->limit - f->src->metrics.events : INT64_MAX;
	const struct chunk *x;
	int rc = 0;

	workers_run(&f->workers, run);
	while (!rc && (x = workers_next(&f->workers, most))) {
		rc = take_chunk(f, log, k, x);
		if (!rc && is_limited(f)) {
			most -= x->events;
			rc = most ? 0 : SOURCE_STOP;
		} else if (!rc && workers_left(&f->workers) < WORKERS_AHEAD && reader_more(&f->reader, run)) {
			workers_more(&f->workers, run);
		}
		if (!rc)
			rc = breathe(f, k);
	}
	workers_drop(&f->workers);
	return rc;
}

int take_lines(struct fetch *f, struct log *log, struct known *k, int64_t known_to, enum reader_result *how)
{
	struct reader_run run;
	int rc = is_limited(f) && source_limit_reached(f->src) ? SOURCE_STOP : 0;

	*how = READER_CHANGED;
	if (!rc && !recall(f, k))
		return 0;
	log->fresh = !k->n_marks;
	begin(f, log, k, known_to);
	*how = READER_END;
	while (!rc) {
		*how = reader_run(&f->reader, &run);
		if (*how == READER_LONG)
			reject(f, f->reader.lines, NULL, 0, "longer than --max-line");
		else if (*how == READER_LINE)
			rc = take_run(f, log, k, &run);
		else
			break;
		f->dirty = true;
	}
	keep_up(f, k);
	return rc;
}

void take_unfinished(struct fetch *f)
{
	const struct reader *r = &f->reader;
	const char *p;
	size_t n = reader_unfinished(r, &p);

	if (r->long_at >= 0 || (n && !text_is_blank(p, n))) {
		rejects_add(&f->rejects, r->path, r->lines + 1, r->long_at >= 0 ? NULL : p, n, unfinished);
		f->src->metrics.rejects++;
	}
}

/* ---- pipes ---- */

static int wait_for(struct fetch *f)
{
	int rc = source_flush(f->src);

	if (!rc && source_interrupted())
		return SOURCE_STOP;
	if (!rc)
		reader_wait(&f->reader, PIPE_WAIT);
	return rc;
}

static int read_pipe(struct fetch *f, struct log *log, struct known *k)
{
	enum reader_result how = READER_WAIT;
	enum reader_first known = READER_UNKNOWN;
	int rc = 0;

	while (!rc && known == READER_UNKNOWN) {
		known = reader_first(&f->reader, k->first);
		if (known == READER_UNKNOWN && (f->reader.eof || !f->reader.pipe))
			break;
		if (known == READER_UNKNOWN)
			rc = wait_for(f);
	}
	if (known == READER_UTF16)
		return log_error(EX_DATAERR, "%s: UTF-16; put 'iconv -f UTF-16 -t UTF-8' before it",
				 log->path);
	while (!rc) {
		rc = take_lines(f, log, k, 0, &how);
		if (rc || how != READER_WAIT)
			break;
		rc = wait_for(f);
	}
	if (!rc && how == READER_ERROR)
		rc = log_error(EX_IOERR, "%s: %s", log->path, f->reader.why);
	else if (!rc)
		take_unfinished(f);
	return rc;
}

/* Standard input that is a file is read as one: it may be compressed. */
static int open_pipe(struct fetch *f, int fd, const char *name)
{
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !lseek(fd, 0, SEEK_CUR))
		return reader_open(&f->reader, fd, name);
	reader_open_pipe(&f->reader, fd, name);
	return 0;
}

int take_pipe(struct fetch *f, const char *operand)
{
	struct logs *all = f->logs;
	bool in = !strcmp(operand, "-");
	int fd = in ? STDIN_FILENO : open(operand, O_RDONLY | O_CLOEXEC), rc;
	struct log *log;
	struct known *k;

	if (fd < 0)
		return log_error(errno == EACCES ? EX_NOPERM : EX_NOINPUT, "%s: %s", operand,
				 strerror(errno));
	log = logs_add_pipe(all, operand);
	k = knowns_add(&f->known, log->path, in ? "stdin" : operand);
	rc = open_pipe(f, fd, k->path);
	if (!rc)
		rc = read_pipe(f, log, k);
	reader_close(&f->reader);
	if (!in)
		close(fd);
	return rc;
}
