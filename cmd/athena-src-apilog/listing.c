/* SPDX-License-Identifier: ISC */
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "xalloc.h"

enum {
	BELOW_MAX = 256,    /* folders that are looked into for what a file has become */
	CLOCK_US = 2000000, /* as exact as the times of some filesystems are */
};

/* What is not there, or is a link to nowhere, is no failure. */
static void cannot_look(struct listing *l, const char *path)
{
	if (l->unread || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return;
	l->error = errno;
	l->unread = xstrdup(path);
}

/* Where the log lies: where a link leads to another file, that one's rotations are meant. */
void listing_place(struct listing *l, const struct log *log)
{
	struct stat st;
	char *real = NULL, *path, *slash;
	struct rotation r;

	*l = (struct listing){0};
	if (lstat(log->path, &st))
		cannot_look(l, log->path);
	else if (S_ISLNK(st.st_mode) && !(real = realpath(log->path, NULL)))
		cannot_look(l, log->path);
	path = real ? real : xstrdup(log->path);
	slash = strrchr(path, '/');
	rotation_split(slash + 1, &r);
	l->base = xstrdup(real ? r.base : slash + 1);
	l->folder = file_folder(path);
	free(path);
}

static void add(struct listing *l, const char *folder, const char *name, const struct candidate *as,
		int64_t since_us)
{
	char *path = xasprintf("%s/%s", strcmp(folder, "/") ? folder : "", name);
	struct candidate c = *as;
	struct stat st;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->items[i].path, path))
			goto out;
	if (stat(path, &st)) {
		cannot_look(l, path);
		goto out;
	}
	c.hint = hint_of(&st);
	if (!S_ISREG(st.st_mode) || c.hint.mtime_us < since_us)
		goto out;
	c.path = path;
	l->items = xreallocarray(l->items, l->n + 1, sizeof(*l->items));
	l->items[l->n++] = c;
	path = NULL;
out:
	free(path);
}

static bool is_named(const struct log *log, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	for (size_t i = 0; i < log->named.n; i++) {
		const char *path = log->named.items[i];

		if (!strncmp(path, folder, n) && path[n] == '/' && !strcmp(path + n + 1, name))
			return true;
	}
	return false;
}

/* How many bytes of a log's name its rotations begin with, too: a date may stand before the extension. */
static size_t stem_of(const char *base)
{
	const char *dot = strrchr(base, '.');

	return dot ? (size_t)(dot - base) : strlen(base);
}

static int by_age(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = rotation_compare(&x->rotation, &y->rotation);

	if (!order)
		order = (int)x->rotation.packed - (int)y->rotation.packed;
	return order ? order : strcmp(x->path, y->path);
}

static bool is_rotated(const struct rotation *r)
{
	return r->packed || *r->stamp || r->number >= 0;
}

/* Those of the folder whose names begin so. */
static void read_from(struct listing *l, const struct log *log, const char *begin)
{
	const struct folder *d = log->all->folder;
	size_t n = strlen(begin);
	struct candidate c = {0};

	for (size_t i = folder_from(d, begin); i < d->n && !strncmp(d->items[i].name, begin, n); i++) {
		const char *name = d->items[i].name;

		if (rotation_of(name, l->base, &c.rotation) && (log->whole || is_named(log, l->folder, name)))
			add(l, l->folder, name, &c, INT64_MIN);
	}
}

/* Its own folder, and what is not there is read all the same where the folder cannot be. */
static void read_own(struct listing *l, const struct log *log)
{
	char *stem = xstrndup(l->base, stem_of(l->base));
	struct candidate c = {0};

	if (folder_read(log->all->folder, l->folder)) {
		read_from(l, log, stem);
		if (strncmp("@", stem, strlen(stem)) != 0)
			read_from(l, log, "@");
	} else {
		cannot_look(l, l->folder);
		if (rotation_of(l->base, l->base, &c.rotation) && log->whole)
			add(l, l->folder, l->base, &c, INT64_MIN);
	}
	free(stem);
}

/* What was rotated into another folder, or under a name that would not say so by itself. */
static void read_aside(struct listing *l, const struct log *log, const struct aside *aside)
{
	DIR *dir = opendir(aside->folder);
	struct candidate c = {0};
	struct dirent *e;

	if (!dir)
		cannot_look(l, aside->folder);
	while (dir && (e = readdir(dir))) {
		bool is = aside->inner
				  ? rotation_inner(e->d_name, l->base, &c.rotation)
				  : rotation_of(e->d_name, l->base, &c.rotation) && is_rotated(&c.rotation);

		if (is && !log_is_of_another(log, aside->folder, e->d_name))
			add(l, aside->folder, e->d_name, &c, aside->since_us - CLOCK_US);
	}
	if (dir)
		closedir(dir);
}

/* The youngest, but not access.log.gz that somebody made of it. */
static void mark_live(struct listing *l)
{
	size_t i = l->n;

	while (i > 1 && l->items[i - 1].rotation.packed &&
	       !rotation_compare(&l->items[i - 1].rotation, &l->items[i - 2].rotation))
		i--;
	if (i && !l->items[i - 1].rotation.packed)
		l->items[i - 1].live = true;
}

void listing_read(struct listing *l, const struct log *log)
{
	listing_place(l, log);
	read_own(l, log);
	for (size_t i = 0; i < log->n_aside; i++)
		if (log->aside[i].inner || strcmp(log->aside[i].folder, l->folder) != 0)
			read_aside(l, log, &log->aside[i]);
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), by_age);
	l->n_family = l->n;
	mark_live(l);
}

static void add_strays(struct listing *l, const struct log *log, const char *folder, uint64_t ino, bool must)
{
	DIR *dir = opendir(folder);
	size_t n = strlen(l->base);
	struct candidate c = {.stray = true};
	struct dirent *e;

	if (!dir && (must || errno != EACCES))
		cannot_look(l, folder);
	while (dir && (e = readdir(dir))) {
		if (!(e->d_ino == ino || !strncmp(e->d_name, l->base, n) ||
		      rotation_of(e->d_name, l->base, &c.rotation) ||
		      rotation_inner(e->d_name, l->base, &c.rotation)) ||
		    log_is_of_another(log, folder, e->d_name))
			continue;
		rotation_split(e->d_name, &c.rotation);
		add(l, folder, e->d_name, &c, INT64_MIN);
	}
	if (dir)
		closedir(dir);
}

void listing_add_strays(struct listing *l, const struct log *log, const char *folder, uint64_t ino)
{
	add_strays(l, log, folder, ino, true);
}

/* Folders of others, which this user may not read, are not meant. */
void listing_add_strays_below(struct listing *l, const struct log *log, uint64_t ino)
{
	DIR *dir = opendir(l->folder);
	struct dirent *e;
	int left = BELOW_MAX;

	while (dir && left && (e = readdir(dir))) {
		char *path;

		if (*e->d_name == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		path = xasprintf("%s/%s", strcmp(l->folder, "/") ? l->folder : "", e->d_name);
		add_strays(l, log, path, ino, false);
		free(path);
		left--;
	}
	if (dir)
		closedir(dir);
}

char *listing_aside(const struct listing *l, const char *path, bool *inner)
{
	const char *slash = strrchr(path, '/');
	char *folder = file_folder(path);
	struct rotation r;

	*inner = rotation_inner(slash + 1, l->base, &r);
	if (*inner ||
	    (strcmp(folder, l->folder) != 0 && rotation_of(slash + 1, l->base, &r) && is_rotated(&r)))
		return folder;
	free(folder);
	return NULL;
}

bool listing_changed(const struct listing *l, const struct log *log)
{
	struct listing now;
	bool same;

	listing_read(&now, log);
	same = now.n == l->n_family;
	for (size_t i = 0; i < now.n && same; i++)
		same = !strcmp(now.items[i].path, l->items[i].path) &&
		       hint_same_inode(&now.items[i].hint, &l->items[i].hint);
	listing_release(&now);
	return !same;
}

const struct candidate *listing_live(const struct listing *l)
{
	for (size_t i = l->n_family; i-- > 0;)
		if (l->items[i].live)
			return &l->items[i];
	return NULL;
}

bool listing_has_inode(const struct listing *l, const struct hint *h, const struct candidate *but)
{
	for (size_t i = 0; i < l->n; i++)
		if (&l->items[i] != but && hint_same_inode(&l->items[i].hint, h))
			return true;
	return false;
}

const struct candidate *listing_twin(const struct listing *l, const struct candidate *packed)
{
	for (size_t i = 0; i < l->n_family; i++) {
		const struct candidate *c = &l->items[i];
		size_t n = strlen(c->path);

		if (c != packed && !c->rotation.packed && !strncmp(c->path, packed->path, n) &&
		    packed->path[n] == '.' && !strchr(packed->path + n + 1, '.'))
			return c;
	}
	return NULL;
}

void listing_release(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->items[i].path);
	free(l->items);
	free(l->folder);
	free(l->base);
	free(l->unread);
	*l = (struct listing){0};
}
