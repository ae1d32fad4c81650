/* SPDX-License-Identifier: ISC
 *
 * jsonnames - the names that members usually have, numbered, and which of them followed which: in lines that
 * one program wrote the next name is nearly always the one that came next the last time.
 *
 *	struct jsonnames names;
 *	jsonnames_init(&names, usual, n);                 numbers 0 to n - 1
 *	k = jsonnames_next(&names, p, end);               p is behind the opening quote
 *	k = jsonnames_find(&names, s, n, hash);           where it was another
 *
 * Names that were never met get numbers too, while there are any. Whether a name has one depends on nothing but its text
 * and what came before. Only what stands for itself in JSON, in ASCII, has one, so what was found needs no further check.
 */
#ifndef JSONNAMES_H
#define JSONNAMES_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum {
	JSONNAMES_MAX = 64,
	JSONNAMES_SIZE = 16, /* bytes of a name and its closing quote */
	JSONNAMES_SLOTS = 128,
	JSONNAMES_NONE = -1,
};

struct jsonnames {
	struct {
		char text[JSONNAMES_SIZE]; /* with its closing quote */
		unsigned char len;         /* without */
		unsigned char next;        /* what followed it the last time */
	} items[JSONNAMES_MAX];
	unsigned n, last;
	unsigned char slots[JSONNAMES_SLOTS]; /* open-addressed: 1 + the number; 0 is free */
};

void jsonnames_init(struct jsonnames *names, const char *const *usual, size_t n);

/* Tells names apart most of the time. */
static inline uint32_t jsonnames_hash(const char *s, size_t n)
{
	uint32_t head = 0, tail = 0;

	if (n >= 4) {
		memcpy(&head, s, 4);
		memcpy(&tail, s + n - 4, 4);
	} else {
		for (size_t i = 0; i < n; i++)
			head = head << 8 | (unsigned char)s[i];
	}
	return (head ^ tail * 31 ^ (uint32_t)n * 0x9e3779b1u) * 0x85ebca6bu;
}

/* The number of the name at p, if it is the one that is expected there; else JSONNAMES_NONE. Its length is names->items[].len. */
static inline int jsonnames_next(struct jsonnames *names, const char *p, const char *end)
{
	unsigned k = names->items[names->last].next;

	if (!bytes_at(p, end, names->items[k].text, (size_t)names->items[k].len + 1))
		return JSONNAMES_NONE;
	names->last = k;
	return (int)k;
}

/* The number of any name, JSONNAMES_NONE where it has none. From now on it is expected where it came. */
int jsonnames_find(struct jsonnames *names, const char *s, size_t n, uint32_t hash);

#endif
