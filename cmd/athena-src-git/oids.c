/* SPDX-License-Identifier: ISC */
#include "oids.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void oid_list_add(struct oid_list *list, const git_oid *oid)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 4;
		list->items = xreallocarray(list->items, list->cap, sizeof(*list->items));
	}
	list->items[list->n++] = *oid;
}

int oid_compare(const void *a, const void *b)
{
	return memcmp(a, b, GIT_OID_RAWSZ);
}

void oid_list_sort(struct oid_list *list)
{
	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), oid_compare);
}

bool oid_list_has(const struct oid_list *list, const git_oid *oid)
{
	return list->n && bsearch(oid, list->items, list->n, sizeof(*list->items), oid_compare);
}

void oid_list_release(struct oid_list *list)
{
	free(list->items);
	*list = (struct oid_list){0};
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool oid_from_hex(git_oid *oid, const char *s, const char *end)
{
	if (end - s < GIT_OID_HEXSZ)
		return false;
	for (int i = 0; i < GIT_OID_RAWSZ; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		oid->id[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
