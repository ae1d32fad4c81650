/* SPDX-License-Identifier: ISC */
#include "kept.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

enum {
	SLOTS_FIRST = 1024,
	OVERHEAD = 128, /* bytes that an object costs beside its content */
};

static size_t cost(git_odb_object *object)
{
	return git_odb_object_size(object) + OVERHEAD;
}

/* Where the object of that name lies, or would. */
static git_odb_object **slot(const struct kept *k, const git_oid *oid)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, oid->id, sizeof(hash));
	for (i = hash & (k->cap - 1); k->slots[i]; i = (i + 1) & (k->cap - 1))
		if (git_oid_equal(git_odb_object_id(k->slots[i]), oid))
			break;
	return &k->slots[i];
}

static void grow(struct kept *k)
{
	struct kept wider = {.n = k->n, .cap = k->cap ? k->cap * 2 : SLOTS_FIRST, .bytes = k->bytes};

	wider.slots = xcalloc(wider.cap, sizeof(*wider.slots));
	for (size_t i = 0; i < k->cap; i++)
		if (k->slots[i])
			*slot(&wider, git_odb_object_id(k->slots[i])) = k->slots[i];
	free(k->slots);
	*k = wider;
}

void kept_put(struct kept *k, git_odb_object *object)
{
	git_odb_object **to;

	if (k->bytes + cost(object) > KEPT_MAX)
		return;
	if (k->n >= k->cap / 2)
		grow(k);
	to = slot(k, git_odb_object_id(object));
	if (*to)
		return;
	git_odb_object_dup(to, object);
	k->bytes += cost(object);
	k->n++;
}

/* Those behind an emptied slot, up to the next empty one, may have come to lie there because it was not empty. */
static void close_gap(struct kept *k, size_t i)
{
	k->slots[i] = NULL;
	for (i = (i + 1) & (k->cap - 1); k->slots[i]; i = (i + 1) & (k->cap - 1)) {
		git_odb_object *object = k->slots[i];

		k->slots[i] = NULL;
		*slot(k, git_odb_object_id(object)) = object;
	}
}

git_odb_object *kept_take(struct kept *k, const git_oid *oid)
{
	git_odb_object **at = k->n ? slot(k, oid) : NULL, *object = at ? *at : NULL;

	if (!object)
		return NULL;
	close_gap(k, (size_t)(at - k->slots));
	k->bytes -= cost(object);
	k->n--;
	return object;
}

void kept_release(struct kept *k)
{
	for (size_t i = 0; i < k->cap; i++)
		git_odb_object_free(k->slots[i]);
	free(k->slots);
	*k = (struct kept){0};
}
