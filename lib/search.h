/* SPDX-License-Identifier: ISC
 *
 * search - programs by name: those on PATH whose name begins with a prefix.
 *
 *	struct search found = {0};
 *	search_path(&found, getenv("PATH"), "athena-src-");
 *	... found.items[i].name, found.items[i].path ...     sorted by name
 *	search_release(&found);
 *
 * Where a name is in several folders, the first one counts, as for a shell.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>

struct search_item {
	char *name; /* athena-src-git */
	char *path; /* /usr/bin/athena-src-git */
};

struct search {
	struct search_item *items;
	size_t n;
};

/* Adds what is on `path`, folders separated by colons; NULL is no folder. */
void search_path(struct search *found, const char *path, const char *prefix);
void search_release(struct search *found);

/* The folder that this program was started from, as a heap string; NULL where that cannot be told. */
char *search_own_folder(void);

/* Makes our own folder the last one on PATH, for this program and those it starts. */
void search_extend_path(void);

#endif
