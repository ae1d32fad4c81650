/* SPDX-License-Identifier: ISC
 *
 * kept - commits that the walk has read, for whoever makes events of them.
 *
 * A commit lies deflated, and mostly as a delta, in a pack: to read it a second time costs as much as the
 * first. What is put in is handed out once; what would make more than KEPT_MAX bytes is not put in, and is read
 * again.
 */
#ifndef KEPT_H
#define KEPT_H

#include <git2.h>
#include <stddef.h>

#include "object.h"

enum { KEPT_MAX = 32 << 20 };

struct kept {
	struct object **slots; /* by name; a power of two of them, half of them empty at least */
	size_t n, cap;
	size_t bytes; /* of those that lie there now */
};

/* A reference of its own. */
void kept_put(struct kept *k, struct object *object);

/* The reference, which is the caller's then; NULL where it does not lie here. */
struct object *kept_take(struct kept *k, const git_oid *oid);
void kept_release(struct kept *k);

#endif
