/* SPDX-License-Identifier: ISC */
#include "members.h"

#include <stdlib.h>

#include "jsonout.h"
#include "xalloc.h"

enum { SLOTS = 1024 };

void members_init(struct members *m, const struct mapping *mappings, size_t n)
{
	*m = (struct members){.mappings = mappings, .n_mappings = n};
	m->cap = 64;
	m->items = xcalloc(m->cap, sizeof(*m->items));
	m->n_slots = SLOTS;
	m->slots = xcalloc(m->n_slots, sizeof(*m->slots));
	m->n = 1;
}

void members_release(struct members *m)
{
	free(m->items);
	free(m->slots);
	buf_release(&m->texts);
	*m = (struct members){0};
}

void members_line(struct members *m)
{
	if (m->n <= MEMBERS_SOON && m->texts.len <= MEMBERS_TEXTS)
		return;
	m->items[0] = (struct member){0};
	m->n = 1;
	memset(m->slots, 0, m->n_slots * sizeof(*m->slots));
	buf_reset(&m->texts);
}

static uint32_t hash(uint32_t parent, const char *name, size_t n)
{
	uint32_t h = parent * 0x9e3779b1u + 0x811c9dc5u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 0x01000193u;
	return h ^ h >> 15;
}

static void grow_slots(struct members *m)
{
	m->n_slots *= 4;
	free(m->slots);
	m->slots = xcalloc(m->n_slots, sizeof(*m->slots));
	for (uint32_t i = 1; i < m->n; i++) {
		struct member *x = &m->items[i];
		uint32_t *slot =
			&m->slots[hash(x->parent, m->texts.data + x->name, x->name_len) & (m->n_slots - 1)];

		x->chain = *slot;
		*slot = i;
	}
}

static struct meaning meaning(const struct members *m, const char *path, size_t n)
{
	struct meaning known;

	for (size_t i = 0; i < m->n_mappings; i++)
		if (m->mappings[i].n == n && !memcmp(m->mappings[i].path, path, n)) {
			known = names_find(path, n);
			known.field = m->mappings[i].meaning.field;
			known.unit = m->mappings[i].meaning.unit;
			known.rank = RANK_USER;
			return known;
		}
	return names_find(path, n);
}

/* The dotted path of x, in texts. */
static void add_path(struct members *m, struct member *x, const char *name)
{
	const struct member *parent = &m->items[x->parent];
	size_t start = m->texts.len;

	if (x->parent && !parent->path_len)
		return;
	if (parent->path_len + 1 + (size_t)x->name_len > MEMBERS_PATH)
		return;
	buf_reserve(&m->texts, MEMBERS_PATH);
	if (x->parent) {
		buf_add(&m->texts, m->texts.data + parent->path, parent->path_len);
		buf_addc(&m->texts, '.');
	}
	buf_add(&m->texts, name, x->name_len);
	x->path = start;
	x->path_len = (uint32_t)(m->texts.len - start);
	x->meaning = meaning(m, m->texts.data + start, x->path_len);
}

/* `"name":` */
static void add_text(struct members *m, struct member *x, const char *name)
{
	x->text = m->texts.len;
	jsonout_string(&m->texts, name, x->name_len);
	x->plain = m->texts.len - x->text == (size_t)x->name_len + 2 &&
		   !memcmp(m->texts.data + x->text + 1, name, x->name_len);
	buf_addc(&m->texts, ':');
	x->text_len = (uint32_t)(m->texts.len - x->text);
	buf_reserve(&m->texts, MEMBERS_AHEAD);
}

static uint32_t add(struct members *m, uint32_t parent, const char *name, size_t n)
{
	struct member x = {.parent = parent, .name_len = (uint32_t)n};
	uint32_t *slot;

	if (m->n == MEMBERS_MAX || n > UINT32_MAX / 8)
		return 0;
	if (m->n == m->cap) {
		m->cap *= 2;
		m->items = xreallocarray(m->items, m->cap, sizeof(*m->items));
	}
	x.name = m->texts.len;
	buf_add(&m->texts, name, n);
	add_text(m, &x, name);
	add_path(m, &x, name);
	if (m->n > m->n_slots)
		grow_slots(m);
	slot = &m->slots[hash(parent, name, n) & (m->n_slots - 1)];
	x.chain = *slot;
	*slot = m->n;
	m->items[m->n] = x;
	return m->n++;
}

/* The member `name_raw`, by which one goes in extra whose name request.h writes itself. */
static uint32_t add_alias(struct members *m, const char *name, size_t n)
{
	char alias[64];

	memcpy(alias, name, n);
	memcpy(alias + n, "_raw", 4);
	return members_lookup(m, 0, alias, n + 4);
}

uint32_t members_lookup(struct members *m, uint32_t parent, const char *name, size_t n)
{
	uint32_t added;

	for (uint32_t i = m->slots[hash(parent, name, n) & (m->n_slots - 1)]; i; i = m->items[i].chain) {
		const struct member *x = &m->items[i];

		if (x->parent == parent && x->name_len == n && !memcmp(m->texts.data + x->name, name, n))
			return i;
	}
	added = add(m, parent, name, n);
	if (added && !parent && names_reserved(name, n)) {
		uint32_t alias = add_alias(m, name, n);

		m->items[added].alias = alias;
	}
	return added;
}
