/* SPDX-License-Identifier: ISC */
/*
 * Threads that show no change are looked at again now and then, for their replies may have been edited,
 * deleted or reacted to, and one that began before the look-back is in no list any more. Hot ones, where
 * something was said within a day, once an hour; warm ones, within the look-back, once a day, and those that
 * the server did not give (refused.c) as long as that is so. Cold ones are the sweep's.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "stamp.h"
#include "xalloc.h"

#define HOUR (3600 * STAMP_SECOND)
#define DAY  (24 * HOUR)

/* Of a channel and a thread, in the order of the schedule. */
struct look {
	char *key;
	struct channel *channel;
	const char *ts; /* points into the key */
};

struct looks {
	struct look *items;
	size_t n, cap;
};

static void add(struct looks *l, struct channel *c, const char *ts)
{
	struct look *k;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->items = xreallocarray(l->items, l->cap, sizeof(*l->items));
	}
	k = &l->items[l->n++];
	k->key = xasprintf("%s/%s", c->id, ts);
	k->channel = c;
	k->ts = strchr(k->key, '/') + 1;
}

static int compare(const void *a, const void *b)
{
	const struct look *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static int64_t period_of(const struct fetch *f, const char *last)
{
	return ts_us(last) > f->api->date - DAY ? HOUR : DAY;
}

static bool is_looked_at(const struct channel *c, const json_t *t)
{
	const char *last = threads_last(t);

	return !threads_flag(t, "todo") && !threads_flag(t, "hidden") &&
	       (threads_are_lost(t) || (*last && slack_ts_compare(last, c->near) > 0));
}

static void collect(struct fetch *f, struct looks *l)
{
	for (size_t i = 0; i < f->n; i++) {
		struct channel *c = &f->channels[i];
		const char *ts;
		json_t *t;

		json_object_foreach (c->threads, ts, t)
			if (c->selected && !c->rc && is_looked_at(c, t))
				add(l, c, ts);
	}
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), compare);
}

static void release(struct looks *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->items[i].key);
	free(l->items);
}

static bool is_due(const struct fetch *f, const struct look *k)
{
	const json_t *t = json_object_get(k->channel->threads, k->ts); /* may have been forgotten since */

	return t && schedule_is_due(&f->schedule, k->key, period_of(f, threads_last(t)));
}

size_t looks_due(struct fetch *f)
{
	struct looks l = {0};
	size_t n = 0;

	collect(f, &l);
	for (size_t i = 0; i < l.n; i++)
		n += is_due(f, &l.items[i]);
	release(&l);
	return n;
}

/* From number i on as many as may be under way. */
static void ask_ahead(struct fetch *f, const struct looks *l, size_t i)
{
	for (int64_t n = f->options->jobs; i < l->n && n > 0; i++) {
		const struct look *k = &l->items[i];

		if (!is_due(f, k) || k->channel->rc || json_object_get(f->read, k->key))
			continue;
		replies_ahead_one(f, k->channel, k->ts);
		n--;
	}
}

int looks_run(struct fetch *f)
{
	struct looks l = {0};
	int rc = 0;

	collect(f, &l);
	for (size_t i = 0; i < l.n && !rc && !f->api->later; i++) {
		if (!is_due(f, &l.items[i]) || l.items[i].channel->rc)
			continue;
		ask_ahead(f, &l, i);
		if (!json_object_get(f->read, l.items[i].key))
			rc = fetch_judge(f, l.items[i].channel,
					 replies_read_one(f, l.items[i].channel, l.items[i].ts));
		if (!rc && !f->api->later)
			schedule_done(&f->schedule, l.items[i].key);
	}
	if (!rc && !f->api->later)
		schedule_passed(&f->schedule);
	release(&l);
	return rc;
}
