/* SPDX-License-Identifier: ISC
 *
 * pair - one changed file: its two contents, whether they are text, and the lines between them.
 */
#ifndef PAIR_H
#define PAIR_H

#include "count.h"
#include "diff.h"
#include "objects.h"
#include "paths.h"

enum {
	PAIR_LOOK = 8000,           /* bytes in which a NUL makes a file binary */
	PAIR_TEXT_MAX = 1023 << 20, /* bytes of a file that git still diffs */
};

/* One side of a change, loaded. */
struct pair_side {
	const char *p; /* NULL where it is too large to be looked at: then it is binary */
	size_t n;
	struct object *object;           /* holds p; NULL where there is none */
	char module[GIT_OID_HEXSZ + 32]; /* what git writes for a submodule */
};

/* How the files of a repository are to be read. */
struct pair_rules {
	enum paths_kind links; /* for what is no regular file */
	uint64_t big;          /* core.bigFileThreshold: bytes above which a file is binary */
};

/*
 * Loads both sides of a change; where there is none, it is empty. kinds are those of the old and the new path. On OBJECTS_OK
 * release them.
 */
enum objects_status pair_load(struct pair_side *old, struct pair_side *new, struct objects *blobs,
			      const struct change *c, const enum paths_kind kinds[2],
			      const struct pair_rules *rules);
void pair_release(struct pair_side *s);

/* Is either side binary? */
bool pair_is_binary(const struct change *c, const struct pair_side *old, const struct pair_side *new,
		    const enum paths_kind kinds[2], const struct pair_rules *rules);

/* Fills added, deleted, binary and missing of a change. OBJECTS_MISSING is never returned. */
enum objects_status pair_count(struct change *c, const enum paths_kind kinds[2],
			       const struct pair_rules *rules, struct objects *blobs,
			       struct counter *counter);

#endif
