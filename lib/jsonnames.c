/* SPDX-License-Identifier: ISC */
#include "jsonnames.h"

static void add(struct jsonnames *names, const char *s, size_t n, unsigned char *slot)
{
	unsigned k = names->n++;

	memcpy(names->items[k].text, s, n);
	names->items[k].text[n] = '"';
	names->items[k].len = (unsigned char)n;
	*slot = (unsigned char)names->n;
}

/* The slot of a name: where it is, or the free one where it would go. There are always some. */
static unsigned char *find_slot(struct jsonnames *names, const char *s, size_t n, uint32_t hash)
{
	for (uint32_t at = hash >> 25;; at = (at + 1) % JSONNAMES_SLOTS) {
		unsigned char *slot = &names->slots[at];

		if (!*slot ||
		    (names->items[*slot - 1].len == n && !memcmp(names->items[*slot - 1].text, s, n)))
			return slot;
	}
}

void jsonnames_init(struct jsonnames *names, const char *const *usual, size_t n)
{
	memset(names, 0, sizeof(*names));
	/* so that there is one to expect */
	if (!n)
		jsonnames_find(names, "", 0, jsonnames_hash("", 0));
	for (size_t i = 0; i < n; i++)
		jsonnames_find(names, usual[i], strlen(usual[i]), jsonnames_hash(usual[i], strlen(usual[i])));
	names->last = 0;
}

int jsonnames_find(struct jsonnames *names, const char *s, size_t n, uint32_t hash)
{
	unsigned char *slot;

	if (n >= JSONNAMES_SIZE)
		return JSONNAMES_NONE;
	slot = find_slot(names, s, n, hash);
	if (!*slot) {
		if (names->n == JSONNAMES_MAX || bytes_find_special(s, s + n) != s + n)
			return JSONNAMES_NONE;
		add(names, s, n, slot);
	}
	names->items[names->last].next = (unsigned char)(*slot - 1);
	names->last = *slot - 1u;
	return (int)names->last;
}
