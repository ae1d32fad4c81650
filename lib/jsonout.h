/* SPDX-License-Identifier: ISC
 *
 * jsonout - JSON written straight into a buf, without a tree. Commas are its
 * business; the nesting is the caller's.
 *
 *	struct jsonout j = {.out = &buf};
 *	jsonout_open(&j, '{');
 *	jsonout_name(&j, "id");
 *	jsonout_text(&j, id, strlen(id));
 *	jsonout_close(&j, '}');
 *
 * All text comes out as I-JSON (RFC 7493): bytes that are no UTF-8, and U+0000,
 * become U+FFFD. Whether everything fitted is asked of the buf: `out->over`.
 */
#ifndef JSONOUT_H
#define JSONOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct jsonout {
	struct buf *out; /* borrowed */
	bool more;       /* the next element needs a comma before it */
};

void jsonout_open(struct jsonout *j, char bracket);  /* '{' or '[' */
void jsonout_close(struct jsonout *j, char bracket); /* '}' or ']' */
void jsonout_name(struct jsonout *j, const char *name); /* plain ASCII, nothing to escape */
void jsonout_text(struct jsonout *j, const char *s, size_t n);
void jsonout_int(struct jsonout *j, int64_t v); /* beyond +-2^53 it is written as a string */
void jsonout_bool(struct jsonout *j, bool v);
void jsonout_null(struct jsonout *j);

/* A ready value, or ready members `"a":1,"b":2` within an open object; none when n is 0. */
void jsonout_raw(struct jsonout *j, const char *s, size_t n);

/* A member with a text value; nothing at all when s is NULL. */
void jsonout_member(struct jsonout *j, const char *name, const char *s);
void jsonout_member_n(struct jsonout *j, const char *name, const char *s, size_t n);
void jsonout_member_int(struct jsonout *j, const char *name, int64_t v);

/* The string token of n bytes, with quotes, added to out; returns the replacements made. */
size_t jsonout_string(struct buf *out, const char *s, size_t n);

#endif
