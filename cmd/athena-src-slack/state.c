/* SPDX-License-Identifier: ISC */
/*
 * How much is remembered. The position is one line of the stream, so it has a bound: where more was said
 * within the look-back than that holds, the oldest messages are forgotten, and are looked at no more.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	ENTRY = 24,   /* bytes of an entry beside what it says */
	THREAD = 150, /* of a thread beside its replies */
	CHANNEL = 150 /* of a conversation beside what was said there */
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

/* Those of replies, by their thread. */
static void count_doubts(struct census *all, json_t *threads)
{
	json_t *replies;
	const char *ts;

	json_object_foreach (threads, ts, replies) {
		all->bytes += ENTRY;
		count(all, replies);
	}
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

static void drop_doubts(json_t *threads, const char *until)
{
	json_t *replies;
	const char *ts;
	void *next;

	json_object_foreach_safe (threads, next, ts, replies) {
		drop(replies, until);
		if (!json_object_size(replies))
			json_object_del(threads, ts);
	}
}

static void forget(struct channel *c, const char *until)
{
	if (slack_ts_compare(until, c->lost) > 0)
		ts_copy(c->lost, until);
	drop(c->known, until);
	drop(c->maybe, until);
	drop(c->told, until);
	drop_doubts(c->maybe_threads, until);
	drop_doubts(c->told_threads, until);
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
		const struct channel *c = &f->channels[i];
		const json_t *t;
		const char *ts;

		count(all, c->known);
		count(all, c->maybe);
		count(all, c->told);
		count_doubts(all, c->maybe_threads);
		count_doubts(all, c->told_threads);
		json_object_foreach (c->threads, ts, t) {
			count_thread(all, ts, t);
		}
	}
}

/* What conversations leave of it, but a fourth at least: where there are thousands, the line is a longer one. */
static size_t room(const struct fetch *f)
{
	size_t taken = f->n * CHANNEL, most = STATE_MAX / 4 * 3;

	return STATE_MAX - (taken < most ? taken : most);
}

/* Forgets the older fourth of all, again and again. */
static void make_room(struct fetch *f, struct census *all)
{
	char until[TS_SIZE] = "", text[STAMP_SIZE];
	size_t before = SIZE_MAX;

	for (take_census(f, all); all->bytes > room(f) && all->n && all->n < before; take_census(f, all)) {
		before = all->n;
		qsort(all->times, all->n, sizeof(*all->times), compare);
		ts_format(all->times[all->n / 4], until);
		for (size_t i = 0; i < f->n; i++)
			forget(&f->channels[i], until);
	}
	if (!*until || f->shortened)
		return;
	stamp_format(ts_us(until) / STAMP_SECOND * STAMP_SECOND, text);
	log_note("more was said within --lookback than can be remembered: what is older than %s is "
		 "looked at no more",
		 text);
	f->shortened = true;
}

int state_bound(struct fetch *f)
{
	struct census all = {0};

	make_room(f, &all);
	free(all.times);
	if (!f->api->later || f->api->over || threads_left(f) < THREADS_LEFT)
		return 0;
	f->api->over = true;
	return log_error(EX_TEMPFAIL,
			 "replies of too many threads are still to be read: nothing else is asked for "
			 "before some of them were; the next run begins with them");
}
