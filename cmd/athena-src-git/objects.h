/* SPDX-License-Identifier: ISC
 *
 * objects - trees and blobs of a repository, the latest kept up to a number of bytes.
 *
 * One of these belongs to one thread. What objects_get()
 * hands out is the caller's reference (object_free()) and outlives its place here.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"

struct objects;

enum objects_status {
	OBJECTS_OK,
	OBJECTS_LARGE,   /* of more than `most` bytes: it was not read into memory */
	OBJECTS_MISSING, /* not in this repository, which is a partial clone */
	OBJECTS_CORRUPT, /* unreadable, of another type, or gone from a whole clone: see objects_why() */
};

/*
 * `db` is borrowed for the life of it; what is larger than a quarter of max_bytes is never
 * kept. `partial`: it is no damage when an object is not here.
 */
struct objects *objects_new(struct object_db *db, bool partial, size_t max_bytes);
enum objects_status objects_get(struct objects *o, const git_oid *oid, git_object_t type, uint64_t most,
				struct object **out);

/* What was wrong at the last OBJECTS_CORRUPT: one line that names the object; *code is its sysexits code. */
const char *objects_why(const struct objects *o, int *code);
void objects_free(struct objects *o);

#endif
