/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* What is left of a tree, and its first entry, parsed. */
struct cursor {
	const char *p, *end;     /* from the entry on */
	const char *name, *next; /* the name, NUL-ended; where the next entry starts */
	size_t name_len;
	uint32_t mode;      /* as git compares it */
	const git_oid *oid; /* inside the bytes: git_oid is an array of bytes */
};

static const git_oid zero_oid;
static const char nothing[1];

void tree_walk_init(struct tree_walk *w, struct objects *trees, const struct glob_set *paths)
{
	*w = (struct tree_walk){.trees = trees, .paths = paths, .most = TREE_CHANGES_MAX};
	buf_init(&w->names, 0);
	buf_init(&w->path, TREE_PATH_MAX);
}

void tree_walk_release(struct tree_walk *w)
{
	free(w->changes);
	buf_release(&w->names);
	buf_release(&w->path);
	*w = (struct tree_walk){0};
}

static bool is_folder(uint32_t mode)
{
	return (mode & TREE_MODE_TYPE) == TREE_MODE_FOLDER;
}

/* Old trees hold modes like 0100664; git sees only these six kinds. */
static uint32_t canonical_mode(uint32_t mode)
{
	switch (mode & TREE_MODE_TYPE) {
	case TREE_MODE_FILE:
		return mode & 0100 ? 0100755 : 0100644;
	case TREE_MODE_LINK:
	case TREE_MODE_FOLDER:
		return mode & TREE_MODE_TYPE;
	default:
		return TREE_MODE_MODULE;
	}
}

/* Parses the entry at c->p; false where it is none. */
static bool parse(struct cursor *c)
{
	const char *p = c->p;
	const void *nul;
	uint32_t mode = 0;

	for (; p < c->end && *p >= '0' && *p <= '7' && p - c->p < 7; p++)
		mode = mode * 8 + (uint32_t)(*p - '0');
	if (p == c->p || p >= c->end || *p++ != ' ')
		return false;
	nul = memchr(p, '\0', (size_t)(c->end - p));
	if (!nul || nul == p || c->end - (const char *)nul <= GIT_OID_RAWSZ)
		return false;
	c->name = p;
	c->name_len = (size_t)((const char *)nul - p);
	c->mode = canonical_mode(mode);
	c->oid = (const git_oid *)((const char *)nul + 1);
	c->next = (const char *)nul + 1 + GIT_OID_RAWSZ;
	return true;
}

/* How many bytes a and b have in common at their starts, at most n. */
static size_t common_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	size_t i = 0;

	for (; i + sizeof(x) <= n; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		if (x != y)
			break;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/*
 * Steps over the entries that both trees hold alike, from where they stand. Entries
 * are looked at in one tree only; false where that is no tree.
 */
static bool skip_equal(struct cursor *a, struct cursor *b)
{
	size_t left_a = (size_t)(a->end - a->p), left_b = (size_t)(b->end - b->p);
	size_t same = common_bytes(a->p, b->p, left_a < left_b ? left_a : left_b);
	const char *stop = a->p + same;

	if (same == left_a && same == left_b) {
		a->p = a->end;
		b->p = b->end;
		return true;
	}
	while (a->p < stop) {
		if (!parse(a))
			return false;
		if (a->next > stop)
			break;
		b->p += a->next - a->p;
		a->p = a->next;
	}
	return true;
}

/* git's order: the name of a folder ends in a slash. */
static int compare(const struct cursor *a, const struct cursor *b)
{
	size_t n = a->name_len < b->name_len ? a->name_len : b->name_len;
	int order = memcmp(a->name, b->name, n);
	unsigned char x, y;

	if (order)
		return order;
	x = (unsigned char)a->name[n];
	y = (unsigned char)b->name[n];
	if (!x && is_folder(a->mode))
		x = '/';
	if (!y && is_folder(b->mode))
		y = '/';
	return x - y;
}

static void add_change(struct tree_walk *w, const struct cursor *old, const struct cursor *new)
{
	const struct cursor *any = new ? new : old;
	struct tree_change *c;
	size_t start = w->names.len;

	buf_add(&w->names, w->path.data, w->path.len);
	buf_add(&w->names, any->name, any->name_len + 1);
	if (w->paths && !glob_set_match(w->paths, w->names.data + start, w->names.len - start - 1)) {
		w->names.len = start;
		return;
	}
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 64;
		w->changes = xreallocarray(w->changes, w->cap, sizeof(*w->changes));
	}
	c = &w->changes[w->n++];
	c->path = start;
	c->old_mode = old ? old->mode : 0;
	c->new_mode = new ? new->mode : 0;
	c->old_oid = old ? *old->oid : zero_oid;
	c->new_oid = new ? *new->oid : zero_oid;
	if (!old)
		c->status = 'A';
	else if (!new)
		c->status = 'D';
	else
		c->status = (old->mode ^ new->mode) & TREE_MODE_TYPE ? 'T' : 'M';
}

static enum objects_status walk(struct tree_walk *w, const git_oid *old, const git_oid *new, int depth);

/* One entry that differs; where one side is NULL, it is only in the other. */
static enum objects_status differ_entry(struct tree_walk *w, const struct cursor *old,
					const struct cursor *new, int depth)
{
	const struct cursor *any = new ? new : old;
	size_t before = w->path.len;
	enum objects_status rc;

	if (!is_folder(any->mode)) {
		add_change(w, old, new);
		return OBJECTS_OK;
	}
	buf_add(&w->path, any->name, any->name_len);
	if (w->paths && !glob_set_may_match_below(w->paths, w->path.data, w->path.len)) {
		w->path.len = before;
		return OBJECTS_OK;
	}
	buf_addc(&w->path, '/');
	if (depth == TREE_DEPTH_MAX || w->path.over) {
		w->why = "a tree is too deep";
		return OBJECTS_CORRUPT;
	}
	rc = walk(w, old ? old->oid : &zero_oid, new ? new->oid : &zero_oid, depth + 1);
	w->path.len = before;
	return rc;
}

static enum objects_status merge(struct tree_walk *w, struct cursor *old, struct cursor *new, int depth)
{
	enum objects_status rc = OBJECTS_OK;
	bool has_old, has_new;
	int order;

	while (!rc && !(w->any && w->n) && w->met <= w->most) {
		if (!skip_equal(old, new))
			goto no_tree;
		has_old = old->p < old->end;
		has_new = new->p < new->end;
		if (!has_old && !has_new)
			break;
		if ((has_old && !parse(old)) || (has_new && !parse(new)))
			goto no_tree;
		order = !has_old ? 1 : !has_new ? -1 : compare(old, new);
		if (order || old->mode != new->mode || !git_oid_equal(old->oid, new->oid)) {
			w->met += w->names.len > TREE_NAMES_MAX ? w->most + 1 : 1;
			rc = differ_entry(w, order <= 0 ? old : NULL, order >= 0 ? new : NULL, depth);
		}
		if (order <= 0)
			old->p = old->next;
		if (order >= 0)
			new->p = new->next;
	}
	return rc;
no_tree:
	w->why = "the bytes of a tree are no tree";
	return OBJECTS_CORRUPT;
}

/* The bytes of a tree; the empty one where oid is zero. *object is the caller's, or NULL. */
static enum objects_status load(struct tree_walk *w, const git_oid *oid, struct cursor *c,
				struct object **object)
{
	enum objects_status rc;

	*c = (struct cursor){.p = nothing, .end = nothing};
	*object = NULL;
	if (git_oid_is_zero(oid))
		return OBJECTS_OK;
	rc = objects_get(w->trees, oid, GIT_OBJECT_TREE, OBJECT_ANY, object);
	if (!rc) {
		c->p = (*object)->data;
		c->end = c->p + (*object)->size;
	}
	return rc;
}

static enum objects_status walk(struct tree_walk *w, const git_oid *old, const git_oid *new, int depth)
{
	struct object *old_object = NULL, *new_object = NULL;
	struct cursor old_tree, new_tree;
	enum objects_status rc;

	rc = load(w, old, &old_tree, &old_object);
	if (!rc)
		rc = load(w, new, &new_tree, &new_object);
	if (!rc)
		rc = merge(w, &old_tree, &new_tree, depth);
	object_free(old_object);
	object_free(new_object);
	return rc;
}

/* So many are not needed twice. */
static void forget(struct tree_walk *w)
{
	free(w->changes);
	w->changes = NULL;
	w->n = w->cap = 0;
	buf_release(&w->names);
	buf_init(&w->names, 0);
}

enum objects_status tree_walk(struct tree_walk *w, const git_oid *old, const git_oid *new)
{
	enum objects_status rc;

	w->n = w->met = 0;
	w->names.len = 0;
	w->path.len = 0;
	w->path.over = false;
	w->why = NULL;
	rc = git_oid_equal(old, new) ? OBJECTS_OK : walk(w, old, new, 0);
	if (w->met > w->most)
		forget(w);
	return rc;
}
