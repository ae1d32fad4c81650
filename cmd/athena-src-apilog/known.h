/* SPDX-License-Identifier: ISC
 *
 * known - the files that were read from, and how far: the position of this source.
 *
 * A file is known by its first complete line and by the bytes before the place where reading stopped (and
 * before a few earlier ones), so it is found again under another name, compressed, copied, or with another
 * inode. Device, inode, size and time are hints: a rotated file that has all four as before has nothing new and is
 * not opened. They never decide what a file is.
 *
 *	struct knowns all = {0};
 *	knowns_load(&all, json)         false: no position of this source
 *	k = knowns_add(&all, log, path);
 *	known_mark(k, &mark);
 *	json = knowns_json(&all);
 *	knowns_release(&all);
 *
 * What is kept does not grow with the logs: an entry a file, and none for a file that is gone.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "logs.h"
#include "parse.h"
#include "reader.h"

enum {
	KNOWN_MARKS = 6,      /* the last one is where reading goes on; the distance of the others from it grows */
	KNOWN_STRAYS = 1000, /* entries of logs that no run asked for, at most */
};

struct known {
	char *log, *path;      /* the log that it is part of, and the file when it was last seen */
	char first[FILE_HASH]; /* hash of its first line */
	struct mark marks[KNOWN_MARKS + 1]; /* room for one that makes another leave */
	size_t n_marks;
	struct hint hint;
	int64_t time; /* of the last line that had one, microseconds; RECORD_NONE */
	bool end;     /* all that the file held at `hint` was read */
	bool settled; /* and nobody writes to it any more */
	bool columns; /* a `#Fields:` was read in it */
	/* of this run */
	struct parse_state format;
	bool claimed; /* a file that is there is this one */
	bool held;    /* a file that is there holds what was read, though it is known by another entry */
	char *was;     /* access.1.log, where it turned out to be access.2.log now; else NULL */
	size_t matched; /* of its marks, in the file that was looked at last */
	int fd;       /* kept open by --follow; -1 */
	int64_t quiet; /* of such a file: no newline between the position and here */
	int64_t unnamed; /* of one that lost its name in its log: fetch.rounds then; -1: it has it */
	int64_t moved_us; /* when something was read of it, monotonic microseconds */
};

struct knowns {
	struct known **items;
	size_t n, cap;
};

bool knowns_load(struct knowns *all, json_t *position);
json_t *knowns_json(const struct knowns *all);
struct known *knowns_add(struct knowns *all, const char *log, const char *path);

/* Forgets items[i]; the order of the others changes. */
void knowns_remove(struct knowns *all, size_t i);
void knowns_release(struct knowns *all);

struct hint hint_of(const struct stat *st);
bool hint_same(const struct hint *a, const struct hint *b);
bool hint_same_inode(const struct hint *a, const struct hint *b);

static inline const struct mark *known_at(const struct known *k)
{
	return &k->marks[k->n_marks - 1];
}

/* Reading has come to this mark. */
void known_mark(struct known *k, const struct mark *at);

/* Takes over marks and all else that is known of a file, as far as its first n marks. */
void known_copy(struct known *k, const struct known *from, size_t n_marks);
void known_rename(struct known *k, const char *log, const char *path);

#endif
