/* SPDX-License-Identifier: ISC */
#include "pack.h"

#include <string.h>

/*
 * An index is a head, a table of how many names start with a byte up to this one, the names in order, their CRCs,
 * their offsets, those offsets that need 8 bytes, and the hashes of the pack and of itself.
 */
enum {
	FANOUT = 8,
	NAMES = FANOUT + 256 * 4,
	PER_OBJECT = PACK_HASH + 4 + 4,
	HASHES = 2 * PACK_HASH,
	PACK_HEAD = 12,
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t fanout(const struct pack *p, unsigned byte)
{
	return be32(p->index + FANOUT + (size_t)byte * 4);
}

bool pack_over(struct pack *p, const unsigned char *data, size_t data_len, const unsigned char *index,
	       size_t index_len)
{
	*p = (struct pack){.data = data, .index = index, .data_len = data_len, .index_len = index_len};
	if (data_len < PACK_HEAD + PACK_HASH || index_len < NAMES + HASHES ||
	    memcmp(index, "\377tOc\0\0\0\2", 8) || memcmp(data, "PACK", 4) ||
	    (be32(data + 4) != 2 && be32(data + 4) != 3))
		return false;
	for (unsigned i = 1; i < 256; i++)
		if (fanout(p, i) < fanout(p, i - 1))
			return false;
	p->n = fanout(p, 255);
	return p->n == be32(data + 8) && p->n <= INT32_MAX &&
	       p->n <= (index_len - NAMES - HASHES) / PER_OBJECT &&
	       !memcmp(index + index_len - HASHES, data + data_len - PACK_HASH, PACK_HASH);
}

static uint64_t offset_of(const struct pack *p, uint32_t i)
{
	const unsigned char *offsets = p->index + NAMES + (size_t)p->n * (PACK_HASH + 4);
	const unsigned char *large = offsets + (size_t)p->n * 4, *end = p->index + p->index_len - HASHES;
	uint32_t at = be32(offsets + (size_t)i * 4);

	if (!(at & 0x80000000))
		return at;
	at &= 0x7fffffff;
	if (at >= (size_t)(end - large) / 8)
		return 0;
	large += (size_t)at * 8;
	return (uint64_t)be32(large) << 32 | be32(large + 4);
}

bool pack_name_at(const struct pack *p, uint64_t at, unsigned char oid[PACK_HASH])
{
	for (uint32_t i = 0; i < p->n; i++)
		if (offset_of(p, i) == at) {
			memcpy(oid, p->index + NAMES + (size_t)i * PACK_HASH, PACK_HASH);
			return true;
		}
	return false;
}

static int order(const struct pack *p, const unsigned char *oid, uint32_t i)
{
	return memcmp(oid, p->index + NAMES + (size_t)i * PACK_HASH, PACK_HASH);
}

/*
 * Names are hashes: where among n of them one lies can be told by its next bytes, but for a few dozen. So what
 * surrounds that place is halved, and not all, whose parts lie far apart in memory.
 */
static void narrow(const struct pack *p, const unsigned char *oid, uint32_t *from, uint32_t *to)
{
	uint32_t guess = *from + (uint32_t)((uint64_t)(*to - *from) * be32(oid + 1) >> 32), step;

	for (step = 16; guess - *from > step && order(p, oid, guess - step) < 0; step *= 2)
		*to = guess - step;
	if (guess - *from > step)
		*from = guess - step;
	for (step = 16; *to > guess && *to - guess > step && order(p, oid, guess + step) > 0; step *= 2)
		*from = guess + step + 1;
	if (*to > guess && *to - guess > step)
		*to = guess + step + 1;
}

uint64_t pack_find(const struct pack *p, const unsigned char *oid)
{
	uint32_t from = oid[0] ? fanout(p, oid[0] - 1U) : 0, to = fanout(p, oid[0]);

	if (from < to)
		narrow(p, oid, &from, &to);
	while (from < to) {
		uint32_t i = from + (to - from) / 2;
		int o = order(p, oid, i);

		if (!o)
			return offset_of(p, i);
		if (o < 0)
			to = i;
		else
			from = i + 1;
	}
	return 0;
}

/* Type and size: 3 and 4 bits, then 7 a byte while the highest bit is set. */
static const unsigned char *head(const unsigned char *at, const unsigned char *end, struct pack_entry *e)
{
	e->type = *at >> 4 & 7;
	e->size = *at & 15;
	for (unsigned shift = 4; *at++ & 0x80; shift += 7) {
		if (at == end || shift > 53)
			return NULL;
		e->size |= (uint64_t)(*at & 0x7f) << shift;
	}
	return at;
}

/* How far before the delta its base starts: 7 bits a byte, each but the last counting one more. */
static const unsigned char *distance(const unsigned char *at, const unsigned char *end, uint64_t *back)
{
	*back = 0;
	for (;;) {
		if (at == end || *back >> 50)
			return NULL;
		*back |= *at & 0x7f;
		if (!(*at++ & 0x80))
			return at;
		*back = (*back + 1) << 7;
	}
}

bool pack_entry(const struct pack *p, uint64_t at, struct pack_entry *e)
{
	const unsigned char *q, *end = p->data + p->data_len - PACK_HASH;
	uint64_t back;

	if (at < PACK_HEAD || at >= (uint64_t)(end - p->data))
		return false;
	q = head(p->data + at, end, e);
	if (q && e->type == PACK_OFS_DELTA) {
		q = distance(q, end, &back);
		if (!q || !back || back > at)
			return false;
		e->base = at - back;
	} else if (q && e->type == PACK_REF_DELTA) {
		if (end - q < PACK_HASH)
			return false;
		e->base = pack_find(p, q);
		q += PACK_HASH;
	} else if (!q || e->type < PACK_COMMIT || e->type > PACK_TAG) {
		return false;
	}
	e->deflated = q;
	e->deflated_max = (size_t)(end - q);
	return true;
}

static bool varint(const unsigned char **at, const unsigned char *end, uint64_t *n)
{
	*n = 0;
	for (unsigned shift = 0; shift < 57; shift += 7) {
		if (*at == end)
			return false;
		*n |= (uint64_t)(**at & 0x7f) << shift;
		if (!(*(*at)++ & 0x80))
			return true;
	}
	return false;
}

/* Both lengths at the head of a delta; NULL: it has no such head. */
static const unsigned char *lengths(const unsigned char *at, const unsigned char *end, uint64_t *base,
				    uint64_t *out)
{
	return varint(&at, end, base) && varint(&at, end, out) ? at : NULL;
}

bool delta_lengths(const unsigned char *delta, size_t len, uint64_t *base_len, uint64_t *out_len)
{
	return lengths(delta, delta + len, base_len, out_len);
}

/* An instruction to copy names in its low 7 bits which bytes of an offset (4) and of a length (3) follow. */
static const unsigned char *copied(const unsigned char *at, const unsigned char *end, unsigned bits,
				   size_t *from, size_t *n)
{
	*from = *n = 0;
	if (end - at < __builtin_popcount(bits & 0x7f))
		return NULL;
	for (unsigned i = 0; i < 4; i++)
		if (bits & 1U << i)
			*from |= (size_t)*at++ << (8 * i);
	for (unsigned i = 0; i < 3; i++)
		if (bits & 0x10U << i)
			*n |= (size_t)*at++ << (8 * i);
	if (!*n)
		*n = 0x10000;
	return at;
}

bool delta_apply(char *out, size_t out_len, const unsigned char *delta, size_t len, const char *base,
		 size_t base_len)
{
	const unsigned char *end = delta + len, *at;
	char *out_end = out + out_len;
	uint64_t from_len, to_len;

	at = lengths(delta, end, &from_len, &to_len);
	if (!at || from_len != base_len || to_len != out_len)
		return false;
	while (at < end) {
		unsigned op = *at++;
		const char *p = (const char *)at;
		size_t from, n = op;

		if (op & 0x80) {
			at = copied(at, end, op, &from, &n);
			if (!at || from > base_len || n > base_len - from)
				return false;
			p = base + from;
		} else if (!op || n > (size_t)(end - at)) {
			return false;
		} else {
			at += n;
		}
		if (n > (size_t)(out_end - out))
			return false;
		memcpy(out, p, n);
		out += n;
	}
	return out == out_end;
}
