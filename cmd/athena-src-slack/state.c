/* SPDX-License-Identifier: ISC */
/*
 * How much is remembered. The position is one line of the stream, so it has a bound: where more was said
 * within the look-back than that holds, the oldest messages are forgotten, and are looked at no more.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	ENTRY = 24,  /* bytes of an entry beside what it says */
	THREAD = 150 /* of a thread beside its replies */
};

/* The bytes that a value takes as text, about. */
static size_t size_of(const json_t *v)
{
	size_t n = 4, i;
	const char *name;
	json_t *member;

	if (json_is_string(v))
		return json_string_length(v) + 3;
	json_array_foreach (v, i, member)
		n += size_of(member);
	json_object_foreach ((json_t *)v, name, member)
		n += strlen(name) + 4 + size_of(member);
	return n;
}

/* What there is of messages: how many bytes, and when each was said. */
struct census {
	int64_t *times;
	size_t n, cap, bytes;
};

static void count_one(struct census *all, const char *ts, size_t bytes)
{
	if (all->n == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 1024;
		all->times = xreallocarray(all->times, all->cap, sizeof(*all->times));
	}
	all->times[all->n++] = ts_us(ts);
	all->bytes += bytes;
}

static void count(struct census *all, json_t *known)
{
	const json_t *entry;
	const char *ts;

	json_object_foreach (known, ts, entry) {
		count_one(all, ts, ENTRY + size_of(entry));
	}
}

/* One that was given up has its place among the messages: it is forgotten with those of its time. */
static void count_thread(struct census *all, const char *ts, const json_t *thread)
{
	if (threads_are_lost(thread))
		count_one(all, ts, THREAD);
	else
		all->bytes += THREAD;
	count(all, json_object_get(thread, "known"));
}

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void drop(json_t *known, const char *until)
{
	const json_t *entry;
	const char *ts;
	void *next;

	json_object_foreach_safe (known, next, ts, entry)
		if (slack_ts_compare(ts, until) <= 0)
			json_object_del(known, ts);
}

static void forget(struct channel *c, const char *until)
{
	if (slack_ts_compare(until, c->lost) > 0)
		ts_copy(c->lost, until);
	drop(c->known, until);
	drop(c->maybe, until);
	drop(c->told, until);
	threads_forget(c, until, true);
	state_settle(c);
}

void state_settle(struct channel *c)
{
	const char *until = slack_ts_compare(c->lost, c->done) < 0 ? c->lost : c->done;

	if (slack_ts_compare(until, c->near) > 0)
		ts_copy(c->near, until);
	if (slack_ts_compare(c->lost, c->near) <= 0)
		*c->lost = '\0';
}

static void take_census(const struct fetch *f, struct census *all)
{
	all->n = all->bytes = 0;
	for (size_t i = 0; i < f->n; i++) {
		const json_t *t;
		const char *ts;

		count(all, f->channels[i].known);
		count(all, f->channels[i].maybe);
		count(all, f->channels[i].told);
		json_object_foreach (f->channels[i].threads, ts, t) {
			count_thread(all, ts, t);
		}
		all->bytes += THREAD;
	}
}

void state_bound(struct fetch *f)
{
	char until[TS_SIZE] = "", text[STAMP_SIZE];
	struct census all = {0};
	size_t before = SIZE_MAX;

	for (take_census(f, &all); all.bytes > STATE_MAX && all.n && all.n < before; take_census(f, &all)) {
		before = all.n;
		qsort(all.times, all.n, sizeof(*all.times), compare);
		ts_format(all.times[all.n / 4], until);
		for (size_t i = 0; i < f->n; i++)
			forget(&f->channels[i], until);
	}
	if (*until && !f->shortened) {
		stamp_format(ts_us(until) / STAMP_SECOND * STAMP_SECOND, text);
		log_note("more was said within --lookback than can be remembered: what is older than %s is "
			 "looked at no more",
			 text);
		f->shortened = true;
	}
	free(all.times);
}
