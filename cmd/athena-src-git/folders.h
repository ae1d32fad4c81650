/* SPDX-License-Identifier: ISC
 *
 * folders - where the objects of a repository lie: its own folder of them, those that info/alternates names, those
 * that are named there, and so on, each once, however they lead in a circle.
 *
 *	struct folders f = {0};
 *	rc = folders_find(&f, "/x/.git/objects/");
 *	... f.list[0] to f.list[f.n - 1] ...
 *	folders_release(&f);
 *
 * libgit2 opens what it finds there as it comes, and would wait for ever where that is a pipe: so this is asked before.
 */
#ifndef FOLDERS_H
#define FOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct folders {
	char **list; /* each with its slash; the first is the repository's own */
	struct {
		dev_t dev;
		ino_t ino;
	} *seen;
	size_t n;
};

/* 0; or 65, said, where git's own files there are none. What is not there is left out. */
int folders_find(struct folders *f, const char *objects);
/* Adds those that the environment names in their place, or beside them. */
int folders_of_environment(struct folders *f);
bool folders_are_elsewhere(void);
/* It names those of another repository. */
void folders_forget_environment(void);
void folders_release(struct folders *f);

#endif
