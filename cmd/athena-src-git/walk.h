/* SPDX-License-Identifier: ISC
 *
 * walk - which commits are new, and in what order.
 *
 *	struct walk w;
 *	walk_init(&w, reader);
 *	walk_known(&w, &oid, lead) ...      roots: they and all their ancestors were given out before
 *	walk_tip(&w, &oid, branch) ...      what is wanted: the tips of the selected refs, best branch first
 *	rc = walk_run(&w);
 *	for (i = 0; i < w.n_order; i++) ... w.nodes[w.order[i]] ...    parents always before children
 *	walk_release(&w);
 *
 * New is what the tips reach and no known root reaches: exactly so, whatever the dates say.
 *
 * To be exact without reading the whole history each time, every commit given out gets a label, greater
 * than its parents' labels and not less than its date (clamped to 0 ... WALK_DATE_MAX seconds):
 *	label(c) = max(date(c), label(p) + 1 for each parent p)
 * Labels of roots are kept from run to run (as `lead` = label - date), and of all others it is
 * known that date <= label <= date + skew, where skew is the greatest lead ever. An ancestor's label is
 * less than its descendant's; so when every candidate's label must be above those of all
 * known commits that are still to be read, no candidate can be known, and reading ends.
 *
 * Memory: a node of 44 bytes a commit read, 4 a parent, 6 to 11 in the hash table, 4 in the order; with
 * room to grow about 90.
 */
#ifndef WALK_H
#define WALK_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commit.h"

#define WALK_DATE_MAX  UINT32_C(4000000000)
#define WALK_NO_BRANCH UINT32_MAX
#define WALK_NO_LEAD   INT64_C(-1) /* the label is not known */

enum walk_flag {
	WALK_REACH = 1,     /* a tip reaches it */
	WALK_KNOWN = 2,     /* given out in an earlier run */
	WALK_PARSED = 4,    /* date and parents are there */
	WALK_MISSING = 8,   /* not in this repository */
	WALK_LABELLED = 16, /* lead is exact; else, of a known one, an upper bound */
	WALK_BOUND = 32,    /* lead is at least a bound */
	WALK_ROOT = 64,     /* known by name */
	WALK_STOP = 128,    /* had no parents when it became known: they are not known by it */
	WALK_QUEUED = 256,
	WALK_ORDERED = 512, /* in the order */
};

struct node {
	git_oid oid;
	uint32_t date;    /* seconds, clamped */
	uint32_t lead;    /* label - date */
	uint32_t parents; /* first of its parents in walk.edges; the last one has WALK_LAST; UINT32_MAX: none */
	uint32_t branch;  /* the least index of a ref that reaches it */
	uint32_t degree;  /* while ordering: children not yet placed; then WALK_FRONTIER or not: the caller's */
	uint32_t flags;
};

struct walk {
	struct commit_reader *reader; /* borrowed */
	bool first_parent;            /* follow only these */
	bool exhaustive;              /* read everything: labels are of no use (history was deepened, or is to be filled in) */
	uint32_t skew;                /* greatest lead of a known commit; grows as new ones are labelled */
	uint64_t newest;              /* greatest label of all */
	/* private, but for reading */
	struct node *nodes;
	size_t n, cap;
	uint32_t *edges; /* node numbers, with WALK_LAST on a commit's last parent */
	size_t n_edges, cap_edges;
	uint32_t *table; /* node number + 1 by oid; size a power of two */
	size_t table_size;
	uint32_t *order; /* the new commits, parents first */
	size_t n_order;
	uint32_t *tips, *roots;
	size_t n_tips, n_roots, cap_tips, cap_roots;
	struct commit_links links;
};

#define WALK_LAST     UINT32_C(0x80000000)
#define WALK_FRONTIER UINT32_MAX /* given out, and none of its children is */

void walk_init(struct walk *w, struct commit_reader *reader);
void walk_release(struct walk *w);

/* A root with its lead, WALK_NO_LEAD where that is not known. */
void walk_known(struct walk *w, const git_oid *oid, int64_t lead);
void walk_tip(struct walk *w, const git_oid *oid, uint32_t branch);

/* These had no parents when what is known became known (a shallow clone, since deepened). Call before walk_run(). */
void walk_stops(struct walk *w, const struct oid_list *oids);

/* 0 or a sysexits code; SOURCE_STOP after a signal. Fills order. */
int walk_run(struct walk *w);

/*
 * After walk_run() with `exhaustive`: puts into the order also the known commits that the tips reach
 * and `wanted` asks for, and leaves out the new ones it does not.
 */
int walk_reorder(struct walk *w, bool (*wanted)(const struct node *node, void *user), void *user);

/* Labels the new commits, parents first; skew and newest grow. Call once, after the order stands. */
void walk_label(struct walk *w);

/* NULL where it was never met. */
struct node *walk_find(const struct walk *w, const git_oid *oid);

/* The parents of a node: for (e = walk_parents(w, node); e; e = walk_next(e)) ... w->nodes[*e & ~WALK_LAST] */
static inline const uint32_t *walk_parents(const struct walk *w, const struct node *node)
{
	return node->parents == UINT32_MAX ? NULL : w->edges + node->parents;
}

static inline const uint32_t *walk_next(const uint32_t *edge)
{
	return *edge & WALK_LAST ? NULL : edge + 1;
}

/* What `left` reaches and `right` does not, and the other way round. */
struct walk_difference {
	size_t n_left, n_right;
	struct oid_list left, right; /* the newest of them, at most `keep` */
};

/* With the skew of a walk that has run; NULL oids reach nothing. 0 or a sysexits code. */
int walk_difference(struct walk_difference *out, const struct walk *past, const git_oid *left, const git_oid *right,
		    size_t keep);
void walk_difference_release(struct walk_difference *d);

#endif
