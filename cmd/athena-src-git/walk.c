/* SPDX-License-Identifier: ISC */
#include "walk.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "source.h"
#include "xalloc.h"

enum { TABLE_FIRST = 1024, NODES_MAX = INT32_MAX - 1 };

/* Which nodes are done with: their colours are final, and only pass on. */
enum paint {
	PAINT_NEW,  /* known ones; what a tip reaches is open */
	PAINT_ALL,  /* none: everything is read */
	PAINT_BOTH, /* those of both colours */
};

struct heap {
	struct heap_item {
		uint64_t key;
		uint32_t node;
	} * items;
	size_t n, cap;
};

static bool above(const struct heap_item *a, const struct heap_item *b)
{
	return a->key != b->key ? a->key > b->key : a->node < b->node;
}

static void heap_push(struct heap *h, uint64_t key, uint32_t node)
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

static uint32_t heap_pop(struct heap *h)
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

void walk_init(struct walk *w, struct commit_reader *reader)
{
	*w = (struct walk){.reader = reader};
}

void walk_release(struct walk *w)
{
	free(w->nodes);
	free(w->edges);
	free(w->table);
	free(w->order);
	free(w->tips);
	free(w->roots);
	oid_list_release(&w->links.parents);
	*w = (struct walk){0};
}

static size_t slot(const struct walk *w, const git_oid *oid)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, oid->id, sizeof(hash));
	for (i = hash & (w->table_size - 1); w->table[i]; i = (i + 1) & (w->table_size - 1))
		if (!memcmp(w->nodes[w->table[i] - 1].oid.id, oid->id, GIT_OID_RAWSZ))
			break;
	return i;
}

static void grow_table(struct walk *w)
{
	w->table_size = w->table_size ? w->table_size * 2 : TABLE_FIRST;
	free(w->table);
	w->table = xcalloc(w->table_size, sizeof(*w->table));
	for (size_t i = 0; i < w->n; i++)
		w->table[slot(w, &w->nodes[i].oid)] = (uint32_t)i + 1;
}

struct node *walk_find(const struct walk *w, const git_oid *oid)
{
	size_t i;

	if (!w->table_size)
		return NULL;
	i = slot(w, oid);
	return w->table[i] ? &w->nodes[w->table[i] - 1] : NULL;
}

/* The number of the node of that name, made where it is new. */
static uint32_t node_of(struct walk *w, const git_oid *oid)
{
	size_t i;

	if (w->n >= w->table_size / 4 * 3)
		grow_table(w);
	i = slot(w, oid);
	if (w->n && w->table[i])
		return w->table[i] - 1;
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap + w->cap / 2 : 1024;
		if (w->cap > NODES_MAX)
			exit(log_error(EX_SOFTWARE,
				       "a history of more than %d commits is beyond this program",
				       NODES_MAX));
		w->nodes = xreallocarray(w->nodes, w->cap, sizeof(*w->nodes));
	}
	w->nodes[w->n] = (struct node){.oid = *oid, .parents = UINT32_MAX, .branch = WALK_NO_BRANCH};
	w->table[i] = (uint32_t)++w->n;
	return (uint32_t)w->n - 1;
}

static void list_add(uint32_t **list, size_t *n, size_t *cap, uint32_t v)
{
	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		*list = xreallocarray(*list, *cap, sizeof(**list));
	}
	(*list)[(*n)++] = v;
}

void walk_known(struct walk *w, const git_oid *oid, int64_t lead)
{
	uint32_t i = node_of(w, oid);

	if (!(w->nodes[i].flags & WALK_ROOT))
		list_add(&w->roots, &w->n_roots, &w->cap_roots, i);
	w->nodes[i].flags |= WALK_KNOWN | WALK_ROOT;
	if (lead >= 0 && lead <= UINT32_MAX) {
		w->nodes[i].lead = (uint32_t)lead;
		w->nodes[i].flags |= WALK_LABELLED;
	}
}

void walk_tip(struct walk *w, const git_oid *oid, uint32_t branch)
{
	uint32_t i = node_of(w, oid);

	list_add(&w->tips, &w->n_tips, &w->cap_tips, i);
	w->nodes[i].flags |= WALK_REACH;
	if (branch < w->nodes[i].branch)
		w->nodes[i].branch = branch;
}

void walk_stops(struct walk *w, const struct oid_list *oids)
{
	for (size_t i = 0; i < oids->n; i++)
		w->nodes[node_of(w, &oids->items[i])].flags |= WALK_STOP;
}

/* Reads date and parents. What is not here has none; whether that matters turns out later. */
static void parse(struct walk *w, uint32_t i)
{
	size_t n;

	if (w->nodes[i].flags & WALK_PARSED)
		return;
	w->nodes[i].flags |= WALK_PARSED;
	if (commit_links(w->reader, &w->nodes[i].oid, &w->links) != COMMIT_OK) {
		w->nodes[i].flags |= WALK_MISSING;
		return;
	}
	w->nodes[i].date = w->links.date < 0               ? 0
			   : w->links.date > WALK_DATE_MAX ? WALK_DATE_MAX
							   : (uint32_t)w->links.date;
	n = w->links.parents.n;
	if (w->first_parent && n > 1)
		n = 1;
	if (!n)
		return;
	w->nodes[i].parents = (uint32_t)w->n_edges;
	for (size_t k = 0; k < n; k++)
		list_add(&w->edges, &w->n_edges, &w->cap_edges,
			 node_of(w, &w->links.parents.items[k]) | (k + 1 == n ? WALK_LAST : 0));
}

/* No label of this commit is greater. */
static uint64_t upper(const struct walk *w, const struct node *node)
{
	uint64_t most;

	if (node->flags & WALK_MISSING)
		return w->newest;
	if (node->flags & (WALK_LABELLED | WALK_BOUND))
		return (uint64_t)node->date + node->lead;
	most = (uint64_t)node->date + w->skew;
	return most < w->newest || !w->newest ? most : w->newest;
}

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
	bool by_label; /* the heap goes by upper(), else by date */
};

static void enqueue(struct painter *p, uint32_t i)
{
	struct node *node;

	parse(p->w, i);
	node = &p->w->nodes[i];
	node->flags |= WALK_QUEUED;
	p->open += !closed(node, p->mode);
	heap_push(&p->heap, p->by_label ? upper(p->w, node) : node->date, i);
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
	uint64_t most = upper(w, child);
	struct node *node = &w->nodes[i];

	if ((node->flags & (WALK_LABELLED | WALK_MISSING)) || !(node->flags & WALK_PARSED))
		return;
	most = most > node->date ? most - 1 : node->date;
	if (most < upper(w, node) && most - node->date <= UINT32_MAX) {
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
		parse(w, parent); /* may move edges and nodes */
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

/*
 * Kahn's algorithm over the nodes whose colours under `mask` are `value`, children first and newest
 * first among those free, then turned round.
 */
static int make_order(struct walk *w, unsigned mask, unsigned value)
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

/* The least label that any candidate could have, were it known after all. */
static uint64_t least_label(struct walk *w)
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

static int check_missing(const struct walk *w)
{
	struct commit_links links = {0};
	int rc = 0;

	for (size_t i = 0; i < w->n && !rc; i++) {
		const struct node *node = &w->nodes[i];

		if ((node->flags & (WALK_MISSING | WALK_KNOWN | WALK_REACH)) == (WALK_MISSING | WALK_REACH))
			rc = commit_error(&node->oid, commit_links(w->reader, &node->oid, &links));
	}
	oid_list_release(&links.parents);
	return rc;
}

static bool nothing_new(const struct walk *w)
{
	for (size_t i = 0; i < w->n_tips; i++)
		if (!(w->nodes[w->tips[i]].flags & WALK_KNOWN))
			return false;
	return !w->exhaustive;
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
	rc = make_order(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
	if (rc || !w->n_order || !p->heap.n)
		return rc; /* nothing known is left that could reach one of them */
	rc = paint_by_label(p, least_label(w));
	return rc ? rc : make_order(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
}

int walk_run(struct walk *w)
{
	struct painter p = {.w = w, .mode = w->exhaustive ? PAINT_ALL : PAINT_NEW};
	int rc;

	if (nothing_new(w))
		return 0;
	rc = paint(&p);
	free(p.heap.items);
	log_progress_end();
	if (!rc && w->exhaustive)
		rc = make_order(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
	return rc ? rc : check_missing(w);
}

int walk_reorder(struct walk *w, bool (*wanted)(const struct node *node, void *user), void *user)
{
	int rc = make_order(w, WALK_REACH, WALK_REACH);
	size_t n = 0;

	for (size_t i = 0; i < w->n_order; i++)
		if (wanted(&w->nodes[w->order[i]], user))
			w->order[n++] = w->order[i];
	w->n_order = n;
	return rc;
}

static void label(struct walk *w, struct node *node)
{
	uint64_t v = node->date, lead;

	for (const uint32_t *e = walk_parents(w, node); e; e = walk_next(e)) {
		uint64_t most = upper(w, &w->nodes[*e & ~WALK_LAST]);

		if (most + 1 > v)
			v = most + 1;
	}
	lead = v - node->date;
	node->lead = lead > UINT32_MAX ? UINT32_MAX : (uint32_t)lead;
	node->flags |= WALK_LABELLED;
	if (node->lead > w->skew)
		w->skew = node->lead;
	if (v > w->newest)
		w->newest = v;
}

void walk_label(struct walk *w)
{
	uint32_t *order = w->order;
	size_t n_order = w->n_order;

	if (w->exhaustive) {
		/* new parents below known commits: all labels are made afresh */
		for (size_t i = 0; i < w->n; i++)
			w->nodes[i].flags &= ~(unsigned)(WALK_LABELLED | WALK_BOUND);
		w->skew = 0;
		w->newest = 0;
		w->order = NULL;
		make_order(w, 0, 0);
	}
	for (size_t i = 0; i < w->n_order; i++)
		label(w, &w->nodes[w->order[i]]);
	if (w->exhaustive) {
		free(w->order);
		w->order = order;
		w->n_order = n_order;
	}
}

static int newest_first(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;

	return x->date != y->date ? (x->date < y->date ? 1 : -1) : memcmp(&x->oid, &y->oid, GIT_OID_RAWSZ);
}

/* The nodes of one colour only. */
static size_t collect(const struct walk *w, unsigned colour, struct oid_list *out, size_t keep)
{
	const struct node **found = xreallocarray(NULL, w->n, sizeof(struct node *));
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if ((w->nodes[i].flags & (WALK_REACH | WALK_KNOWN)) == colour &&
		    !(w->nodes[i].flags & WALK_MISSING))
			found[n++] = &w->nodes[i];
	if (n)
		qsort(found, n, sizeof(struct node *), newest_first);
	for (size_t i = 0; i < n && i < keep; i++)
		oid_list_add(out, &found[i]->oid);
	free(found);
	return n;
}

int walk_difference(struct walk_difference *out, const struct walk *past, const git_oid *left,
		    const git_oid *right, size_t keep)
{
	struct walk w;
	struct painter p = {.w = &w, .mode = PAINT_BOTH};
	int rc;

	walk_init(&w, past->reader);
	w.first_parent = past->first_parent;
	w.skew = past->skew;
	w.newest = past->newest;
	if (left)
		walk_tip(&w, left, 0);
	if (right)
		walk_known(&w, right, WALK_NO_LEAD);
	rc = paint(&p);
	free(p.heap.items);
	out->n_left = collect(&w, WALK_REACH, &out->left, keep);
	out->n_right = collect(&w, WALK_KNOWN, &out->right, keep);
	walk_release(&w);
	return rc;
}

void walk_difference_release(struct walk_difference *d)
{
	oid_list_release(&d->left);
	oid_list_release(&d->right);
	*d = (struct walk_difference){0};
}
