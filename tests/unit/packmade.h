/* SPDX-License-Identifier: ISC
 *
 * packmade - a pack that no git would make, and its index, in memory.
 *
 *	struct made m = {0};
 *	made_entry(&m, PACK_BLOB, 0, 5, "hello", 5);
 *	made_entry(&m, PACK_OFS_DELTA, 0, n, delta, n);     of number 0
 *	ok(made_end(&m, &p), ...);
 *	made_release(&m);
 */
#ifndef PACKMADE_H
#define PACKMADE_H

#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "xalloc.h"

enum { MADE_MOST = 255 };

struct made {
	unsigned char *data, *index;
	size_t len, n;
	uint64_t at[MADE_MOST]; /* where number i starts; what the index says of it */
};

/* The name of number i: its first byte is i. */
static inline const unsigned char *made_name(size_t i)
{
	static unsigned char name[PACK_HASH];

	memset(name, 0x5a, sizeof(name));
	name[0] = (unsigned char)i;
	return name;
}

static inline void made_bytes(struct made *m, const void *p, size_t n)
{
	m->data = xrealloc(m->data, m->len + n + 1);
	if (n)
		memcpy(m->data + m->len, p, n);
	m->len += n;
}

static inline void made_be32(unsigned char *to, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(n >> (24 - 8 * i));
}

static inline void made_head(struct made *m, unsigned type, uint64_t size)
{
	unsigned char c = (unsigned char)(type << 4 | (size & 15));

	for (size >>= 4; size; size >>= 7) {
		c |= 0x80;
		made_bytes(m, &c, 1);
		c = size & 0x7f;
	}
	made_bytes(m, &c, 1);
}

static inline void made_distance(struct made *m, uint64_t back)
{
	unsigned char bytes[10];
	size_t at = sizeof(bytes) - 1;

	bytes[at] = back & 0x7f;
	while (back >>= 7)
		bytes[--at] = 0x80 | (--back & 0x7f);
	made_bytes(m, bytes + at, sizeof(bytes) - at);
}

static inline void made_start(struct made *m)
{
	if (!m->len)
		made_bytes(m, "PACK\0\0\0\2\0\0\0\0", 12);
}

/* The next number: bytes of that type (a delta: of number `base`), which says that it has `size` of them. */
static inline void made_entry(struct made *m, unsigned type, size_t base, uint64_t size, const void *bytes, size_t n)
{
	static struct libdeflate_compressor *c;
	unsigned char *out;
	size_t room;

	c = c ? c : libdeflate_alloc_compressor(1);
	room = libdeflate_zlib_compress_bound(c, n);
	out = xmalloc(room);
	made_start(m);
	m->at[m->n++] = m->len;
	made_head(m, type, size);
	if (type == PACK_OFS_DELTA)
		made_distance(m, m->at[m->n - 1] - m->at[base]);
	else if (type == PACK_REF_DELTA)
		made_bytes(m, made_name(base), PACK_HASH);
	made_bytes(m, out, libdeflate_zlib_compress(c, bytes, n, out, room));
	free(out);
}

/* The index, and the pack over both. */
static inline bool made_end(struct made *m, struct pack *p)
{
	size_t names = 8 + 256 * 4, crcs = names + m->n * PACK_HASH, offsets = crcs + m->n * 4, large = offsets + m->n * 4;
	size_t len = large + m->n * 8 + 2 * (size_t)PACK_HASH;

	made_start(m);
	made_be32(m->data + 8, (uint32_t)m->n);
	made_bytes(m, made_name(0), PACK_HASH);
	m->index = xcalloc(1, len);
	memcpy(m->index, "\377tOc\0\0\0\2", 8);
	for (size_t i = 0; i < 256; i++)
		made_be32(m->index + 8 + 4 * i, (uint32_t)(i < m->n ? i + 1 : m->n));
	for (size_t i = 0; i < m->n; i++) {
		memcpy(m->index + names + i * PACK_HASH, made_name(i), PACK_HASH);
		made_be32(m->index + offsets + i * 4, i % 2 ? (uint32_t)(0x80000000 | i) : (uint32_t)m->at[i]);
		made_be32(m->index + large + i * 8, (uint32_t)(m->at[i] >> 32));
		made_be32(m->index + large + i * 8 + 4, (uint32_t)m->at[i]);
	}
	memcpy(m->index + len - 2 * (size_t)PACK_HASH, made_name(0), PACK_HASH);
	return pack_over(p, m->data, m->len, m->index, len);
}

static inline void made_release(struct made *m)
{
	free(m->data);
	free(m->index);
	*m = (struct made){0};
}

#endif
