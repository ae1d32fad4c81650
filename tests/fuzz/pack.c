/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/%.c pkg: libdeflate libgit2 zlib */
/*
 * A hostile pack. The first byte chooses: even, what follows are entries, each of a byte for its type, a byte for the number
 * that it is a delta of, a byte for how much more it says to have, two for how many bytes it has (the higher first), and
 * these, which are deflated as they should be; odd, what follows is what stands between the head of a pack and its end, and
 * an entry starts at each of its bytes.
 *
 * Nothing is read beside the pack. What is read in another order is the same, and what is said to be too large is larger.
 */
#include <git2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/packmade.h"
#include "object.h"
#include "packs-parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES_MOST = 40, SMALL = 100 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void make_entries(struct made *m, const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 5 && m->n < ENTRIES_MOST) {
		size_t n = (size_t)p[3] << 8 | p[4], most = (size_t)(end - p) - 5;
		unsigned type = *p & 7;
		size_t base = p[1];

		if (type == PACK_OFS_DELTA && base >= m->n)
			type = PACK_REF_DELTA;
		n = n < most ? n : most;
		made_entry(m, type, base, n + p[2], p + 5, n);
		p += 5 + n;
	}
}

static void make_raw(struct made *m, const uint8_t *p, size_t n)
{
	made_start(m);
	for (m->n = 0; m->n < n && m->n < MADE_MOST; m->n++)
		m->at[m->n] = m->len + m->n;
	made_bytes(m, p, n);
}

static struct object *read_number(struct pack_reader *r, size_t i)
{
	struct object *small = NULL, *o = NULL;
	enum pack_result first, then;
	git_oid oid;

	memcpy(oid.id, made_name(i), GIT_OID_RAWSZ);
	first = pack_read(r, &oid, SMALL, &small);
	then = pack_read(r, &oid, PACK_OBJECT_MAX, &o);
	check(first != PACK_OK || (then == PACK_OK && small->size <= SMALL && small->size == o->size &&
				   !memcmp(small->data, o->data, o->size)));
	check(first != PACK_LARGE || then != PACK_OK || o->size > SMALL);
	check(first != PACK_NOT || then != PACK_OK);
	object_free(small);
	return then == PACK_OK ? o : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made m = {0};
	struct object *objects[MADE_MOST];
	struct pack_reader *there, *back;
	struct pack p;
	struct packs packs = {.list = &p, .n = 1};

	if (!size)
		return 0;
	if (*data & 1)
		make_raw(&m, data + 1, size - 1);
	else
		make_entries(&m, data + 1, data + size);
	check(made_end(&m, &p));
	there = pack_reader_new(&packs, NULL);
	back = pack_reader_new(&packs, NULL);
	for (size_t i = 0; i < m.n; i++)
		objects[i] = read_number(there, i);
	for (size_t i = m.n; i--;) {
		struct object *o = objects[i], *again = read_number(back, i);

		check(!o == !again && (!o || (o->size == again->size && o->type == again->type &&
					      !memcmp(o->data, again->data, o->size))));
		object_free(o);
		object_free(again);
	}
	pack_reader_free(there);
	pack_reader_free(back);
	made_release(&m);
	return 0;
}
