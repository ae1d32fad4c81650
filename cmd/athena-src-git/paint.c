/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "heap.h"
#include "log.h"
#include "source.h"
#include "walk-parts.h"

static bool closed(const struct node *node, enum paint mode)
{
	if (mode == PAINT_ALL)
		return false;
	if (mode == PAINT_NEW)
		return node->flags & WALK_KNOWN;
	return (node->flags & WALK_KNOWN) && (node->flags & WALK_REACH);
}

static unsigned passes_on(const struct node *node, enum paint mode)
{
	unsigned colours = node->flags & (WALK_REACH | WALK_KNOWN);

	if (mode == PAINT_NEW && (colours & WALK_KNOWN))
		return WALK_KNOWN;
	if (mode == PAINT_ALL && (node->flags & WALK_STOP))
		return colours & WALK_REACH;
	return colours;
}

struct painter {
	struct walk *w;
	enum paint mode;
	struct heap heap;
	size_t open;   /* in the heap, of those not closed */
	bool by_label; /* the heap goes by walk_upper(), else by date */
};

static void enqueue(struct painter *p, uint32_t i)
{
	struct node *node;

	walk_parse(p->w, i);
	node = &p->w->nodes[i];
	node->flags |= WALK_QUEUED;
	p->open += !closed(node, p->mode);
	heap_push(&p->heap, p->by_label ? walk_upper(p->w, node) : node->date, i);
}

static uint32_t dequeue(struct painter *p)
{
	uint32_t i = heap_pop(&p->heap);

	p->w->nodes[i].flags &= ~(unsigned)WALK_QUEUED;
	p->open -= !closed(&p->w->nodes[i], p->mode);
	return i;
}

/* A known commit bounds the labels of its parents. */
static void bound(struct walk *w, const struct node *child, uint32_t i)
{
	uint64_t most = walk_upper(w, child);
	struct node *node = &w->nodes[i];

	if ((node->flags & (WALK_LABELLED | WALK_MISSING)) || !(node->flags & WALK_PARSED))
		return;
	most = most > node->date ? most - 1 : node->date;
	if (most < walk_upper(w, node) && most - node->date <= UINT32_MAX) {
		node->lead = (uint32_t)(most < node->date ? 0 : most - node->date);
		node->flags |= WALK_BOUND;
	}
}

/* Passes the colours of node i to its parents. */
static void spread(struct painter *p, uint32_t i)
{
	struct walk *w = p->w;
	unsigned want = passes_on(&w->nodes[i], p->mode);

	for (const uint32_t *e = walk_parents(w, &w->nodes[i]); e; e = walk_next(e)) {
		uint32_t parent = *e & ~WALK_LAST;
		struct node *node = &w->nodes[parent];
		bool was_open = !closed(node, p->mode);
		size_t at = (size_t)(e - w->edges);

		if ((node->flags & want) == want)
			continue;
		node->flags |= want;
		if (node->flags & WALK_QUEUED) {
			p->open -= was_open && closed(node, p->mode);
			continue;
		}
		walk_parse(w, parent); /* may move edges and nodes */
		if (closed(&w->nodes[i], p->mode))
			bound(w, &w->nodes[i], parent);
		enqueue(p, parent);
		e = w->edges + at;
	}
}

static int pause_point(const struct walk *w, size_t *ticks)
{
	if (++*ticks % 1024)
		return 0;
	log_progress("commits read", w->n, 0);
	return source_interrupted() ? SOURCE_STOP : 0;
}

/* From the newest on, until nothing open is left to be read (PAINT_ALL: nothing at all). */
static int paint_by_date(struct painter *p)
{
	size_t ticks = 0;
	int rc = 0;

	while (!rc && p->heap.n && (p->open || p->mode == PAINT_ALL)) {
		spread(p, dequeue(p));
		rc = pause_point(p->w, &ticks);
	}
	return rc;
}

/*
 * Goes on with closed commits while one of them could still reach a
 * candidate, all of which have labels of `least` or more.
 */
static int paint_by_label(struct painter *p, uint64_t least)
{
	struct heap old = p->heap;
	size_t ticks = 0;
	int rc = 0;

	p->heap = (struct heap){0};
	p->by_label = true;
	p->open = 0;
	for (size_t i = 0; i < old.n; i++)
		enqueue(p, old.items[i].node);
	free(old.items);
	while (!rc && p->heap.n && p->heap.items[0].key > least) {
		spread(p, dequeue(p));
		rc = pause_point(p->w, &ticks);
	}
	return rc;
}

static int paint(struct painter *p)
{
	struct walk *w = p->w;
	int rc;

	for (size_t i = 0; i < w->n_roots; i++)
		if (!(w->nodes[w->roots[i]].flags & WALK_QUEUED))
			enqueue(p, w->roots[i]);
	for (size_t i = 0; i < w->n_tips; i++)
		if (!(w->nodes[w->tips[i]].flags & WALK_QUEUED))
			enqueue(p, w->tips[i]);
	rc = paint_by_date(p);
	if (rc || p->mode == PAINT_ALL)
		return rc;
	if (p->mode == PAINT_BOTH) {
		uint64_t least = UINT64_MAX;

		for (size_t i = 0; i < w->n; i++)
			if (passes_on(&w->nodes[i], p->mode) && !closed(&w->nodes[i], p->mode) &&
			    w->nodes[i].date < least)
				least = w->nodes[i].date;
		return least == UINT64_MAX ? 0 : paint_by_label(p, least);
	}
	rc = walk_sort(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
	if (rc || !w->n_order || !p->heap.n)
		return rc; /* nothing known is left that could reach one of them */
	rc = paint_by_label(p, walk_least_label(w));
	return rc ? rc : walk_sort(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
}

int walk_paint(struct walk *w, enum paint mode)
{
	struct painter p = {.w = w, .mode = mode};
	int rc = paint(&p);

	free(p.heap.items);
	return rc;
}
