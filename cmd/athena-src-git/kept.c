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

static size_t cost(const struct object *object)
{
	return object->size + OVERHEAD;
}

/* Where the object of that name lies, or would. */
static struct object **slot(const struct kept *k, const git_oid *oid)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, oid->id, sizeof(hash));
	for (i = hash & (k->cap - 1); k->slots[i]; i = (i + 1) & (k->cap - 1))
		if (git_oid_equal(&k->slots[i]->oid, oid))
			break;
	return &k->slots[i];
}

static void grow(struct kept *k)
{
	struct kept wider = {.n = k->n, .cap = k->cap ? k->cap * 2 : SLOTS_FIRST, .bytes = k->bytes};

	wider.slots = xcalloc(wider.cap, sizeof(*wider.slots));
	for (size_t i = 0; i < k->cap; i++)
		if (k->slots[i])
			*slot(&wider, &k->slots[i]->oid) = k->slots[i];
	free(k->slots);
	*k = wider;
}

void kept_put(struct kept *k, struct object *object)
{
	struct object **to;

	if (k->bytes + cost(object) > KEPT_MAX)
		return;
	if (k->n >= k->cap / 2)
		grow(k);
	to = slot(k, &object->oid);
	if (*to)
		return;
	*to = object_ref(object);
	k->bytes += cost(object);
	k->n++;
}

/* Those behind an emptied slot, up to the next empty one, may have come to lie there because it was not empty. */
static void close_gap(struct kept *k, size_t i)
{
	k->slots[i] = NULL;
	for (i = (i + 1) & (k->cap - 1); k->slots[i]; i = (i + 1) & (k->cap - 1)) {
		struct object *object = k->slots[i];

		k->slots[i] = NULL;
		*slot(k, &object->oid) = object;
	}
}

struct object *kept_take(struct kept *k, const git_oid *oid)
{
	struct object **at = k->n ? slot(k, oid) : NULL, *object = at ? *at : NULL;

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
		object_free(k->slots[i]);
	free(k->slots);
	*k = (struct kept){0};
}
