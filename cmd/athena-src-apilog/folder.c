/* SPDX-License-Identifier: ISC */
#include "folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "xalloc.h"

enum {
	COARSE_S = 2,      /* as exact as the times of some filesystems are */
	KEPT_US = 1000000, /* of the monotonic clock */
};

struct folder *folder_new(void)
{
	return xcalloc(1, sizeof(struct folder));
}

static void empty(struct folder *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->items[i].name);
	free(d->path);
	d->path = NULL;
	d->n = 0;
	d->until = 0;
}

void folder_free(struct folder *d)
{
	if (!d)
		return;
	empty(d);
	free(d->items);
	free(d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct folder_entry *)a)->name, ((const struct folder_entry *)b)->name);
}

static bool is_as_it_was(const struct folder *d, const char *path, const struct stat *st)
{
	return d->until > stamp_steady() && !strcmp(d->path, path) && d->was.st_dev == st->st_dev &&
	       d->was.st_ino == st->st_ino && d->was.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	       d->was.st_mtim.tv_nsec == st->st_mtim.tv_nsec;
}

static void take(struct folder *d, DIR *dir)
{
	struct dirent *e;

	while ((e = readdir(dir))) {
		if (d->n == d->cap) {
			d->cap = d->cap ? 2 * d->cap : 64;
			d->items = xreallocarray(d->items, d->cap, sizeof(*d->items));
		}
		d->items[d->n++] = (struct folder_entry){xstrdup(e->d_name), e->d_ino};
	}
	if (d->n)
		qsort(d->items, d->n, sizeof(*d->items), by_name);
}

bool folder_read(struct folder *d, const char *path)
{
	struct stat st;
	int64_t age = 0;
	DIR *dir;

	if (d->until && !stat(path, &st) && is_as_it_was(d, path, &st))
		return true;
	empty(d);
	dir = opendir(path);
	if (!dir)
		return false;
	if (!fstat(dirfd(dir), &d->was))
		age = stamp_now() / STAMP_SECOND - d->was.st_mtim.tv_sec;
	take(d, dir);
	closedir(dir);
	d->path = xstrdup(path);
	d->until = age > COARSE_S ? stamp_steady() + KEPT_US : 0;
	return true;
}

size_t folder_from(const struct folder *d, const char *name)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(d->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
