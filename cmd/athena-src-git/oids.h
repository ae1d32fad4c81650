/* SPDX-License-Identifier: ISC
 *
 * oids - names of objects: from text, in order, and in lists.
 *
 *	struct oid_list list = {0};
 *	oid_list_add(&list, &oid); ... oid_list_sort(&list);
 *	if (oid_list_has(&list, &oid)) ...       in a sorted list only
 *	oid_list_release(&list);
 */
#ifndef OIDS_H
#define OIDS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

struct oid_list {
	git_oid *items;
	size_t n, cap;
};

void oid_list_add(struct oid_list *list, const git_oid *oid);
void oid_list_sort(struct oid_list *list);
/* In a sorted list. */
bool oid_list_has(const struct oid_list *list, const git_oid *oid);
void oid_list_release(struct oid_list *list);

/* For qsort() and bsearch() of structs whose first member is an oid. */
int oid_compare(const void *a, const void *b);

/* Forty hexadecimal digits of any case at s; false where they are not there before `end`. */
bool oid_from_hex(git_oid *oid, const char *s, const char *end);

#endif
