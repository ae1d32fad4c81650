/* SPDX-License-Identifier: ISC
 *
 * refs - what a text refers to, as people write it: commits by their hash, issues and pull requests by their number.
 * Pure.
 */
#ifndef REFS_H
#define REFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum { REFS_OID_LEAST = 7, REFS_OID = 40 };

/*
 * The next word of `least` to 40 hexadecimal digits, lower case, with at least one digit in it (or 40 long): *at is where to
 * begin, and is moved behind it.
 */
bool refs_next_oid(const char *s, size_t n, size_t least, size_t *at, const char **oid, size_t *len);

/* A number that is mentioned: #12, GH-12, owner/name#12, or the address of an issue or a pull request. */
struct refs_number {
	const char *repo; /* owner/name where it is written, else NULL: the text's own repository; borrowed from the text */
	size_t repo_len;
	int64_t number;
};

bool refs_next_number(const char *s, size_t n, size_t *at, struct refs_number *found);

/* The repository of a source, owner/name: of github:owner/name and git:host/owner/name. NULL where it has none. */
const char *refs_repo(const char *source_id);

/* Does a text of that source mention the number of that repository? */
bool refs_mentions(const char *s, size_t n, const char *source_id, const char *repo, int64_t number);

#endif
