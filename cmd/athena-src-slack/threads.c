/* SPDX-License-Identifier: ISC */
/*
 * Threads: replies are in no list of the channel, so each thread is read by itself, oldest reply first,
 * when its parent shows another number of replies or another last one. What is remembered of one:
 *
 *	{"n":COUNT,"l":TS,     what the parent showed last
 *	 "at":TS,              every reply up to here was given out
 *	 "from":TS,"known":{}  every reply after that is known (known.h)
 *	 "todo":true,          it is to be read
 *	 "part":true,          and has been, up to `at`
 *	 "refused":true,       it was not found: is it hidden, or deleted?
 *	 "tries":N,            so many runs in a row did not get it, see refused.c
 *	 "hidden":true}        the workspace's plan does not show it, but for replies that the channel shows
 */
#include "fetch.h"

#include <string.h>

#include "member.h"

const char *threads_ts(const json_t *thread, const char *name)
{
	const char *ts = json_string_value(json_object_get(thread, name));

	return ts ? ts : "";
}

bool threads_flag(const json_t *thread, const char *name)
{
	return json_is_true(json_object_get(thread, name));
}

int threads_tries(const json_t *thread)
{
	json_int_t n = json_integer_value(json_object_get(thread, "tries"));

	return n < 0 ? 0 : n > THREAD_TRIES ? THREAD_TRIES + 1 : (int)n;
}

bool threads_are_lost(const json_t *thread)
{
	return threads_tries(thread) > THREAD_TRIES;
}

const char *threads_last(const json_t *thread)
{
	const char *at = threads_ts(thread, "at"), *shown = threads_ts(thread, "l");

	return slack_ts_compare(shown, at) > 0 ? shown : at;
}

void threads_set(json_t *thread, const char *name, const char *ts)
{
	json_object_set_new(thread, name, json_string(ts));
}

static json_t *get(struct channel *c, const char *ts)
{
	json_t *t = json_object_get(c->threads, ts);

	if (!t) {
		t = json_pack("{s:{}}", "known");
		json_object_set_new(c->threads, ts, t);
	}
	return t;
}

/* Of a thread that is not remembered only what came after that. */
static void begin_at(json_t *thread, const char *ts)
{
	threads_set(thread, "from", ts);
	threads_set(thread, "at", ts);
}

/* Does it show a later edit than the one that is known? */
static bool is_edited(const json_t *entry, const json_t *message)
{
	int64_t known, us;

	known_is_same(entry, "", &known);
	return slack_ts(json_object_get(json_object_get(message, "edited"), "ts"), &us) &&
	       us > (known == EVENT_NONE ? 0 : known);
}

/* A reply that is shown in the channel: its thread may have begun long ago. */
static void see_reply(struct channel *c, const json_t *message)
{
	const char *ts = ts_in(message, "ts"), *thread = slack_thread_ts(message);
	const json_t *t = thread && ts_is(thread) ? json_object_get(c->threads, thread) : NULL, *entry;

	if (!thread || !ts_is(thread) || !ts || threads_flag(t, "hidden") || threads_are_lost(t))
		return;
	entry = json_object_get(json_object_get(t, "known"), ts);
	if (t && (slack_ts_compare(ts, threads_ts(t, "from")) <= 0 || (entry && !is_edited(entry, message))))
		return;
	if (!t && *c->near && slack_ts_compare(thread, c->near) <= 0)
		begin_at(get(c, thread), c->cold); /* what came before was given out */
	json_object_set_new(get(c, thread), "todo", json_true());
	if (slack_ts_compare(ts, threads_last(get(c, thread))) > 0)
		threads_set(get(c, thread), "l", ts); /* there is one, at least */
}

void threads_see(struct fetch *f, struct channel *c, const json_t *message)
{
	const char *ts = ts_in(message, "ts"), *latest = member_str(message, "latest_reply");
	json_int_t n = json_integer_value(json_object_get(message, "reply_count"));
	json_t *t;

	if (slack_is_reply(message)) {
		see_reply(c, message);
		return;
	}
	if (!ts || (latest && !ts_is(latest)))
		return;
	t = json_object_get(c->threads, ts);
	if (!t && n <= 0)
		return;
	latest = latest ? latest : "";
	json_object_del(t, "hidden"); /* it shows itself */
	if (t && n == json_integer_value(json_object_get(t, "n")) && !strcmp(latest, threads_ts(t, "l")))
		return;
	if (!t && *latest && f->src->since != SOURCE_NO_TIME && ts_us(latest) < f->src->since)
		return;
	t = get(c, ts);
	json_object_set_new(t, "n", json_integer(n));
	threads_set(t, "l", latest);
	json_object_set_new(t, "todo", json_true());
}

void threads_see_old(struct fetch *f, struct channel *c, const json_t *message)
{
	const char *ts = ts_in(message, "ts");
	json_t *t;

	if (!ts)
		return;
	t = json_object_get(c->threads, ts);
	threads_see(f, c, message);
	if (!t && (t = json_object_get(c->threads, ts)))
		begin_at(t, c->cold);
}

size_t threads_left(const struct fetch *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n && !f->options->no_threads; i++) {
		const json_t *t;
		const char *ts;

		json_object_foreach (f->channels[i].threads, ts, t)
			n += f->channels[i].selected && threads_flag(t, "todo");
	}
	return n;
}

void threads_doubt(struct channel *c, const char *ts)
{
	bool old = !json_object_get(c->threads, ts) && *c->near && slack_ts_compare(ts, c->near) <= 0;
	json_t *t = get(c, ts);

	if (old)
		begin_at(t, c->cold);
	json_object_set_new(t, "todo", json_true());
}

/* ---- forgetting ---- */

/* Replies up to then need not be known any more. */
void threads_prune_one(json_t *thread, const char *until)
{
	json_t *known = json_object_get(thread, "known"), *entry;
	const char *ts;
	void *next;

	if (slack_ts_compare(until, threads_ts(thread, "from")) > 0)
		threads_set(thread, "from", until);
	json_object_foreach_safe (known, next, ts, entry)
		if (slack_ts_compare(ts, threads_ts(thread, "from")) <= 0)
			json_object_del(known, ts);
}

/* Of one that is to be read, or is being read, what was given out. */
void threads_forget(struct channel *c, const char *until, bool lost_too)
{
	const char *ts;
	void *next;
	json_t *t;

	json_object_foreach_safe (c->threads, next, ts, t) {
		bool lost = threads_are_lost(t),
		     busy = threads_flag(t, "todo") || (c->reading && !strcmp(ts, c->reading));
		const char *at = threads_ts(t, "at");

		if (lost && !lost_too)
			continue;
		threads_prune_one(t, busy && slack_ts_compare(at, until) < 0 ? at : until);
		if (!busy && slack_ts_compare(ts, until) <= 0 &&
		    (lost || slack_ts_compare(threads_last(t), until) <= 0))
			json_object_del(c->threads, ts);
	}
}

void threads_prune(struct channel *c)
{
	threads_forget(c, c->near, false);
}

bool threads_are_sound(const json_t *threads)
{
	static const char *const times[] = {"l", "at", "from"};
	json_t *t, *entry;
	const char *ts, *reply;

	json_object_foreach ((json_t *)threads, ts, t) {
		const json_t *known = json_object_get(t, "known");

		if (!*ts || !ts_is(ts) || !json_is_object(known))
			return false;
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			if (!ts_is(threads_ts(t, times[i])))
				return false;
		json_object_foreach ((json_t *)known, reply, entry)
			if (!*reply || !ts_is(reply) || !known_is_sound(entry))
				return false;
	}
	return true;
}
