/* SPDX-License-Identifier: ISC
 *
 * members - the names met in the lines of a log, each looked up and understood once. The members of
 * log lines come in the same order again and again, so that each remembers which one followed it: most
 * names are found by one comparison, and a duplicate within an object by another.
 *
 *	members_line(&m);                              at the start of each line
 *	uint64_t object = members_object(&m);          at the start of each object of it
 *	i = members_find(&m, parent, guess, name, n);  0: too many names
 *	if (!members_first(&m, i, object)) ... a duplicate
 *
 * Member 0 is the line itself, the parent of its outermost members.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "names.h"

enum {
	MEMBERS_SOON = 4096,     /* with more the table begins anew at the next line, */
	MEMBERS_TEXTS = 1 << 20, /* and with more bytes of names */
	MEMBERS_MAX = 65536,     /* more are not taken */
	MEMBERS_AHEAD = 16,      /* bytes that can be read of a text, however short */
	MEMBERS_PATH = 200,      /* bytes of a path that may have a meaning */
};

struct member {
	/* what is looked at for every name comes first */
	uint64_t seen;   /* the object in which it was met last */
	uint32_t parent; /* index */
	uint32_t next;   /* index of what followed it last time; 0: nothing */
	uint32_t first;  /* index of the first member of the object that it holds; 0: none yet */
	uint32_t name_len;
	size_t name; /* in texts: the name, unescaped */
	size_t text; /* in texts: `"name":`, as extra has it */
	uint32_t text_len;
	uint32_t path_len; /* 0: too long to have a meaning */
	size_t path;       /* in texts: dotted */
	uint32_t chain;    /* next of the same slot; 0: none */
	uint32_t alias;    /* of a name that is reserved: the member by whose name it goes in extra; else 0 */
	bool plain;        /* the name stands in a line as it is here, without escapes */
	struct meaning meaning;
};

struct mapping {
	const char *path; /* of --field; borrowed */
	size_t n;
	struct meaning meaning;
};

struct members {
	struct member *items; /* items[0] is the line */
	uint32_t n, cap;
	uint32_t *slots;
	uint32_t n_slots; /* a power of two */
	uint64_t objects; /* counted since the start */
	struct buf texts;
	const struct mapping *mappings; /* of --field; borrowed */
	size_t n_mappings;
};

void members_init(struct members *m, const struct mapping *mappings, size_t n);
void members_release(struct members *m);

/* Begins a line: indices of earlier lines are void. */
void members_line(struct members *m);

uint32_t members_lookup(struct members *m, uint32_t parent, const char *name, size_t n);

static inline uint64_t members_object(struct members *m)
{
	return ++m->objects;
}

/* The member of that name (unescaped) below parent; `guess` is looked at first. */
static inline uint32_t members_find(struct members *m, uint32_t parent, uint32_t guess, const char *name,
				    size_t n)
{
	const struct member *g = &m->items[guess];

	if (guess && g->name_len == n && g->parent == parent && !memcmp(m->texts.data + g->name, name, n))
		return guess;
	return members_lookup(m, parent, name, n);
}

/* Was this its first time in the object? */
static inline bool members_first(struct members *m, uint32_t i, uint64_t object)
{
	bool first = m->items[i].seen != object;

	m->items[i].seen = object;
	return first;
}

/* What to guess after `last`, 0 for none yet, of the object that `parent` holds; and how it is learned. */
static inline uint32_t members_guess(const struct members *m, uint32_t parent, uint32_t last)
{
	return last ? m->items[last].next : m->items[parent].first;
}

static inline void members_learn(struct members *m, uint32_t parent, uint32_t last, uint32_t i)
{
	if (last)
		m->items[last].next = i;
	else
		m->items[parent].first = i;
}

#endif
