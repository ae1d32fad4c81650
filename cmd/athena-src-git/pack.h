/* SPDX-License-Identifier: ISC
 *
 * pack - one pack and its index over bytes that are the caller's (gitformat-pack(5)), and what a delta in it makes.
 *
 *	struct pack p;
 *	if (pack_over(&p, data, data_len, index, index_len) && (at = pack_find(&p, oid)) && pack_entry(&p, at, &e)) ...
 *
 * Nothing here believes a length or an offset that it reads.
 */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACK_HASH = 20 }; /* bytes of a name: SHA-1 */

struct pack {
	const unsigned char *data, *index;
	size_t data_len, index_len;
	uint32_t n; /* objects */
};

/* False where they are no index of version 2 and no pack that belongs to it. */
bool pack_over(struct pack *p, const unsigned char *data, size_t data_len, const unsigned char *index,
	       size_t index_len);

/* Where in the pack the object of that name starts; 0: it is not in there. */
uint64_t pack_find(const struct pack *p, const unsigned char *oid);

/* The name of what starts there; false: nothing does. All of the index is looked through. */
bool pack_name_at(const struct pack *p, uint64_t at, unsigned char oid[PACK_HASH]);

enum pack_type { PACK_COMMIT = 1, PACK_TREE, PACK_BLOB, PACK_TAG, PACK_OFS_DELTA = 6, PACK_REF_DELTA };

struct pack_entry {
	enum pack_type type;
	uint64_t size;                 /* of what is deflated: the object, or the delta */
	uint64_t base;                 /* of a delta: where its base starts */
	const unsigned char *deflated; /* up to deflated_max bytes */
	size_t deflated_max;
};

/* What starts at that offset; false: nothing that is sound. */
bool pack_entry(const struct pack *p, uint64_t at, struct pack_entry *e);

/* How long a base a delta is of, and what it makes of that; false: it is no delta. */
bool delta_lengths(const unsigned char *delta, size_t len, uint64_t *base_len, uint64_t *out_len);

/* Makes it; false where that is not what the delta says. */
bool delta_apply(char *out, size_t out_len, const unsigned char *delta, size_t len, const char *base,
		 size_t base_len);

#endif
