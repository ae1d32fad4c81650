/* SPDX-License-Identifier: ISC */
#include "heap.h"

#include <stdbool.h>

#include "xalloc.h"

static bool above(const struct heap_item *a, const struct heap_item *b)
{
	return a->key != b->key ? a->key > b->key : a->node < b->node;
}

void heap_push(struct heap *h, uint64_t key, uint32_t node)
{
	struct heap_item item = {key, node};
	size_t i = h->n++;

	if (h->n > h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->items = xreallocarray(h->items, h->cap, sizeof(*h->items));
	}
	for (; i && above(&item, &h->items[(i - 1) / 2]); i = (i - 1) / 2)
		h->items[i] = h->items[(i - 1) / 2];
	h->items[i] = item;
}

uint32_t heap_pop(struct heap *h)
{
	uint32_t top = h->items[0].node;
	struct heap_item last = h->items[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && above(&h->items[child + 1], &h->items[child]))
			child++;
		if (!above(&h->items[child], &last))
			break;
		h->items[i] = h->items[child];
		i = child;
	}
	h->items[i] = last;
	return top;
}
