/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	COPIED_US = 10000000, /* a file that was written to since is perhaps being copied, its last line not
				 whole yet */
};

/* Nobody writes to it any more: it is compressed, or the log has gone on in another file. */
static bool is_settled(const struct fetch *f, const struct known *k, const struct candidate *c)
{
	return f->reader.packed || c->rotation.packed ||
	       ((c->stray ? f->moved_on && f->live_is_log : c->outlived) &&
		!hint_same_inode(&f->leader, &k->hint));
}

/*
 * A log of its own by its name, access.2.log, has turned out to be what was access.1.log, and a younger one of that
 * chain has been written to since: so it is a rotated file.
 */
static bool has_shifted(const char *from, const char *to, const struct hint *h)
{
	const char *name = strrchr(to, '/') + 1;
	int folder = (int)(name - to);
	char base[ROTATION_NAME];
	int64_t number = strncmp(from, to, (size_t)folder) || strchr(from + folder, '/')
				 ? 0
				 : rotation_shifted(from + folder, name, base);
	bool younger = false;

	for (int64_t i = -1; i < number && number && !younger; i++) {
		const char *dot = strrchr(base, '.');
		char *path = i < 0 ? xasprintf("%.*s%s", folder, to, base)
				   : xasprintf("%.*s%.*s.%" PRId64 "%s", folder, to, (int)(dot - base), base,
					       i, dot);
		struct stat st;
		struct hint other;

		if (!stat(path, &st)) {
			other = hint_of(&st);
			younger = st.st_size && !hint_same_inode(&other, h);
		}
		free(path);
	}
	return younger;
}

/*
 * The entry of a rotated file that is exactly as it was when all of it had been read. Not that of one whose
 * last line had no end and will have none: that has to be said.
 */
struct known *visit_unchanged(const struct fetch *f, const struct log *log, const struct candidate *c)
{
	for (size_t i = 0; i < f->known.n && !f->backfill && !c->live; i++) {
		struct known *k = f->known.items[i];

		if (c->stray && strcmp(k->log, log->path) != 0)
			continue; /* a file of another log */
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
	k->unnamed = -1;
	known_rename(k, log->path, path);
}

/* What was finished, and is no part of the log by its name, is none any more. */
static void leave_stray(struct known *k, const struct candidate *c)
{
	if (c->stray && k->settled)
		k->claimed = false;
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

/* Something may be there that was not read: nothing is called lost, and a back-fill is not over. */
static void miss(struct fetch *f, struct log *log)
{
	log->unsure = f->missed = true;
}

/* What has been read to its end, as far as it has one. Of a copy that is being made the rest comes later. */
static void conclude(struct fetch *f, struct log *log, struct known *k, const struct candidate *c,
		     enum reader_result how, bool over)
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
		f->missed |= !f->reader.packed;
		k->end = k->settled = f->reader.packed; /* it is said once, until the file changes */
		return;
	}
	torn = k->end && (reader_unfinished(&f->reader, &p) || f->reader.long_at >= 0);
	if (!k->end || !(over || is_settled(f, k, c)) || (torn && fresh)) {
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

/* Of a log by its name: has it turned out before, or does it now, that it is a rotated file? */
static bool has_no_writer(struct known *k, const struct candidate *c)
{
	if (k->settled && hint_same(&k->hint, &c->hint) && !strcmp(k->path, c->path))
		return true;
	if (!*k->path || !has_shifted(k->path, c->path, &c->hint))
		return false;
	free(k->was);
	k->was = xstrdup(k->path);
	return true;
}

/* A read failed, so that nothing can be said of the file: not that it is another one, nor that one is lost. */
static int leave_out(struct fetch *f, struct log *log, size_t n_known)
{
	while (f->known.n > n_known)
		knowns_remove(&f->known, f->known.n - 1);
	miss(f, log);
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
	bool over, tailed;
	int rc = 0;

	if (is_twin(f, l, c, first))
		return 0;
	k = match_file(f, log, l, c, first, &from);
	if (f->reader.broken)
		return leave_out(f, log, n_known);
	if (c->stray && !from.offset) {
		knowns_remove(&f->known, f->known.n - 1);
		return 0;
	}
	if (c->stray)
		f->again |= visit_aside(log, c->path, c->hint.mtime_us);
	over = c->live && has_no_writer(k, c);
	claim(k, log, c->path);
	k->hint = c->hint;
	k->end = k->settled = false; /* what it was may have been that of a copy, which this file is not */
	tailed = match_is_tailed(f, k);
	if (!tailed && start_at(f, k, &from, &known_to)) {
		f->from = reader_place(&f->reader);
		rc = take_lines(f, log, k, known_to, &how);
		f->done += reader_place(&f->reader) - f->from;
	}
	if (!rc && !tailed)
		conclude(f, log, k, c, how, over);
	leave_stray(k, c);
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
		if (fetch_say(f, c->path))
			fetch_note(f,
				   log_error(EX_DATAERR,
					     "%s: UTF-16, which is not read; convert it: iconv -f UTF-16 -t "
					     "UTF-8 < FILE",
					     c->path));
		return 0;
	case READER_UNUSABLE:
		log->unsure = true;
		f->missed |= f->reader.broken || !f->reader.packed;
		if (fetch_say(f, c->path))
			fetch_note(f,
				   log_error(f->reader.broken ? EX_IOERR : EX_DATAERR,
					     "%s: cannot be read: %s", c->path,
					     *f->reader.why ? f->reader.why : "it changes while it is read"));
		return 0;
	}
	return 0;
}

/* The file is kept open for --follow: it can be read to its end whatever becomes of its name. */
static bool keep_open(struct fetch *f, const struct candidate *c, int fd)
{
	struct known *mine = NULL;

	if (!f->options->follow || f->reader.packed)
		return false;
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		if (!k->claimed || k->settled || !hint_same_inode(&k->hint, &c->hint))
			continue;
		if (k->fd >= 0) /* by one log, under whatever other names it is known */
			return false;
		if (!strcmp(k->path, c->path))
			mine = k;
	}
	if (mine)
		mine->fd = fd;
	return mine;
}

static int cannot_open(struct fetch *f, struct log *log, const struct candidate *c)
{
	if (errno == ENOENT || errno == ENOTDIR) {
		f->again = true;
		return 0;
	}
	miss(f, log);
	if (fetch_say(f, c->path))
		fetch_note(f, errno == EACCES ? fetch_refused(c->path, "it was left out")
					      : log_error(EX_IOERR, "%s: %s; it was left out", c->path,
							  strerror(errno)));
	return 0;
}

/*
 * What was rotated after a file that was found in another folder, or as access.1.log, is looked for there, too, but
 * where it is the folder of a log of its own. What lay there before may be another's.
 */
bool visit_aside(struct log *log, const char *path, int64_t written_us)
{
	struct listing l;
	char *folder;
	bool added, inner;

	listing_place(&l, log);
	folder = listing_aside(&l, path, &inner);
	added = folder && (inner || !log_is_of_another(log, folder, l.base)) &&
		log_look_aside(log, folder, inner, written_us);
	free(folder);
	listing_release(&l);
	return added;
}

int visit_file(struct fetch *f, struct log *log, const struct listing *l, struct candidate *c)
{
	struct known *k = visit_unchanged(f, log, c);
	struct stat st;
	bool kept;
	int fd, rc;

	if (k) {
		if (c->stray)
			f->again |= visit_aside(log, c->path, c->hint.mtime_us);
		claim(k, log, c->path);
		k->settled |= is_settled(f, k, c);
		leave_stray(k, c);
		return 0;
	}
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return cannot_open(f, log, c);
	if (fstat(fd, &st)) {
		rc = cannot_open(f, log, c);
		close(fd);
		return rc;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	c->hint = hint_of(&st); /* before it is read: what comes later makes it another */
	rc = reader_open(&f->reader, fd, c->path);
	if (rc) {
		miss(f, log);
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
