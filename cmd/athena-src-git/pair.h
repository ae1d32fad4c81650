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
	PAIR_TEXT_MAX = 1023 << 20, /* bytes of a file that git and libgit2 still diff */
};

/* One side of a change, loaded. */
struct pair_side {
	const char *p;
	size_t n;
	git_odb_object *object;          /* holds p; NULL where there is none */
	char module[GIT_OID_HEXSZ + 32]; /* what git writes for a submodule */
};

/* Loads a side: mode 0 is empty. On OBJECTS_OK release it. */
enum objects_status pair_load(struct pair_side *s, struct objects *blobs, uint32_t mode, const git_oid *oid);
void pair_release(struct pair_side *s);

/* Is this side binary? `big` is core.bigFileThreshold. */
bool pair_is_binary(const struct pair_side *s, uint32_t mode, enum paths_kind kind, uint64_t big);

/* How the files of a repository are to be read. */
struct pair_rules {
	enum paths_kind links; /* for what is no regular file */
	uint64_t big;          /* bytes from which on a file is binary */
};

/* Fills added, deleted, binary and missing of a change; kinds are those of its old and its new path.
 * OBJECTS_MISSING is never returned. */
enum objects_status pair_count(struct change *c, const enum paths_kind kinds[2],
			       const struct pair_rules *rules, struct objects *blobs,
			       struct counter *counter);

#endif
