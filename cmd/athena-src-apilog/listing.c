/* SPDX-License-Identifier: ISC */
#include "listing.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* Where the log lies: where a link leads to another file, that one's rotations are meant. */
static void find_place(struct listing *l, const struct log *log)
{
	struct stat st;
	char *real = !lstat(log->path, &st) && S_ISLNK(st.st_mode) ? realpath(log->path, NULL) : NULL;
	char *path = real ? real : xstrdup(log->path), *slash = strrchr(path, '/');
	struct rotation r;

	rotation_split(slash + 1, &r);
	l->base = xstrdup(real ? r.base : slash + 1);
	l->folder = slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
	free(path);
}

static void add(struct listing *l, const char *folder, const char *name, const struct rotation *r, bool stray)
{
	char *path = xasprintf("%s/%s", strcmp(folder, "/") ? folder : "", name);
	struct stat st;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->items[i].path, path))
			goto out;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		goto out;
	l->items = xreallocarray(l->items, l->n + 1, sizeof(*l->items));
	l->items[l->n++] =
		(struct candidate){.path = path, .rotation = *r, .hint = hint_of(&st), .stray = stray};
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

void listing_read(struct listing *l, const struct log *log)
{
	struct dirent *e;
	size_t stem;
	DIR *dir;

	*l = (struct listing){0};
	find_place(l, log);
	stem = stem_of(l->base);
	dir = opendir(l->folder);
	while (dir && (e = readdir(dir))) {
		struct rotation r;

		if (*e->d_name != '@' && strncmp(e->d_name, l->base, stem))
			continue;
		if (rotation_of(e->d_name, l->base, &r) &&
		    (log->whole || is_named(log, l->folder, e->d_name)))
			add(l, l->folder, e->d_name, &r, false);
	}
	if (dir)
		closedir(dir);
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), by_age);
	l->n_family = l->n;
	if (l->n && !l->items[l->n - 1].rotation.packed)
		l->items[l->n - 1].live = true;
}

void listing_add_strays(struct listing *l, const char *folder, uint64_t ino)
{
	DIR *dir = opendir(folder);
	size_t n = strlen(l->base);
	struct rotation r;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		if (e->d_ino != ino && strncmp(e->d_name, l->base, n))
			continue;
		rotation_split(e->d_name, &r);
		add(l, folder, e->d_name, &r, true);
	}
	if (dir)
		closedir(dir);
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
	return l->n_family && l->items[l->n_family - 1].live ? &l->items[l->n_family - 1] : NULL;
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
	*l = (struct listing){0};
}
