/* SPDX-License-Identifier: ISC
 *
 * cursor - the content of a cursor file, its canonical form and its hash, as
 * athena-cursor(5) defines them.
 *
 *     {"athena_cursor":1,"source_id":S,"selection":{...},"cursor":{...},"prev":H}
 *
 * Canonical form: the bytes of `jq -cSj .`: sorted keys, no white space, no newline.
 * To make that unambiguous a cursor holds only objects, arrays, true, false,
 * null, integers within 2^53, and strings of UTF-8 without control characters
 * and U+007F. A position is named by the SHA-256 of the canonical form of the
 * whole file, in 64 lower-case hexadecimal digits; "" stands for null, the
 * position before the first.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "sha256.h"

enum { CURSOR_VERSION = 1 };

struct cursor {
	char *source_id;
	json_t *selection;     /* object: the options that decide which events exist */
	json_t *position;      /* object, the member `cursor`: the source's own business */
	char prev[SHA256_HEX]; /* hash of the position before this one, "" for null */
	char hash[SHA256_HEX]; /* of this one, "" while there is none */
};

enum cursor_status {
	CURSOR_OK,
	CURSOR_DAMAGED, /* not JSON, a member missing or of the wrong kind, a value that has no canonical form */
	CURSOR_NEWER,   /* athena_cursor is above CURSOR_VERSION */
};

/* Reads the n bytes of a cursor file; white space around is allowed. *why is a static string. c is zeroed before. */
enum cursor_status cursor_parse(struct cursor *c, const char *p, size_t n, struct buf *canonical, const char **why);

/*
 * The same from an object, as it stands in a checkpoint line; its members are shared by reference. The
 * hash is that of the whole object, members that this version does not know included.
 * Where `canonical` is not NULL the canonical form is added to it.
 */
enum cursor_status cursor_from_json(struct cursor *c, json_t *object, struct buf *canonical, const char **why);

/*
 * Adds the canonical form of c to out and sets c->hash. False, with a static string in *why, when
 * a value is one that a cursor cannot hold.
 */
bool cursor_seal(struct cursor *c, struct buf *out, const char **why);

/* Adds the canonical form of any value; false where it has none. */
bool cursor_canonical(const json_t *value, struct buf *out, const char **why);

/* True where the n bytes are nothing but white space: an empty cursor file is the null position. */
bool cursor_is_blank(const char *p, size_t n);

/* True for 64 lower-case hexadecimal digits. */
bool cursor_is_hash(const char *s);

void cursor_release(struct cursor *c);

#endif
