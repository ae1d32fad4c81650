/* SPDX-License-Identifier: ISC */
#include "walk.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "walk-parts.h"
#include "xalloc.h"

enum { TABLE_FIRST = 1024, NODES_MAX = INT32_MAX - 1 };

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

void walk_parse(struct walk *w, uint32_t i)
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

uint64_t walk_upper(const struct walk *w, const struct node *node)
{
	uint64_t most;

	if (node->flags & WALK_MISSING)
		return w->newest;
	if (node->flags & (WALK_LABELLED | WALK_BOUND))
		return (uint64_t)node->date + node->lead;
	most = (uint64_t)node->date + w->skew;
	return most < w->newest || !w->newest ? most : w->newest;
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

int walk_run(struct walk *w)
{
	int rc;

	if (nothing_new(w))
		return 0;
	rc = walk_paint(w, w->exhaustive ? PAINT_ALL : PAINT_NEW);
	log_progress_end();
	if (!rc && w->exhaustive)
		rc = walk_sort(w, WALK_REACH | WALK_KNOWN, WALK_REACH);
	return rc ? rc : check_missing(w);
}

int walk_reorder(struct walk *w, bool (*wanted)(const struct node *node, void *user), void *user)
{
	int rc = walk_sort(w, WALK_REACH, WALK_REACH);
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
		uint64_t most = walk_upper(w, &w->nodes[*e & ~WALK_LAST]);

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
		walk_sort(w, 0, 0);
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
	int rc;

	walk_init(&w, past->reader);
	w.first_parent = past->first_parent;
	w.skew = past->skew;
	w.newest = past->newest;
	if (left)
		walk_tip(&w, left, 0);
	if (right)
		walk_known(&w, right, WALK_NO_LEAD);
	rc = walk_paint(&w, PAINT_BOTH);
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
