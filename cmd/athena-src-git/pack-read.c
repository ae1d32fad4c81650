/* SPDX-License-Identifier: ISC */
#include <libdeflate.h>
#include <stdlib.h>

#include "loose.h"
#include "object.h"
#include "packs-parts.h"
#include "packs.h"
#include "xalloc.h"

enum {
	BASES = 1 << 12,      /* a power of two */
	DELTA_KEPT = 1 << 20, /* bytes of room for a delta that is kept for the next */
	RESCUES_MAX = 1000,   /* of damaged bases: each is looked for in all of the index */
	CHAIN_MAX = 1 << 12,  /* deltas from an object to what is whole: git makes no more */
};

/* An object that others are deltas of, known by where it lies. */
struct base {
	const struct pack *pack;
	uint64_t at;
	struct object *object; /* NULL: the slot is empty */
};

struct pack_reader {
	const struct packs *packs;
	const struct loose *loose;
	unsigned rescues;
	const struct pack *last; /* where something was found last: what comes next is mostly there */
	struct libdeflate_decompressor *inflate;
	struct base bases[BASES];
	size_t bases_bytes;
	unsigned hand; /* the slot that is emptied next where there is too much */
	struct delta {
		unsigned char *bytes;
		size_t cap, len;
		uint64_t from, to; /* bytes of its base, and of what it makes of that */
	} last_delta, delta;       /* the one that makes what is being read, and those before it in turn */
	struct link {
		uint64_t at;
		struct pack_entry entry;
	} chain[CHAIN_MAX]; /* the deltas of what is being read, the last to be applied first */
};

struct pack_reader *pack_reader_new(const struct packs *packs, const struct loose *loose)
{
	struct pack_reader *r = xcalloc(1, sizeof(*r));

	r->packs = packs;
	r->loose = loose;
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
	free(r->delta.bytes);
	free(r->last_delta.bytes);
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

/* A byte that is deflated makes 1,032 at most, so that a size may be a lie for which no memory need be asked. */
static bool is_likely(const struct pack_entry *e)
{
	return e->size <= PACK_OBJECT_MAX && e->size >> 11 <= e->deflated_max;
}

static struct object *read_whole(struct pack_reader *r, const struct pack_entry *e)
{
	struct object *o = is_likely(e) ? object_new((git_object_t)e->type, (size_t)e->size) : NULL;

	if (o && !inflate(r, e, o->own)) {
		object_free(o);
		o = NULL;
	}
	return o;
}

static void release(struct delta *d)
{
	free(d->bytes);
	*d = (struct delta){0};
}

static bool read_delta(struct pack_reader *r, const struct pack_entry *e, struct delta *d)
{
	if (!is_likely(e))
		return false;
	if (e->size >= d->cap) {
		release(d);
		d->bytes = malloc((size_t)e->size + 1);
		if (!d->bytes)
			return false;
		d->cap = (size_t)e->size + 1;
	}
	d->len = (size_t)e->size;
	return inflate(r, e, d->bytes) && delta_lengths(d->bytes, d->len, &d->from, &d->to);
}

static struct object *apply(const struct delta *d, const struct object *base)
{
	struct object *o = d->from == base->size && d->to <= PACK_OBJECT_MAX
				   ? object_new(base->type, (size_t)d->to)
				   : NULL;

	if (o && !delta_apply(o->own, o->size, d->bytes, d->len, base->data, base->size)) {
		object_free(o);
		o = NULL;
	}
	return o;
}

/* What deltas start from is damaged here: is there a loose one of that name? Git does the same. */
static struct object *rescue(struct pack_reader *r, const struct pack *p, uint64_t at)
{
	git_oid oid;
	struct object *o;

	if (!r->loose || r->rescues == RESCUES_MAX)
		return NULL;
	r->rescues++;
	o = pack_name_at(p, at, oid.id) ? loose_read(r->loose, &oid) : NULL;
	if (o)
		keep_base(r, p, at, o);
	return o;
}

/* The deltas from what starts there to what is whole or kept: that. *n is how many they are; NULL: PACK_NOT, or what *result says. */
static struct object *find_start(struct pack_reader *r, const struct pack *p, uint64_t at, uint64_t most,
				 size_t *n, enum pack_result *result)
{
	struct object *o;
	struct pack_entry e;

	for (*n = 0; !(o = find_base(r, p, at)); at = e.base) {
		if (!pack_entry(p, at, &e))
			return *n ? rescue(r, p, at) : NULL;
		if (e.type <= PACK_TAG) {
			if (!*n && e.size > most) {
				*result = PACK_LARGE;
				return NULL;
			}
			o = read_whole(r, &e);
			if (o && *n)
				keep_base(r, p, at, o);
			return o || !*n ? o : rescue(r, p, at);
		}
		/* the delta tells how large what it makes will be, without its base */
		if (!*n && !read_delta(r, &e, &r->last_delta))
			return NULL;
		if (!*n && r->last_delta.to > most) {
			*result = PACK_LARGE;
			return NULL;
		}
		if (*n == CHAIN_MAX)
			return NULL;
		r->chain[(*n)++] = (struct link){.at = at, .entry = e};
	}
	return o;
}

/*
 * The object that starts there. What its deltas lead to is made into it by them, the last first; each that another is a
 * delta of is kept: history is read from the old to the new, and the old are deltas of the new.
 */
static enum pack_result read_at(struct pack_reader *r, const struct pack *p, uint64_t at, uint64_t most,
				struct object **out)
{
	enum pack_result result = PACK_NOT;
	size_t n;
	struct object *o = find_start(r, p, at, most, &n, &result), *next;

	if (o && !n && o->size > most) {
		object_free(o);
		return PACK_LARGE;
	}
	while (o && n--) {
		const struct link *l = &r->chain[n];
		struct delta *d = n ? &r->delta : &r->last_delta;

		next = !n || read_delta(r, &l->entry, d) ? apply(d, o) : NULL;
		object_free(o);
		o = next;
		if (o && n)
			keep_base(r, p, l->at, o);
		else if (n)
			o = rescue(r, p, l->at);
	}
	*out = o;
	return o ? PACK_OK : result;
}

/* Where one pack has it damaged another may have it whole. */
enum pack_result pack_read(struct pack_reader *r, const git_oid *oid, uint64_t most, struct object **out)
{
	const struct pack *last = r->last;
	enum pack_result result = PACK_NOT;

	for (size_t i = 0; result == PACK_NOT && i <= r->packs->n; i++) {
		const struct pack *p = i ? &r->packs->list[i - 1] : last;
		uint64_t at = p && (!i || p != last) ? pack_find(p, oid->id) : 0;

		if (at) {
			r->last = p;
			result = read_at(r, p, at, most, out);
		}
	}
	if (r->delta.cap > DELTA_KEPT)
		release(&r->delta);
	if (r->last_delta.cap > DELTA_KEPT)
		release(&r->last_delta);
	return result;
}
