/* SPDX-License-Identifier: ISC */
#include <libdeflate.h>
#include <stdlib.h>

#include "object.h"
#include "packs-parts.h"
#include "packs.h"
#include "xalloc.h"

enum {
	BASES = 1 << 12,     /* a power of two */
	CHAIN_MAX = 1 << 12, /* deltas from an object to what is whole: git makes no more */
};

/* An object that others are deltas of, known by where it lies. */
struct base {
	const struct pack *pack;
	uint64_t at;
	struct object *object; /* NULL: the slot is empty */
};

struct pack_reader {
	const struct packs *packs;
	const struct pack *last; /* where something was found last: what comes next is mostly there */
	struct libdeflate_decompressor *inflate;
	struct base bases[BASES];
	size_t bases_bytes;
	unsigned hand; /* the slot that is emptied next where there is too much */
	unsigned char *delta;
	size_t delta_cap;
	struct link {
		uint64_t at;
		struct pack_entry entry;
	} chain[CHAIN_MAX]; /* the deltas of what is being read, the last to be applied first */
};

struct pack_reader *pack_reader_new(const struct packs *packs)
{
	struct pack_reader *r = xcalloc(1, sizeof(*r));

	r->packs = packs;
	r->inflate = libdeflate_alloc_decompressor();
	if (!r->inflate)
		xalloc_die();
	return r;
}

static void drop_base(struct pack_reader *r, struct base *b)
{
	if (!b->object)
		return;
	r->bases_bytes -= b->object->size;
	object_free(b->object);
	b->object = NULL;
}

void pack_reader_free(struct pack_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < BASES; i++)
		drop_base(r, &r->bases[i]);
	libdeflate_free_decompressor(r->inflate);
	free(r->delta);
	free(r);
}

static struct base *slot(struct pack_reader *r, uint64_t at)
{
	return &r->bases[(at * UINT64_C(0x9e3779b97f4a7c15)) >> 52 & (BASES - 1)];
}

static struct object *find_base(struct pack_reader *r, const struct pack *p, uint64_t at)
{
	const struct base *b = slot(r, at);

	return b->object && b->at == at && b->pack == p ? object_ref(b->object) : NULL;
}

static void keep_base(struct pack_reader *r, const struct pack *p, uint64_t at, struct object *object)
{
	struct base *b = slot(r, at);

	if (object->size > PACK_BASES_MAX / 4)
		return;
	drop_base(r, b);
	*b = (struct base){.pack = p, .at = at, .object = object_ref(object)};
	r->bases_bytes += object->size;
	while (r->bases_bytes > PACK_BASES_MAX) {
		struct base *old = &r->bases[r->hand++ & (BASES - 1)];

		if (old != b)
			drop_base(r, old);
	}
}

static bool inflate(struct pack_reader *r, const struct pack_entry *e, void *out)
{
	size_t in_n, out_n;

	return libdeflate_zlib_decompress_ex(r->inflate, e->deflated, e->deflated_max, out, (size_t)e->size,
					     &in_n, &out_n) == LIBDEFLATE_SUCCESS &&
	       out_n == e->size;
}

static struct object *read_whole(struct pack_reader *r, const struct pack_entry *e)
{
	struct object *o =
		e->size <= PACK_OBJECT_MAX ? object_new((git_object_t)e->type, (size_t)e->size) : NULL;

	if (o && !inflate(r, e, o->own)) {
		object_free(o);
		o = NULL;
	}
	return o;
}

/* The delta's bytes into r->delta. */
static bool read_delta(struct pack_reader *r, const struct pack_entry *e)
{
	if (e->size > PACK_OBJECT_MAX)
		return false;
	if (e->size >= r->delta_cap) {
		unsigned char *wider = realloc(r->delta, (size_t)e->size + 1);

		if (!wider)
			return false;
		r->delta = wider;
		r->delta_cap = (size_t)e->size + 1;
	}
	return inflate(r, e, r->delta);
}

/* What r->delta makes of a base; NULL, and perhaps PACK_LARGE. */
static struct object *apply(struct pack_reader *r, size_t len, const struct object *base, uint64_t most,
			    enum pack_result *result)
{
	struct object *o;
	uint64_t size;

	if (!delta_length(r->delta, len, base->size, &size))
		return NULL;
	if (size > most)
		*result = PACK_LARGE;
	o = size <= most && size <= PACK_OBJECT_MAX ? object_new(base->type, (size_t)size) : NULL;
	if (o && !delta_apply(o->own, o->size, r->delta, len, base->data, base->size)) {
		object_free(o);
		o = NULL;
	}
	return o;
}

/*
 * The object that starts there. Its deltas lead to one that is whole, or is kept; from that they are applied, the
 * last first, and each that another is a delta of is kept: history is read from the old to the new, and
 * the old are deltas of the new.
 */
static enum pack_result read_at(struct pack_reader *r, const struct pack *p, uint64_t at, uint64_t most,
				struct object **out)
{
	enum pack_result result = PACK_NOT;
	struct object *o, *next;
	struct pack_entry e;
	size_t n = 0;

	while (!(o = find_base(r, p, at))) {
		if (!pack_entry(p, at, &e))
			return PACK_NOT;
		if (e.type <= PACK_TAG) {
			if (!n && e.size > most)
				return PACK_LARGE;
			o = read_whole(r, &e);
			if (!o)
				return PACK_NOT;
			if (n)
				keep_base(r, p, at, o);
			break;
		}
		if (n == CHAIN_MAX)
			return PACK_NOT;
		r->chain[n++] = (struct link){.at = at, .entry = e};
		at = e.base;
	}
	if (!n && o->size > most) {
		object_free(o);
		return PACK_LARGE;
	}
	while (n--) {
		const struct link *l = &r->chain[n];

		next = read_delta(r, &l->entry)
			       ? apply(r, (size_t)l->entry.size, o, n ? OBJECT_ANY : most, &result)
			       : NULL;
		object_free(o);
		o = next;
		if (!o)
			return result;
		if (n)
			keep_base(r, p, l->at, o);
	}
	*out = o;
	return PACK_OK;
}

enum pack_result pack_read(struct pack_reader *r, const git_oid *oid, uint64_t most, struct object **out)
{
	uint64_t at = r->last ? pack_find(r->last, oid->id) : 0;

	for (size_t i = 0; !at && i < r->packs->n; i++) {
		if (&r->packs->list[i] == r->last)
			continue;
		at = pack_find(&r->packs->list[i], oid->id);
		if (at)
			r->last = &r->packs->list[i];
	}
	return at ? read_at(r, r->last, at, most, out) : PACK_NOT;
}
