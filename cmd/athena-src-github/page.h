/* SPDX-License-Identifier: ISC
 *
 * page - what can be told of a page by its target (the path and the query of its URL). No I/O.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PAGE = 100,     /* items of a page, the most that there may be */
	PAGE_LEAST = 13 /* items of a page below which asking for less is no use */
};

/* How many items it was asked for; PAGE where it does not say. */
size_t page_size(const char *target);

/*
 * The page of half the size that begins at the same item: for a server that has too much to do for the whole. A
 * heap string; NULL where it would become too small.
 */
char *page_smaller(const char *target);

/* The first page of a list, as `target` asks for it, of another size. A heap string. */
char *page_sized(const char *target, size_t size);

/*
 * Has a server led in a circle? It is told every page that was led to, and keeps one of them at a time (Brent's
 * algorithm), so that a circle of any length is seen.
 */
struct page_circle {
	char *seen;
	size_t steps, lap;
};

bool page_circle_closed(struct page_circle *c, const char *target);
void page_circle_release(struct page_circle *c);

#endif
