/* SPDX-License-Identifier: ISC
 *
 * listing - the files of a log as they lie in its folder now, the oldest first and the log itself last.
 *
 *	struct listing l = {0};
 *	listing_read(&l, log);
 *	listing_add_strays(&l, log, "/srv/log", inode);         files that may be what a known one has become
 *	if (listing_changed(&l, log)) ...                  files were moved meanwhile
 *	listing_release(&l);
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "known.h"
#include "logs.h"
#include "rotation.h"

struct candidate {
	char *path;
	struct rotation rotation;
	struct hint hint; /* when it was listed */
	bool live;        /* the file that is written to, by its name */
	bool stray;       /* of this log only where its content says so */
	bool outlived;    /* a younger one has a line */
};

struct listing {
	struct candidate *items;
	size_t n, n_family; /* the strays stand behind the family */
	char *folder, *base; /* where the log lies, links followed */
	char *unread;        /* what could not be looked at, the first of it, so that files may be missing here; */
	int error;           /* why, errno */
};

void listing_read(struct listing *l, const struct log *log);

/* Only where it lies, and no files. */
void listing_place(struct listing *l, const struct log *log);

/* Adds files of `folder` that have the inode, or whose name begins as the log's does. */
void listing_add_strays(struct listing *l, const struct log *log, const char *folder, uint64_t ino);

/* The same of the folders right below that of the log. */
void listing_add_strays_below(struct listing *l, const struct log *log, uint64_t ino);

/*
 * The folder, on the heap, of a file that is a rotated one of the log by its name and lies elsewhere, or is called as
 * access.1.log is (*inner); else NULL.
 */
char *listing_aside(const struct listing *l, const char *path, bool *inner);

bool listing_changed(const struct listing *l, const struct log *log);

/* The one that is written to; NULL: there is none. */
const struct candidate *listing_live(const struct listing *l);

/* Does the family have this inode, by another candidate than `but`? */
bool listing_has_inode(const struct listing *l, const struct hint *h, const struct candidate *but);

/* The file that a compressed one was made of, where it is still there; else NULL. */
const struct candidate *listing_twin(const struct listing *l, const struct candidate *packed);
void listing_release(struct listing *l);

#endif
