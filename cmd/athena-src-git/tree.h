/* SPDX-License-Identifier: ISC
 *
 * tree - tree against tree: which paths differ, in git's order, from the raw bytes.
 *
 *	struct tree_walk w;
 *	tree_walk_init(&w, objects, paths);
 *	switch (tree_walk(&w, &old, &new)) { ... w.changes[0..w.n), valid until the next walk ... }
 *	tree_walk_release(&w);
 *
 * A tree of a few bytes may hold itself ten times over, and so on: a walk that meets more than `most` entries gives up,
 * and `met` is beyond `most` then.
 *
 * A folder that became a file is a D of everything below and an A; modes are compared
 * as git does, without the bits that it ignores (0100664 is 0100644).
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "glob.h"
#include "objects.h"

enum {
	TREE_DEPTH_MAX = 2048,    /* folders in folders */
	TREE_PATH_MAX = 1 << 20,  /* bytes of a path */
	TREE_NAMES_MAX = 256 << 20, /* bytes of all paths that a walk finds */
	TREE_CHANGES_MAX = 2000000, /* entries that differ in a walk */
	TREE_MODE_TYPE = 0170000, /* the bits that say what an entry is */
	TREE_MODE_FOLDER = 0040000,
	TREE_MODE_FILE = 0100000,
	TREE_MODE_LINK = 0120000,
	TREE_MODE_MODULE = 0160000,
};

struct tree_change {
	char status;                 /* A M D T */
	uint32_t old_mode, new_mode; /* 0 where there is none */
	git_oid old_oid, new_oid;    /* zero where there is none */
	size_t path;                 /* where its path starts in the walk's names, NUL-ended */
};

struct tree_walk {
	struct objects *trees;        /* borrowed */
	const struct glob_set *paths; /* borrowed; NULL: all */
	bool any;                     /* stop at the first change: only whether there is one counts */
	size_t most;                  /* entries that differ; TREE_CHANGES_MAX, unless the caller says less */
	size_t met;                   /* so many were met */

	struct tree_change *changes;
	size_t n, cap;
	struct buf names; /* the paths */
	struct buf path;  /* of the folder being walked, with its slash */
	const char
		*why; /* of OBJECTS_CORRUPT, where the bytes of a tree are no tree; else ask objects_why() */
};

void tree_walk_init(struct tree_walk *w, struct objects *trees, const struct glob_set *paths);

/* A zero oid is the empty tree. Not OBJECTS_OK: the changes are those found until then. */
enum objects_status tree_walk(struct tree_walk *w, const git_oid *old, const git_oid *new);
void tree_walk_release(struct tree_walk *w);

#endif
