/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsonout.h"
#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	LOST_MAX = 16,    /* entries of a log of which it cannot be said whether their files are lost, */
	UNSEEN_MAX = 256, /* and of files that were read to their end and are perhaps still there */
};

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
	log_warn("%s; going on with what is there; was it moved to another folder (logrotate's olddir), name "
		 "its files there, too",
		 content);
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

static bool is_unseen(const struct known *k, const struct log *log)
{
	return !k->claimed && !k->held && !strcmp(k->log, log->path);
}

static const char *name_in(const char *path, const char *folder_of)
{
	size_t n = (size_t)(strrchr(folder_of, '/') + 1 - folder_of);

	return !strncmp(path, folder_of, n) && !strchr(path + n, '/') ? path + n : "";
}

/* All of it was read, and a younger one of its chain has no writer any more: the last of a chain goes like that. */
static bool made_room(const struct fetch *f, const struct known *k)
{
	char base[ROTATION_NAME];

	for (size_t i = 0; i < f->known.n && k->end; i++) {
		const struct known *other = f->known.items[i];

		if (other != k && other->was && other->claimed && other->settled &&
		    rotation_shifted(name_in(other->was, k->path), strrchr(k->path, '/') + 1, base))
			return true;
	}
	return false;
}

/* Does the file of that name hold what was read? */
static bool holds(struct fetch *f, const char *path, const struct known *k)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char first[FILE_HASH];
	bool yes = false;

	if (fd < 0)
		return false;
	if (!reader_open(&f->reader, fd, path)) {
		yes = reader_first(&f->reader, first) == READER_KNOWN &&
		      !memcmp(first, k->first, FILE_HASH) && reader_match(&f->reader, known_at(k));
		reader_close(&f->reader);
	}
	close(fd);
	return yes;
}

/* Another log has the same file, or what was a copy of it, and has come as far. */
static bool is_anothers(struct fetch *f, const struct known *k)
{
	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *other = f->known.items[i];

		if (other != k && other->claimed && other->n_marks && strcmp(other->log, k->log) != 0 &&
		    !memcmp(other->first, k->first, FILE_HASH) &&
		    known_at(other)->offset >= known_at(k)->offset && holds(f, other->path, k))
			return true;
	}
	return false;
}

static int forget(struct fetch *f, const struct log *log, size_t i)
{
	const struct known *k = f->known.items[i];
	bool lost = !k->held && !k->settled && k->n_marks && !made_room(f, k) && !is_anothers(f, k);
	int rc = lost ? tell(f, log, k) : 0;

	if (rc)
		return rc;
	knowns_remove(&f->known, i);
	f->dirty = true;
	return 0;
}

/*
 * Where something could not be looked at, nothing is called lost, and what was finished is not forgotten, or it
 * would come again once it is seen; but entries do not grow without end.
 */
static int forget_oldest(struct fetch *f, const struct log *log, bool settled, size_t most)
{
	size_t n = most + 1, oldest = 0;
	int rc = 0;

	while (!rc && n > most) {
		n = 0;
		for (size_t i = 0; i < f->known.n; i++) {
			const struct known *k = f->known.items[i];

			if (!is_unseen(k, log) || k->settled != settled)
				continue;
			if (!n++ || last_seen(k) < last_seen(f->known.items[oldest]))
				oldest = i;
		}
		if (n > most)
			rc = forget(f, log, oldest);
	}
	return rc;
}

int gap_tell(struct fetch *f, struct log *log)
{
	int rc = 0;

	if (log->unsure) {
		rc = forget_oldest(f, log, false, LOST_MAX);
		if (!rc)
			rc = forget_oldest(f, log, true, UNSEEN_MAX);
	}
	for (size_t i = f->known.n; i-- > 0 && !rc;) {
		struct known *k = f->known.items[i];

		if (!k->claimed && !strcmp(k->log, log->path) && (k->held || !log->unsure) &&
		    !follow_waits(f, log, k))
			rc = forget(f, log, i);
	}
	return rc;
}
