/* SPDX-License-Identifier: ISC */
#include "sourceout.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

enum {
	OUT_FLUSH = 256 << 10, /* bytes gathered before a write */
	OUT_ENOUGH = 64 << 10, /* bytes that are worth a write of their own, as they are */
};

int source_write_error(const struct source *src)
{
	return log_error(EX_IOERR, "stdout: %s after %s events; cursor not moved", strerror(errno),
			 log_count((uint64_t)src->metrics.events));
}

static int write_all(struct source *src, const char *p, size_t n)
{
	if (!file_write_all(STDOUT_FILENO, p, n)) {
		src->metrics.bytes += (int64_t)n;
		return 0;
	}
	if (errno != EPIPE) {
		src->write_failed = true;
		return source_write_error(src);
	}
	src->reader_gone = true;
	return SOURCE_STOP;
}

static int write_out(struct source *src, const char *p, size_t n)
{
	struct buf shown = {0};
	int rc;

	if (!src->terminal)
		return write_all(src, p, n);
	text_show_json(&shown, p, n);
	rc = write_all(src, shown.data, shown.len);
	buf_release(&shown);
	return rc;
}

int source_flush(struct source *src)
{
	int rc = write_out(src, src->out.data, src->out.len);

	buf_reset(&src->out);
	return rc;
}

bool source_limit_reached(const struct source *src)
{
	return src->limit >= 0 && src->metrics.events >= src->limit;
}

struct buf *source_room(struct source *src)
{
	return !src->file.path && source_limit_reached(src) ? NULL : &src->out;
}

int source_wrote(struct source *src)
{
	src->metrics.events++;
	src->unconfirmed++;
	return src->out.len >= OUT_FLUSH ? source_flush(src) : 0;
}

int source_lines(struct source *src, const struct buf *lines, int64_t n)
{
	int rc;

	src->metrics.events += n;
	src->unconfirmed += n;
	if (lines->len < OUT_ENOUGH) {
		buf_add(&src->out, lines->data, lines->len);
		return src->out.len >= OUT_FLUSH ? source_flush(src) : 0;
	}
	rc = source_flush(src);
	return rc ? rc : write_out(src, lines->data, lines->len);
}

int source_emit(struct source *src, const struct event *e)
{
	struct buf *out = source_room(src);
	struct event full = *e;

	if (!out)
		return SOURCE_STOP;
	full.source_id = e->source_id ? e->source_id : src->source_id;
	full.source_type = e->source_type ? e->source_type : src->type;
	if (full.project_id == EVENT_NONE)
		full.project_id = src->project;
	if (src->session)
		full.session_id = src->session;
	if (!event_line(out, &full))
		return log_error(EX_SOFTWARE, "%s: an event over %d bytes; nothing after it was written",
				 e->id, EVENT_LINE_MAX);
	return source_wrote(src);
}

int source_sync(struct source *src)
{
	char link[PATH_MAX];
	ssize_t n;

	if (fsync(STDOUT_FILENO))
		return log_error(EX_IOERR, "stdout: %s; cursor not moved", strerror(errno));
	if (!src->folder_synced) {
		n = readlink("/proc/self/fd/1", link, sizeof(link) - 1);
		if (n > 0) {
			link[n] = '\0';
			if (file_sync_folder(link))
				log_verbose("%s: its folder cannot be synced: %s", link, strerror(errno));
		}
		src->folder_synced = true;
	}
	return 0;
}
