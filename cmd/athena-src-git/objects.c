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
	git_odb_object *object;
	uint32_t chain;        /* next in the bucket, or in the list of free slots; 0: none */
	uint32_t newer, older; /* the ring */
};

struct objects {
	git_odb *odb;
	const struct loose *loose;
	bool partial;
	size_t bytes, max;
	uint32_t used; /* slots that were ever in use, the head included */
	uint32_t free; /* first of those that are free again */
	uint32_t buckets[BUCKETS];
	struct slot slots[SLOTS];
	char why[256];
	int code; /* of why */
};

struct objects *objects_new(git_odb *odb, const struct loose *loose, bool partial, size_t max_bytes)
{
	struct objects *o = xcalloc(1, sizeof(*o));

	o->odb = odb;
	o->loose = loose;
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

static size_t cost(const git_odb_object *object)
{
	return git_odb_object_size((git_odb_object *)object) + OVERHEAD;
}

static void drop_oldest(struct objects *o)
{
	uint32_t i = o->slots[0].newer, *link;
	struct slot *s = &o->slots[i];

	for (link = bucket_of(o, git_odb_object_id(s->object)); *link != i;)
		link = &o->slots[*link].chain;
	*link = s->chain;
	ring_remove(o, i);
	o->bytes -= cost(s->object);
	git_odb_object_free(s->object);
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

static void keep(struct objects *o, git_odb_object *object)
{
	size_t bytes = cost(object);
	uint32_t i, *link;

	if (bytes > o->max / 4)
		return;
	while (o->bytes + bytes > o->max)
		drop_oldest(o);
	i = free_slot(o);
	link = bucket_of(o, git_odb_object_id(object));
	git_odb_object_dup(&o->slots[i].object, object);
	o->slots[i].chain = *link;
	*link = i;
	ring_add(o, i);
	o->bytes += bytes;
}

static git_odb_object *find(struct objects *o, const git_oid *oid)
{
	uint32_t i;

	for (i = *bucket_of(o, oid); i; i = o->slots[i].chain) {
		if (git_oid_equal(git_odb_object_id(o->slots[i].object), oid)) {
			ring_remove(o, i);
			ring_add(o, i);
			return o->slots[i].object;
		}
	}
	return NULL;
}

enum objects_status objects_get(struct objects *o, const git_oid *oid, git_object_t type,
				git_odb_object **out)
{
	git_odb_object *object = find(o, oid);
	const char *why = "is of another type than it should be";
	const git_error *e;
	char hex[GIT_OID_HEXSZ + 1];
	int rc;

	o->code = EX_DATAERR;
	if (object) {
		git_odb_object_dup(out, object);
	} else if (loose_is_broken(o->loose, oid)) {
		why = "is cut short or damaged";
		goto corrupt;
	} else {
		rc = git_odb_read(out, o->odb, oid);
		if (rc == GIT_ENOTFOUND && o->partial)
			return OBJECTS_MISSING;
		if (rc == GIT_ENOTFOUND) {
			why = type == GIT_OBJECT_BLOB ? "is missing; run git fsck there, or fetch it again; "
							"--stat files does without it"
						      : "is missing; run git fsck there, or fetch it again";
			goto corrupt;
		}
		if (rc) {
			e = git_error_last();
			why = e ? e->message : "cannot be read";
			o->code = e && e->klass == GIT_ERROR_OS ? EX_IOERR : EX_DATAERR;
			goto corrupt;
		}
		keep(o, *out);
	}
	if (git_odb_object_type(*out) == type)
		return OBJECTS_OK;
	git_odb_object_free(*out);
corrupt:
	*out = NULL;
	snprintf(o->why, sizeof(o->why), "object %s: %s", git_oid_tostr(hex, sizeof(hex), oid), why);
	return OBJECTS_CORRUPT;
}

bool objects_exceeds(struct objects *o, const git_oid *oid, uint64_t bytes)
{
	git_object_t type;
	size_t n;

	return !find(o, oid) && !loose_is_broken(o->loose, oid) &&
	       !git_odb_read_header(&n, &type, o->odb, oid) && n > bytes;
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
