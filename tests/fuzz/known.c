/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/known.c pkg: jansson */
/*
 * A log source's part of a cursor file of anybody's: what is read is written, and read again, as the same; marks
 * stand in their order, and each further line moves on.
 */
#include "known.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_marks(struct knowns *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct known *k = all->items[i];
		struct mark next;

		check(k->n_marks <= KNOWN_MARKS);
		for (size_t m = 1; m < k->n_marks; m++)
			check(k->marks[m - 1].offset < k->marks[m].offset);
		if (!k->n_marks || known_at(k)->offset > INT32_MAX)
			continue;
		next = *known_at(k);
		next.offset += 1000;
		known_mark(k, &next);
		check(known_at(k)->offset == next.offset && k->n_marks <= KNOWN_MARKS);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL), *once, *twice;
	struct knowns a = {0}, b = {0};

	if (json_is_object(o) && knowns_load(&a, o)) {
		once = knowns_json(&a);
		check(knowns_load(&b, once));
		twice = knowns_json(&b);
		check(json_equal(once, twice));
		check_marks(&b);
		json_decref(once);
		json_decref(twice);
	}
	knowns_release(&a);
	knowns_release(&b);
	json_decref(o);
	return 0;
}
