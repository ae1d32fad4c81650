/* SPDX-License-Identifier: ISC
 *
 * What a consumer remembers of the sources in its input.
 */
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "log.h"
#include "xalloc.h"

static bool is_named(const struct stream *s, const char *source_id, size_t len)
{
	return !strncmp(s->source_id, source_id, len) && !s->source_id[len];
}

/* The slot of a source: where it is, or the free one where it would go. */
static size_t *find_slot(const struct streams *all, const char *source_id, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++)
		at = (at ^ (unsigned char)source_id[i]) * 16777619u;
	for (at ^= at >> 15;; at++) {
		size_t *p = &all->slots[at & (all->n_slots - 1)];

		if (!*p || is_named(all->items[*p - 1], source_id, len))
			return p;
	}
}

/* Room for one more. */
static void widen(struct streams *all)
{
	if (all->n == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 8;
		all->items = xreallocarray(all->items, all->cap, sizeof(struct stream *));
	}
	if ((all->n + 1) * 2 <= all->n_slots)
		return;
	all->n_slots = all->n_slots ? all->n_slots * 2 : 16;
	free(all->slots);
	all->slots = xcalloc(all->n_slots, sizeof(*all->slots));
	for (size_t i = 0; i < all->n; i++)
		*find_slot(all, all->items[i]->source_id, strlen(all->items[i]->source_id)) = i + 1;
}

struct stream *streams_get(struct streams *all, const char *source_id, size_t len)
{
	struct stream *s = all->last;
	size_t *found;

	if (s && is_named(s, source_id, len))
		return s;
	widen(all);
	found = find_slot(all, source_id, len);
	if (!*found) {
		s = xcalloc(1, sizeof(*s));
		s->source_id = xstrndup(source_id, len);
		all->items[all->n++] = s;
		*found = all->n;
	}
	return all->last = all->items[*found - 1];
}

void streams_release(struct streams *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->items[i]->source_id);
		free(all->items[i]->seen);
		free(all->items[i]);
	}
	free(all->items);
	free(all->slots);
	*all = (struct streams){0};
}

struct stream *streams_of_event(struct streams *all, const struct event_fields *fields)
{
	const struct jsonscan_member *id = fields->column[EVENT_SOURCE_ID];
	struct stream *stream;
	char *text;
	size_t n;

	if (!id || id->type != JSONSCAN_STRING || id->len <= 2)
		return NULL;
	if (!id->escaped)
		return streams_get(all, id->value + 1, id->len - 2);
	text = xmalloc(id->len);
	n = jsonscan_unescape(id->value + 1, id->len - 2, text);
	stream = streams_get(all, text, n);
	free(text);
	return stream;
}

static void digest(const char *hash, unsigned char out[SHA256_SIZE])
{
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		unsigned hi = (unsigned char)hash[2 * i], lo = (unsigned char)hash[2 * i + 1];

		hi = hi <= '9' ? hi - '0' : hi - 'a' + 10;
		lo = lo <= '9' ? lo - '0' : lo - 'a' + 10;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
}

/* The slot of a digest: where it is, or the free one where it would go. All zeroes is a free slot. */
static unsigned char *slot(unsigned char *seen, size_t cap, const unsigned char *d)
{
	static const unsigned char free_slot[SHA256_SIZE];
	size_t at;

	memcpy(&at, d, sizeof(at));
	for (at &= cap - 1;; at = (at + 1) & (cap - 1)) {
		unsigned char *p = seen + at * SHA256_SIZE;

		if (!memcmp(p, d, SHA256_SIZE) || !memcmp(p, free_slot, SHA256_SIZE))
			return p;
	}
}

static void grow(struct stream *s)
{
	static const unsigned char free_slot[SHA256_SIZE];
	size_t cap = s->cap ? s->cap * 2 : 16;
	unsigned char *seen = xcalloc(cap, SHA256_SIZE);

	for (size_t i = 0; i < s->cap; i++) {
		const unsigned char *p = s->seen + i * SHA256_SIZE;

		if (memcmp(p, free_slot, SHA256_SIZE))
			memcpy(slot(seen, cap, p), p, SHA256_SIZE);
	}
	free(s->seen);
	s->seen = seen;
	s->cap = cap;
}

static void remember(struct stream *s, const char *hash)
{
	unsigned char d[SHA256_SIZE], *p;

	if (!*hash) {
		s->seen_null = true;
		return;
	}
	if (s->n * 2 >= s->cap)
		grow(s);
	digest(hash, d);
	p = slot(s->seen, s->cap, d);
	if (memcmp(p, d, SHA256_SIZE)) {
		memcpy(p, d, SHA256_SIZE);
		s->n++;
	}
}

void stream_checkpoint(struct stream *s, const struct checkpoint *cp)
{
	remember(s, cp->prev);
	remember(s, cp->next);
	s->any = true;
	s->final = cp->final;
}

int64_t stream_compare(struct stream *s, const struct checkpoint *cp, bool strict)
{
	int64_t missing = cp->events - s->events;

	s->events = 0;
	if (missing <= 0)
		return 0;
	s->missing += missing;
	s->held |= strict;
	log_warn("%s: %s events announced, %s arrived%s", cp->source_id, log_count((uint64_t)cp->events),
		 log_count((uint64_t)(cp->events - missing)), strict ? "; cursor not moved" : "");
	return missing;
}

bool stream_is_cut_short(const struct stream *s)
{
	return s->any && (!s->final || s->events);
}

bool stream_has(const struct stream *s, const char *hash)
{
	unsigned char d[SHA256_SIZE];

	if (!*hash)
		return s->seen_null;
	if (!s->cap)
		return false;
	digest(hash, d);
	return !memcmp(slot(s->seen, s->cap, d), d, SHA256_SIZE);
}
