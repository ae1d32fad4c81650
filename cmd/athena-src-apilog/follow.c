/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <string.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "stamp.h"
#include "watch.h"

enum {
	POLL_MS = 250,         /* between two looks where nothing wakes us */
	BATCH_MS = 20,         /* at least so long between two looks: what comes in between comes at once */
	FIND_US = 500000,      /* between two looks for logs that are new */
	AGAIN_US = 1000000,    /* after a change of a folder it is looked at once more: its time is coarse */
	DELETED_US = 60000000, /* a deleted file to which nothing was written for so long is let go */
	ROUNDS = 2,            /* looks at all logs, so that one of them began and ended behind the present */
	SCAN = 64 << 10,
};

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * STAMP_SECOND + ts.tv_nsec / 1000;
}

/* ---- files that are kept open ---- */

/* Is there a newline in what came? What was looked at once is not looked at again, however long the line. */
static bool has_line(struct known *k, int64_t size)
{
	int64_t at = k->quiet > known_at(k)->offset ? k->quiet : known_at(k)->offset;
	char block[SCAN];
	ssize_t n;

	while (at < size && (n = file_pread(k->fd, block, sizeof(block), at)) > 0) {
		if (memchr(block, '\n', (size_t)n))
			return true;
		at += n;
	}
	k->quiet = at;
	return false;
}

/* *intact: the file still is the one that was read. */
static int read_on(struct fetch *f, struct log *log, struct known *k, bool *intact)
{
	enum reader_result how = READER_CHANGED;
	char first[FILE_HASH];
	int64_t before = known_at(k)->offset;
	int rc = reader_open(&f->reader, k->fd, k->path);

	*intact = !rc && reader_first(&f->reader, first) == READER_KNOWN &&
		  !memcmp(first, k->first, FILE_HASH) && reader_match(&f->reader, known_at(k));
	if (*intact)
		rc = take_lines(f, log, k, 0, &how);
	k->end = !rc && how == READER_END;
	*intact &= rc || k->end;
	if (f->reader.broken) { /* nothing can be said of it */
		*intact = true;
		log->unsure = true;
	}
	reader_close(&f->reader);
	if (known_at(k)->offset > before)
		k->moved_us = now_us();
	return rc;
}

/* What came since, if anything did. */
static int tail(struct fetch *f, struct log *log, struct known *k, bool *intact)
{
	struct stat st;
	struct hint now;

	*intact = !fstat(k->fd, &st) && st.st_size >= known_at(k)->offset;
	if (!*intact)
		return 0;
	now = hint_of(&st);
	if (hint_same(&now, &k->hint))
		return 0;
	k->hint = now;
	k->end = !has_line(k, st.st_size);
	return k->end ? 0 : read_on(f, log, k, intact);
}

int follow_drain(struct fetch *f, struct log *log)
{
	int rc = 0;

	for (size_t i = 0; i < f->known.n && !rc; i++) {
		struct known *k = f->known.items[i];
		bool intact = true;

		if (k->fd < 0 || strcmp(k->log, log->path) != 0)
			continue;
		rc = read_on(f, log, k, &intact);
		if (intact)
			continue;
		close(k->fd); /* it was emptied: what was in it may be found elsewhere */
		k->fd = -1;
	}
	return rc;
}

bool follow_waits(const struct fetch *f, struct log *log, struct known *k)
{
	if (!f->options->follow || (f->logs->n == 1 && !f->logs->open_ended))
		return false;
	if (!k->settled && hint_same_inode(&k->hint, &log->live)) /* it was emptied */
		return false;
	if (k->unnamed < 0)
		k->unnamed = f->rounds;
	if (f->rounds - k->unnamed >= ROUNDS)
		return false;
	log->again_us = now_us() + AGAIN_US;
	return true;
}

/* Does nobody write any more to a file that has lost its name? */
static bool is_over(const struct fetch *f, struct log *log, struct known *k)
{
	struct stat st;

	if (follow_waits(f, log, k))
		return false;
	return (f->moved_on && f->live_is_log) ||
	       (!fstat(k->fd, &st) && !st.st_nlink && now_us() - k->moved_us > DELETED_US);
}

/* Another log has the same file, but this one read it. */
static void hand_over(struct fetch *f, const struct known *k)
{
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *other = f->known.items[i];

		if (other != k && other->claimed && other->n_marks &&
		    hint_same_inode(&other->hint, &k->hint) && !memcmp(other->first, k->first, FILE_HASH) &&
		    known_at(other)->offset < known_at(k)->offset)
			known_copy(other, k, k->n_marks);
	}
}

void follow_hold(struct fetch *f, struct log *log)
{
	log->wide = false;
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];
		bool over;

		if (k->fd < 0 || strcmp(k->log, log->path) != 0)
			continue;
		if (!k->claimed) {
			over = is_over(f, log, k);
			k->held = true;
			k->claimed = !over;
			k->settled |= over;
			if (over) {
				hand_over(f, k);
				log_verbose("%s: gone; it was read to its end", k->path);
			} else {
				log->again_us = now_us() + AGAIN_US;
			}
		} else if (k->settled) {
			close(k->fd);
			k->fd = -1;
		}
		log->wide |= k->fd >= 0 && (k->unnamed >= 0 || strcmp(k->path, log->path) != 0);
	}
}

/* ---- what is new ---- */

static const struct known *kept(const struct fetch *f, const struct hint *h)
{
	for (size_t i = 0; i < f->known.n; i++)
		if (f->known.items[i]->fd >= 0 && hint_same_inode(&f->known.items[i]->hint, h))
			return f->known.items[i];
	return NULL;
}

/* Is the log another file than before, or its folder another? True where that has changed, so that logs may be new. */
static bool look_for_change(const struct fetch *f, struct log *log)
{
	struct stat st;
	struct hint h = {0};
	int64_t now = now_us();
	bool changed = false;

	if (!stat(log->path, &st))
		h = hint_of(&st);
	if (!hint_same(&h, &log->live) && !kept(f, &h))
		log->stale = true;
	log->live = h;
	if (!stat(log->folder, &st) && hint_of(&st).mtime_us != log->dir_us) {
		log->dir_us = hint_of(&st).mtime_us;
		log->stale = changed = true;
		log->again_us = now + AGAIN_US;
	}
	if (log->again_us && now >= log->again_us) {
		log->again_us = 0;
		log->stale = true;
	}
	return changed;
}

static int read_open(struct fetch *f, struct log *log)
{
	int rc = 0;

	for (size_t i = 0; i < f->known.n && !rc && !log->stale; i++) {
		struct known *k = f->known.items[i];
		bool intact;

		if (k->fd < 0 || strcmp(k->log, log->path) != 0)
			continue;
		rc = tail(f, log, k, &intact);
		log->stale |= !intact;
	}
	return rc;
}

/* Has a folder of a log that was touched changed? */
static bool look_for_changes(struct fetch *f, struct watch *w)
{
	bool changed = false;

	for (size_t i = 0; i < f->logs->n; i++) {
		struct log *log = f->logs->items[i];

		if (log->pipe || !log->touched)
			continue;
		watch_log(w, log);
		changed |= look_for_change(f, log);
	}
	return changed;
}

static void touch_all(struct fetch *f)
{
	for (size_t i = 0; i < f->logs->n; i++)
		f->logs->items[i]->touched = true;
}

/* New logs, before those are looked at that are known: a file may have become one. */
static int find(struct fetch *f, struct watch *w, bool *all, int64_t *find_at)
{
	bool changed;
	int rc;

	if (*all)
		touch_all(f);
	changed = look_for_changes(f, w);
	if ((f->logs->open_ended || f->logs->missing.n) &&
	    (now_us() >= *find_at || (changed && f->logs->open_ended))) {
		rc = logs_find(f->logs);
		*find_at = now_us() + FIND_US;
		if (rc)
			return rc;
	}
	*all |= changed;
	if (changed) {
		touch_all(f);
		look_for_changes(f, w);
	}
	return 0;
}

static int look_at_log(struct fetch *f, struct log *log)
{
	int rc = source_interrupted() ? SOURCE_STOP : read_open(f, log);

	log->touched = false;
	log->looked_at = !rc && log->stale;
	if (!log->looked_at)
		return rc;
	log->stale = false;
	return fetch_log(f, log);
}

/* What one log has lost may be another's: nothing is called so before all were looked at. */
static int look(struct fetch *f, struct watch *w, bool all, int64_t *find_at)
{
	int rc = find(f, w, &all, find_at);

	for (size_t i = 0; i < f->logs->n && !rc; i++) {
		struct log *log = f->logs->items[i];

		log->looked_at = false;
		if (!log->pipe && (log->touched || log->stale))
			rc = look_at_log(f, log);
	}
	for (size_t i = 0; i < f->logs->n && !rc; i++)
		if (f->logs->items[i]->looked_at)
			rc = gap_tell(f, f->logs->items[i]);
	f->rounds += all;
	if (!rc && f->dirty && source_due(f->src))
		rc = take_checkpoint(f);
	return rc ? rc : source_flush(f->src);
}

/* --until: what was written before that time is there when a look begins behind it. */
static bool is_past(const struct fetch *f)
{
	return f->src->until != SOURCE_NO_TIME && stamp_now() >= f->src->until;
}

static int ms_until(int64_t us)
{
	int64_t left = us - now_us();

	return left > 0 ? (int)(left / 1000) : 0;
}

int follow_run(struct fetch *f)
{
	struct watch w;
	int64_t find_at = 0, all_at = 0;
	bool last = false;
	int rc = 0;

	watch_open(&w);
	while (!rc && !last && !source_interrupted()) {
		bool all = (last = is_past(f)) || now_us() >= all_at;

		if (all)
			all_at = now_us() + (POLL_MS - BATCH_MS) * 1000;
		rc = look(f, &w, all, &find_at);
		if (!rc && !last)
			watch_wait(&w, f->logs, BATCH_MS + ms_until(all_at), BATCH_MS);
	}
	watch_close(&w);
	return rc;
}
