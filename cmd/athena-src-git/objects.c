/* SPDX-License-Identifier: ISC */
#include "objects.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "xalloc.h"

enum {
	SLOTS = 1 << 14,   /* most objects kept; slot 0 is the head of the ring of use */
	BUCKETS = 1 << 14, /* a power of two */
	OVERHEAD = 128,    /* bytes that an object costs beside its content */
};

/* A kept object, in a bucket's chain and in the ring from the latest used to the longest unused. */
struct slot {
	struct object *object;
	uint32_t chain;        /* next in the bucket, or in the list of free slots; 0: none */
	uint32_t newer, older; /* the ring */
};

struct objects {
	struct object_db *db;
	bool partial;
	size_t bytes, max;
	uint32_t used; /* slots that were ever in use, the head included */
	uint32_t free; /* first of those that are free again */
	uint32_t buckets[BUCKETS];
	struct slot slots[SLOTS];
	char why[256];
	int code; /* of why */
};

struct objects *objects_new(struct object_db *db, bool partial, size_t max_bytes)
{
	struct objects *o = xcalloc(1, sizeof(*o));

	o->db = db;
	o->partial = partial;
	o->max = max_bytes;
	o->used = 1;
	return o;
}

static uint32_t *bucket_of(struct objects *o, const git_oid *oid)
{
	uint32_t hash;

	memcpy(&hash, oid->id, sizeof(hash));
	return &o->buckets[hash & (BUCKETS - 1)];
}

static void ring_remove(struct objects *o, uint32_t i)
{
	o->slots[o->slots[i].newer].older = o->slots[i].older;
	o->slots[o->slots[i].older].newer = o->slots[i].newer;
}

static void ring_add(struct objects *o, uint32_t i)
{
	o->slots[i].newer = 0;
	o->slots[i].older = o->slots[0].older;
	o->slots[o->slots[i].older].newer = i;
	o->slots[0].older = i;
}

static size_t cost(const struct object *object)
{
	return object->size + OVERHEAD;
}

static void drop_oldest(struct objects *o)
{
	uint32_t i = o->slots[0].newer, *link;
	struct slot *s = &o->slots[i];

	for (link = bucket_of(o, &s->object->oid); *link != i;)
		link = &o->slots[*link].chain;
	*link = s->chain;
	ring_remove(o, i);
	o->bytes -= cost(s->object);
	object_free(s->object);
	s->chain = o->free;
	o->free = i;
}

static uint32_t free_slot(struct objects *o)
{
	uint32_t i;

	if (!o->free && o->used < SLOTS)
		return o->used++;
	if (!o->free)
		drop_oldest(o);
	i = o->free;
	o->free = o->slots[i].chain;
	return i;
}

static void keep(struct objects *o, struct object *object)
{
	size_t bytes = cost(object);
	uint32_t i, *link;

	if (bytes > o->max / 4)
		return;
	while (o->bytes + bytes > o->max)
		drop_oldest(o);
	i = free_slot(o);
	link = bucket_of(o, &object->oid);
	o->slots[i].object = object_ref(object);
	o->slots[i].chain = *link;
	*link = i;
	ring_add(o, i);
	o->bytes += bytes;
}

static struct object *find(struct objects *o, const git_oid *oid)
{
	uint32_t i;

	for (i = *bucket_of(o, oid); i; i = o->slots[i].chain) {
		if (git_oid_equal(&o->slots[i].object->oid, oid)) {
			ring_remove(o, i);
			ring_add(o, i);
			return o->slots[i].object;
		}
	}
	return NULL;
}

/* Why an object cannot be had, for a person. */
static const char *explain(struct objects *o, enum object_result result, git_object_t type)
{
	const git_error *e;

	o->code = EX_DATAERR;
	if (result == OBJECT_CUT)
		return "is cut short or damaged";
	if (result == OBJECT_MISSING)
		return type == GIT_OBJECT_BLOB ? "is missing; run git fsck there, or fetch it again; "
						 "--stat files does without it"
					       : "is missing; run git fsck there, or fetch it again";
	if (result == OBJECT_OK)
		return "is of another type than it should be";
	e = git_error_last();
	if (e && e->klass == GIT_ERROR_OS)
		o->code = EX_IOERR;
	return e ? e->message : "cannot be read";
}

enum objects_status objects_get(struct objects *o, const git_oid *oid, git_object_t type, uint64_t most,
				struct object **out)
{
	struct object *object = find(o, oid);
	enum object_result result = OBJECT_OK;
	char hex[GIT_OID_HEXSZ + 1];

	if (object) {
		*out = object_ref(object);
	} else {
		result = object_read(o->db, oid, most, out);
		if (result == OBJECT_LARGE)
			return OBJECTS_LARGE;
		if (result == OBJECT_MISSING && o->partial)
			return OBJECTS_MISSING;
		if (result == OBJECT_OK)
			keep(o, *out);
	}
	if (result == OBJECT_OK) {
		if ((*out)->type == type)
			return OBJECTS_OK;
		object_free(*out);
	}
	*out = NULL;
	snprintf(o->why, sizeof(o->why), "object %s: %s", git_oid_tostr(hex, sizeof(hex), oid),
		 explain(o, result, type));
	return OBJECTS_CORRUPT;
}

const char *objects_why(const struct objects *o, int *code)
{
	*code = o->code;
	return o->why;
}

void objects_free(struct objects *o)
{
	if (!o)
		return;
	while (o->slots[0].older)
		drop_oldest(o);
	free(o);
}
