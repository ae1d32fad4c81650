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

enum {
	BREATH = 256,    /* lines between two looks at the clock and the signals */
	PIPE_WAIT = 1000 /* milliseconds that a pipe is waited for at a time */
};

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

static void reject(struct fetch *f, const char *line, size_t n, const char *why)
{
	rejects_add(&f->rejects, f->reader.path, f->reader.lines, line, n, why);
	f->src->metrics.rejects++;
}

/* An event of the line, if it is asked for. */
static int take_record(struct fetch *f, struct log *log, const struct known *k,
		       const struct reader_line *line)
{
	struct place at = {.offset = line->offset};
	struct buf *out = source_room(f->src);

	if (!out)
		return SOURCE_STOP;
	memcpy(at.file, k->first, FILE_HASH);
	request_line(&log->request, out, &at, line->p, line->n, &f->record);
	return source_wrote(f->src);
}

static int take_line(struct fetch *f, struct log *log, struct known *k, const struct reader_line *line,
		     int64_t known_to)
{
	const char *why = "";

	if (!parser_line(f->parser, &k->format, line->p, line->n, &f->record, &why)) {
		if (!text_is_blank(line->p, line->n))
			reject(f, line->p, line->n, why);
		return 0;
	}
	k->time = f->record.time;
	if (!source_wants(f->src, f->record.time) || !filter_wants(&f->filter, &f->record))
		return 0;
	if (line->offset < known_to && f->record.time >= f->floor)
		return 0;
	return take_record(f, log, k, line);
}

static void ready(struct fetch *f, struct log *log)
{
	if (log->ready)
		return;
	request_init(&log->request, f->own_ids ? log->id : f->src->source_id, f->src->project,
		     f->src->session, !f->options->no_redact);
	log->ready = true;
}

int take_lines(struct fetch *f, struct log *log, struct known *k, int64_t known_to, enum reader_result *how)
{
	bool fresh = !k->n_marks, limited = f->src->file.path && f->src->limit >= 0 && !f->backfill;
	struct reader_line line;
	unsigned n = 0;
	int rc = 0;

	ready(f, log);
	*how = READER_END;
	while (!rc) {
		if (limited && source_limit_reached(f->src)) {
			rc = SOURCE_STOP;
			break;
		}
		*how = reader_next(&f->reader, &line);
		if (*how == READER_LONG)
			reject(f, NULL, 0, "longer than --max-line");
		else if (*how == READER_LINE)
			rc = take_line(f, log, k, &line, known_to);
		else
			break;
		f->dirty = true;
		if (fresh && k->time != RECORD_NONE) {
			log->fresh_us = log->fresh_us == RECORD_NONE ? k->time : log->fresh_us;
			fresh = false;
		}
		if (!rc && ++n % BREATH == 0)
			rc = breathe(f, k);
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
