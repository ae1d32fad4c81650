/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sysexits.h>

#include "heap.h"
#include "log.h"
#include "walk-parts.h"
#include "xalloc.h"

/*
 * Kahn's algorithm over the nodes whose colours under `mask` are `value`, children first and newest
 * first among those free, then turned round.
 */
int walk_sort(struct walk *w, unsigned mask, unsigned value)
{
	struct heap heap = {0};
	size_t members = 0;

	for (size_t i = 0; i < w->n; i++) {
		w->nodes[i].degree = 0;
		w->nodes[i].flags &= ~(unsigned)WALK_ORDERED;
	}
	for (size_t i = 0; i < w->n; i++) {
		if ((w->nodes[i].flags & mask) != value)
			continue;
		members++;
		for (const uint32_t *e = walk_parents(w, &w->nodes[i]); e; e = walk_next(e))
			w->nodes[*e & ~WALK_LAST].degree++;
	}
	w->order = xreallocarray(w->order, members, sizeof(*w->order));
	w->n_order = 0;
	for (size_t i = 0; i < w->n; i++)
		if ((w->nodes[i].flags & mask) == value && !w->nodes[i].degree)
			heap_push(&heap, w->nodes[i].date, (uint32_t)i);
	while (heap.n) {
		uint32_t i = heap_pop(&heap);

		w->order[w->n_order++] = i;
		w->nodes[i].flags |= WALK_ORDERED;
		for (const uint32_t *e = walk_parents(w, &w->nodes[i]); e; e = walk_next(e)) {
			struct node *parent = &w->nodes[*e & ~WALK_LAST];

			if (w->nodes[i].branch < parent->branch)
				parent->branch = w->nodes[i].branch;
			if (!--parent->degree && (parent->flags & mask) == value)
				heap_push(&heap, parent->date, *e & ~WALK_LAST);
		}
	}
	free(heap.items);
	for (size_t i = 0; i < w->n_order / 2; i++) {
		uint32_t other = w->order[i];

		w->order[i] = w->order[w->n_order - 1 - i];
		w->order[w->n_order - 1 - i] = other;
	}
	if (w->n_order < members)
		return log_error(EX_DATAERR, "grafts or replacements make a commit its own ancestor; mend "
					     "info/grafts or refs/replace");
	return 0;
}

uint64_t walk_least_label(struct walk *w)
{
	uint64_t least = UINT64_MAX;
	uint64_t *low = xreallocarray(NULL, w->n_order, sizeof(*low));

	for (size_t i = 0; i < w->n_order; i++)
		w->nodes[w->order[i]].degree = (uint32_t)i; /* free by now: where its own bound stands */
	for (size_t i = 0; i < w->n_order; i++) {
		const struct node *node = &w->nodes[w->order[i]];

		low[i] = node->date;
		for (const uint32_t *e = walk_parents(w, node); e; e = walk_next(e)) {
			const struct node *parent = &w->nodes[*e & ~WALK_LAST];
			uint64_t v = parent->flags & WALK_ORDERED    ? low[parent->degree]
				     : parent->flags & WALK_LABELLED ? (uint64_t)parent->date + parent->lead
								     : parent->date;

			if (v + 1 > low[i])
				low[i] = v + 1;
		}
		if (low[i] < least)
			least = low[i];
	}
	free(low);
	return least;
}
