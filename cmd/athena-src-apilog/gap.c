/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonout.h"
#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum { LOST_MAX = 16 /* entries of a log of which it cannot be said whether their files are lost */ };

/* When the thread was last in hand: the last line that was read, else when the file was written last. */
static int64_t last_seen(const struct known *k)
{
	int64_t time = k->time != RECORD_NONE ? k->time : k->hint.mtime_us;

	return time < STAMP_MIN || time > STAMP_MAX ? 0 : time;
}

static void write_metadata(struct buf *out, const struct log *log, const struct known *k)
{
	struct jsonout j = {.out = out};
	char until[STAMP_SIZE];

	jsonout_member(&j, "log", log->path);
	jsonout_member(&j, "file", k->path);
	jsonout_member_int(&j, "offset", known_at(k)->offset);
	jsonout_member_int(&j, "line", known_at(k)->lines);
	if (log->fresh_us == RECORD_NONE || log->fresh_us < STAMP_MIN || log->fresh_us > STAMP_MAX)
		return;
	stamp_format(log->fresh_us, until);
	jsonout_member(&j, "until", until);
}

static int tell(struct fetch *f, const struct log *log, const struct known *k)
{
	struct event e = EVENT_INIT;
	struct buf metadata = {0};
	char stamp[STAMP_SIZE], *id, *content, *session;
	const char *source = f->own_ids ? log->id : f->src->source_id;
	int rc;

	stamp_format(last_seen(k), stamp);
	id = xasprintf("%.*s/%016" PRId64 "/gap", FILE_HASH, k->first, known_at(k)->offset);
	content = xasprintf("lines of %s after %s may be lost: the file that was read up to line %" PRId64
			    " (byte %" PRId64 ") is gone or was emptied%s",
			    log->path, stamp, known_at(k)->lines, known_at(k)->offset,
			    log->unsure ? ", or cannot be looked at" : "");
	session = xasprintf("%s/%.10s", source, stamp);
	write_metadata(&metadata, log, k);
	log_warn("%s; going on with what is there", content);
	e.id = id;
	e.source_id = source;
	e.kind = "log.gap";
	e.event_type = "error";
	e.outcome = "unknown";
	e.error_type = "log_gap";
	e.timestamp = last_seen(k);
	e.session_id = session;
	e.content = (struct event_text){content, strlen(content)};
	e.metadata = (struct event_text){metadata.data, metadata.len};
	rc = source_emit(f->src, &e);
	buf_release(&metadata);
	free(id);
	free(content);
	free(session);
	return rc;
}

/* Where something could not be looked at, nothing is called lost; but entries do not grow without end. */
static int tell_oldest(struct fetch *f, const struct log *log)
{
	size_t n = LOST_MAX + 1, oldest = 0;
	int rc = 0;

	while (!rc && n > LOST_MAX) {
		n = 0;
		for (size_t i = 0; i < f->known.n; i++) {
			const struct known *k = f->known.items[i];

			if (k->claimed || k->held || k->settled || strcmp(k->log, log->path) != 0)
				continue;
			if (!n++ || last_seen(k) < last_seen(f->known.items[oldest]))
				oldest = i;
		}
		if (n <= LOST_MAX)
			break;
		if (f->known.items[oldest]->n_marks)
			rc = tell(f, log, f->known.items[oldest]);
		if (!rc) {
			knowns_remove(&f->known, oldest);
			f->dirty = true;
		}
	}
	return rc;
}

int gap_tell(struct fetch *f, struct log *log)
{
	int failed = log->unsure ? tell_oldest(f, log) : 0;

	if (failed)
		return failed;
	for (size_t i = f->known.n; i-- > 0;) {
		struct known *k = f->known.items[i];
		bool lost = !k->held && !k->settled;
		int rc = 0;

		if (k->claimed || strcmp(k->log, log->path) != 0)
			continue;
		if (lost && log->unsure)
			continue;
		if (lost && k->n_marks)
			rc = tell(f, log, k);
		if (rc)
			return rc;
		knowns_remove(&f->known, i);
		f->dirty = true;
	}
	return 0;
}
