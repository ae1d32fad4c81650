/* SPDX-License-Identifier: ISC
 *
 * heap - nodes by a key, the greatest first; of equal keys the least node.
 *
 *	struct heap h = {0};
 *	heap_push(&h, key, node);
 *	while (h.n) ... heap_pop(&h) ...      h.items[0].key is the key of the next
 *	free(h.items);
 */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	uint64_t key;
	uint32_t node;
};

struct heap {
	struct heap_item *items;
	size_t n, cap;
};

void heap_push(struct heap *h, uint64_t key, uint32_t node);
uint32_t heap_pop(struct heap *h);

#endif
