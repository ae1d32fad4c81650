/* SPDX-License-Identifier: ISC */
#include "pair.h"

#include <stdio.h>
#include <string.h>

#include "tree.h"

enum { SMALL = 1 << 20 }; /* bytes of a file whose other version is no giant */

static bool is_file(uint32_t mode)
{
	return (mode & TREE_MODE_TYPE) == TREE_MODE_FILE;
}

/* How the contents of a mode are to be taken. */
static enum paths_kind kind_of(uint32_t mode, enum paths_kind kind, const struct pair_rules *rules)
{
	return is_file(mode) ? kind : rules->links;
}

/* `small`: so is the other version, and to ask how large this one is would cost more than it saves. */
static enum objects_status load(struct pair_side *s, struct objects *blobs, uint32_t mode, const git_oid *oid,
				enum paths_kind kind, const struct pair_rules *rules, bool small)
{
	char hex[GIT_OID_HEXSZ + 1];
	enum objects_status rc = OBJECTS_OK;
	uint64_t most = kind_of(mode, kind, rules) == PATHS_TEXT ? PAIR_TEXT_MAX : rules->big;

	s->p = s->module;
	s->n = 0;
	s->object = NULL;
	if (mode == TREE_MODE_MODULE) {
		s->n = (size_t)snprintf(s->module, sizeof(s->module), "Subproject commit %s\n",
					git_oid_tostr(hex, sizeof(hex), oid));
	} else if (mode) {
		rc = objects_get(blobs, oid, GIT_OBJECT_BLOB, small ? OBJECT_ANY : most, &s->object);
		if (rc == OBJECTS_LARGE) {
			s->p = NULL;
			rc = OBJECTS_OK;
		} else if (!rc) {
			s->p = s->object->data;
			s->n = s->object->size;
		}
	}
	return rc;
}

void pair_release(struct pair_side *s)
{
	object_free(s->object);
	s->object = NULL;
}

enum objects_status pair_load(struct pair_side *old, struct pair_side *new, struct objects *blobs,
			      const struct change *c, const enum paths_kind kinds[2],
			      const struct pair_rules *rules)
{
	enum objects_status rc = load(new, blobs, c->new_mode, &c->new_oid, kinds[1], rules, false);

	if (!rc) {
		rc = load(old, blobs, c->old_mode, &c->old_oid, kinds[0], rules,
			  new->object &&new->n < SMALL);
		if (rc)
			pair_release(new);
	}
	return rc;
}

static bool side_is_binary(const struct pair_side *s, uint32_t mode, enum paths_kind kind,
			   const struct pair_rules *rules)
{
	kind = kind_of(mode, kind, rules);
	if (!mode || !s->p || kind == PATHS_BINARY || s->n > PAIR_TEXT_MAX)
		return mode != 0;
	if (kind == PATHS_TEXT)
		return false;
	return s->n > rules->big || memchr(s->p, '\0', s->n < PAIR_LOOK ? s->n : PAIR_LOOK);
}

bool pair_is_binary(const struct change *c, const struct pair_side *old, const struct pair_side *new,
		    const enum paths_kind kinds[2], const struct pair_rules *rules)
{
	return side_is_binary(old, c->old_mode, kinds[0], rules) ||
	       side_is_binary(new, c->new_mode, kinds[1], rules);
}

/* Do attributes alone make it binary? Then nothing needs to be loaded. */
static bool declared_binary(const struct change *c, const enum paths_kind kinds[2],
			    const struct pair_rules *rules)
{
	static const struct pair_side empty = {.p = ""};

	return pair_is_binary(c, &empty, &empty, kinds, rules);
}

static void count_sides(struct change *c, const struct pair_side *old, const struct pair_side *new,
			struct counter *counter)
{
	if (c->old_mode && c->new_mode && git_oid_equal(&c->old_oid, &c->new_oid))
		c->added = c->deleted = 0;
	else
		count_lines(counter, old->p, old->n, new->p, new->n, &c->added, &c->deleted);
}

enum objects_status pair_count(struct change *c, const enum paths_kind kinds[2],
			       const struct pair_rules *rules, struct objects *blobs, struct counter *counter)
{
	struct pair_side old, new;
	enum objects_status rc;

	c->added = c->deleted = -1;
	c->binary = declared_binary(c, kinds, rules);
	if (c->binary)
		return OBJECTS_OK;
	rc = pair_load(&old, &new, blobs, c, kinds, rules);
	if (!rc) {
		c->binary = pair_is_binary(c, &old, &new, kinds, rules);
		if (!c->binary)
			count_sides(c, &old, &new, counter);
		pair_release(&old);
		pair_release(&new);
	}
	c->missing = rc == OBJECTS_MISSING;
	return c->missing ? OBJECTS_OK : rc;
}
