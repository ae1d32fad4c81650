/* SPDX-License-Identifier: ISC */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

enum { SECOND_LEN = 19, SEQ = 0, TIMESTAMP = 1 };

static int step(struct keys *k)
{
	bool found;
	int rc = db_row(k->db, k->stmt, &found);

	k->done = rc || !found;
	return rc;
}

/* What follows the second: "Z", or ".5Z". */
static int32_t parse_fraction(const char *s)
{
	int32_t us = 0;
	int digits = 0;

	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && digits < 6; s++, digits++)
			us = us * 10 + (*s - '0');
	for (; digits && digits < 6; digits++)
		us *= 10;
	return us;
}

static const char *timestamp(const struct keys *k)
{
	const char *text = (const char *)sqlite3_column_text(k->stmt, TIMESTAMP);

	return text ? text : "";
}

static bool same_second(const struct keys *k)
{
	return !strncmp(timestamp(k), k->second, SECOND_LEN);
}

static void take(struct keys *k, bool *fractions)
{
	const char *text = timestamp(k);
	struct key key = {.seq = sqlite3_column_int64(k->stmt, SEQ)};

	if (strlen(text) > SECOND_LEN)
		key.fraction = parse_fraction(text + SECOND_LEN);
	*fractions |= key.fraction != 0;
	if (k->n == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 64;
		k->group = xreallocarray(k->group, k->cap, sizeof(*k->group));
	}
	k->group[k->n++] = key;
}

static int ascending(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->fraction != y->fraction)
		return x->fraction < y->fraction ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int descending(const void *a, const void *b)
{
	return ascending(b, a);
}

/* Reads the next second. */
static int fill(struct keys *k)
{
	bool fractions = false;
	int rc = 0;

	k->n = k->at = 0;
	if (!k->ahead)
		rc = step(k);
	k->ahead = false;
	if (k->done)
		return rc;
	snprintf(k->second, sizeof(k->second), "%.*s", SECOND_LEN, timestamp(k));
	do {
		take(k, &fractions);
		rc = step(k);
	} while (!k->done && same_second(k));
	k->ahead = !k->done;
	if (fractions)
		qsort(k->group, k->n, sizeof(*k->group), k->descending ? descending : ascending);
	return rc;
}

int keys_next(struct keys *k, int64_t *seq, bool *found)
{
	int rc = 0;

	if (k->as_is) {
		rc = k->done ? 0 : step(k);
		*found = !k->done;
		*seq = *found ? sqlite3_column_int64(k->stmt, SEQ) : 0;
		return rc;
	}
	if (k->at == k->n)
		rc = k->done ? 0 : fill(k);
	*found = !rc && k->at < k->n;
	*seq = *found ? k->group[k->at++].seq : 0;
	return rc;
}

void keys_release(struct keys *k)
{
	sqlite3_finalize(k->stmt);
	free(k->group);
	*k = (struct keys){0};
}
