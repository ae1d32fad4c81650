/* SPDX-License-Identifier: ISC
 *
 * walk-parts - what the parts of walk.h share: the graph (walk.c), who reaches what (paint.c), and the order (order.c).
 */
#ifndef WALK_PARTS_H
#define WALK_PARTS_H

#include "walk.h"

/* Which nodes are done with: their colours are final, and only pass on. */
enum paint {
	PAINT_NEW,  /* known ones; what a tip reaches is open */
	PAINT_ALL,  /* none: everything is read */
	PAINT_BOTH, /* those of both colours */
};

/* Reads date and parents of node i. What is not here has none; whether that matters turns out later. */
void walk_parse(struct walk *w, uint32_t i);

/* No label of this commit is greater. */
uint64_t walk_upper(const struct walk *w, const struct node *node);

/* Colours what tips and roots reach (WALK_REACH, WALK_KNOWN), as far as the mode needs it. With PAINT_NEW the order stands then. */
int walk_paint(struct walk *w, enum paint mode);

/* Puts the nodes whose flags under `mask` are `value` into the order: parents first, the newest last among those that are free. */
int walk_sort(struct walk *w, unsigned mask, unsigned value);

/* The least label that any node of the order could have, were it known after all. */
uint64_t walk_least_label(struct walk *w);

#endif
