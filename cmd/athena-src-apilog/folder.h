/* SPDX-License-Identifier: ISC
 *
 * folder - the names in a folder, sorted, kept from one log to the next: of a thousand logs in one folder each would read it again.
 *
 *	struct folder *d = folder_new();
 *	if (!folder_read(d, "/var/log/nginx")) ...                      errno says why
 *	for (i = folder_from(d, "a.log"); i < d->n && !strncmp(d->items[i].name, "a.log", 5); i++) ...
 *	folder_free(d);
 *
 * What was read is taken for what is there only where the folder has the time that it had then, that was not a moment ago, as times
 * are coarse and two changes may have the same, and for a second, as not every filesystem keeps that time.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct folder_entry {
	char *name;
	uint64_t ino;
};

struct folder {
	struct folder_entry *items;
	size_t n;
	/* private */
	size_t cap;
	char *path;
	struct stat was;
	int64_t until; /* stamp_steady(); 0: not to be used again */
};

struct folder *folder_new(void);
void folder_free(struct folder *d);

/* False: errno; there are no items then. */
bool folder_read(struct folder *d, const char *path);

/* The first whose name is not before `name`. */
size_t folder_from(const struct folder *d, const char *name);

#endif
