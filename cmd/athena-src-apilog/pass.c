/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

enum { PASSES = 5 /* over files that are moved all the time, before nothing is called lost */ };

/* Has the file a line? *hint is what it is; of one that cannot be opened, or is compressed, it stays. */
static bool has_line(struct fetch *f, const struct candidate *c, struct hint *hint)
{
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char first[FILE_HASH];
	bool has = false;
	struct stat st;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && unpack_kind(fd) == UNPACK_PLAIN &&
	    !reader_open(&f->reader, fd, c->path)) {
		*hint = hint_of(&st);
		has = reader_first(&f->reader, first) == READER_KNOWN;
		reader_close(&f->reader);
	}
	close(fd);
	return has;
}

/*
 * Has the file that is written to now a line, or, where not, which is the youngest that has? Asked before older ones
 * are read to their end.
 */
static void look_at_live(struct fetch *f, struct listing *l)
{
	const struct candidate *live = listing_live(l), *leader = NULL;

	f->live = f->leader = (struct hint){0};
	f->live_is_log = live && !*live->rotation.stamp && live->rotation.number < 0;
	f->moved_on = live && has_line(f, live, &f->live);
	f->leader = f->live;
	if (f->moved_on)
		leader = live;
	for (size_t i = l->n_family; i-- > 0 && !leader;) {
		struct candidate *c = &l->items[i];

		f->leader = c->hint;
		if (c != live && (c->rotation.packed || has_line(f, c, &f->leader)))
			leader = c;
	}
	for (size_t i = 0; i < l->n_family && leader; i++)
		l->items[i].outlived = rotation_compare(&l->items[i].rotation, &leader->rotation) < 0;
}

static bool is_lost(const struct known *k, const struct log *log)
{
	return !k->claimed && !k->held && !k->settled && !strcmp(k->log, log->path);
}

/* Does a file that was not opened, because nothing is new in it, hold what is lost? A copy may. */
static void look_into(struct fetch *f, struct log *log, const struct candidate *c, const struct known *lost)
{
	const struct known *k = visit_unchanged(f, log, c);
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
static void find_strays(struct listing *l, const struct log *log, const struct known *k)
{
	char *folder = file_folder(k->path);

	listing_add_strays(l, log, l->folder, k->hint.ino);
	listing_add_strays_below(l, log, k->hint.ino);
	if (strcmp(folder, l->folder) != 0)
		listing_add_strays(l, log, folder, k->hint.ino);
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
			find_strays(l, log, k);
	}
	for (size_t i = l->n_family; i < l->n && !rc; i++)
		rc = visit_file(f, log, l, &l->items[i]);
	return rc;
}

/* Files may be there that were not seen: nothing is called lost. */
static void say_unread(struct fetch *f, struct log *log, const struct listing *l)
{
	char *so = xasprintf("rotated files of %s that lie there are not seen", log->path);

	if (fetch_say(f, l->unread))
		fetch_note(f, l->error == EACCES
				      ? fetch_refused(l->unread, so)
				      : log_error(EX_IOERR, "%s: %s; %s", l->unread, strerror(l->error), so));
	free(so);
	log->unsure = f->missed = true;
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
		rc = source_interrupted() ? SOURCE_STOP : visit_file(f, log, &l, &l.items[i]);
	if (!rc)
		rc = look_for_lost(f, log, &l);
	if (!rc)
		follow_hold(f, log);
	if (l.unread)
		say_unread(f, log, &l);
	else
		f->again |= listing_changed(&l, log);
	listing_release(&l);
	return rc;
}

/* A file that is renamed while its folder is read may be seen under neither name: it is looked for twice. */
static bool is_any_lost(const struct fetch *f, const struct log *log)
{
	for (size_t i = 0; i < f->known.n; i++)
		if (is_lost(f->known.items[i], log))
			return true;
	return false;
}

int fetch_log(struct fetch *f, struct log *log)
{
	int rc = 0;

	log->unsure = false;
	log->fresh_us = RECORD_NONE;
	for (int i = 0; i < PASSES; i++) {
		rc = pass(f, log);
		if (rc || (!f->again && (i || !is_any_lost(f, log))))
			return rc;
	}
	log->unsure = f->missed = true;
	return rc;
}
