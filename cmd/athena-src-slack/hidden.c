/* SPDX-License-Identifier: ISC */
/*
 * What the plan of the workspace hides: a free one shows the last 90 days. The server says only that there is
 * something of that kind. Whether it is something that was not read before has to be concluded: where the plan
 * shows anything as old as the last message that was given out, or as the time when a run saw the end of the
 * conversation, nothing after that is hidden; and none hides what is a few days old.
 */
#include "list.h"

#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "stamp.h"

#define DAY         (24 * 3600 * STAMP_SECOND)
#define SHOWN_FOR   (3 * DAY)   /* by every plan */
#define SHOWN_NOW   (90 * DAY)  /* by the plan there is now that hides anything */
#define LIMITED_FOR (366 * DAY) /* a plan is taken to be, after an answer has said so */

/* Does it show anything up to then, here, or in the conversation where something was said last? */
static int shows(struct fetch *f, struct channel *c, const char *ts, bool *shown)
{
	struct channel *busy = NULL, *where[] = {c, NULL};
	int rc = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct channel *o = &f->channels[i];

		if (o != c && o->selected && !o->rc && (!busy || slack_ts_compare(o->done, busy->done) > 0))
			busy = o;
	}
	where[1] = busy;
	for (size_t i = 0; i < 2 && where[i] && !*shown && !rc && !c->rc; i++) {
		enum place place = PLACE_UNKNOWN;

		rc = i ? gone_peek(f, busy, ts, &place) : gone_place(f, c, ts, &place);
		*shown = place == PLACE_SHOWN || place == PLACE_PASSED;
	}
	return rc == EX_TEMPFAIL && f->api->over ? 0 : rc; /* nobody knows */
}

/* A reply that the channel shows, of a thread that is hidden, or that the server does not give. */
static int give_shown(struct fetch *f, struct channel *c, const char *thread, const json_t *message)
{
	const struct memory memory = maybe_memory(c, thread);
	json_t *t = json_object_get(c->threads, thread);
	const char *ts = ts_in(message, "ts");
	int rc = look_at(f, c, &memory, message);

	if (!rc && ts && !threads_are_lost(t) && slack_ts_compare(ts, threads_ts(t, "at")) > 0) {
		threads_set(t, "at", ts);
		threads_set(t, "l", ts);
	}
	return rc;
}

int hidden_shown(struct fetch *f, struct channel *c, const char *thread)
{
	const json_t *m;
	int rc = 0;
	size_t i;

	json_array_foreach (f->shown, i, m)
		if (!rc && !strcmp(slack_thread_ts(m), thread))
			rc = give_shown(f, c, thread, m);
	return rc;
}

int hidden_see(struct fetch *f, struct channel *c, json_t *message)
{
	const char *thread = slack_thread_ts(message);
	const json_t *t = thread ? json_object_get(c->threads, thread) : NULL;

	if (t && (threads_flag(t, "hidden") || threads_are_lost(t)))
		return give_shown(f, c, thread, message);
	if (t && threads_flag(t, "todo"))
		json_array_append(f->shown, message);
	return 0;
}

void hidden_load(struct fetch *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct channel *c = &f->channels[i];

		c->seen = json_integer_value(json_object_get(f->schedule.seen, c->id));
	}
}

void hidden_keep(struct fetch *f)
{
	if (f->api->limited)
		f->schedule.limited = f->api->date;
	json_object_clear(f->schedule.seen);
	for (size_t i = 0; i < f->n; i++) {
		const struct channel *c = &f->channels[i];

		if (c->scope && c->seen > 0)
			json_object_set_new(f->schedule.seen, c->id, json_integer(c->seen));
	}
}

bool hidden_never(const struct fetch *f, const char *ts)
{
	return f->api->date - ts_us(ts) < SHOWN_FOR;
}

bool hidden_may_be(const struct fetch *f)
{
	return f->api->limited || (f->schedule.limited && f->api->date - f->schedule.limited < LIMITED_FOR);
}

static void say_first(struct fetch *f, const struct channel *c, const char *when)
{
	if (!f->limited)
		log_note("%s: the workspace's plan hides what is older than %s, perhaps in other "
			 "conversations too",
			 c->name, when);
	f->limited = true;
}

static int emit(struct fetch *f, struct event *e)
{
	return source_wants(f->src, e->timestamp) ? oldest_emit(&f->oldest, f->src, e) : 0;
}

/* Did an earlier run see its end, or a part of it? */
static bool is_seen(const struct channel *c)
{
	return *c->done || c->seen;
}

/*
 * Nothing is shown, not even what was given out last: that all there was has been seen is sure only where a run saw that
 * lately. Else what was hidden since is told with the next message.
 */
static void doubt_end(const struct fetch *f, struct channel *c)
{
	if (is_seen(c) && (!c->seen || f->asked - c->seen >= SHOWN_NOW))
		c->asked = 0;
}

int hidden_end(struct fetch *f, struct channel *c, const char *bottom)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	char when[STAMP_SIZE], since[STAMP_SIZE], after[TS_SIZE];
	bool shown = c->seen && f->asked - c->seen < SHOWN_FOR;
	struct event e;
	int rc = 0;

	if (!*bottom)
		doubt_end(f, c);
	if (!*bottom || ts_us(bottom) > STAMP_MAX || slack_ts_compare(bottom, c->done) <= 0)
		return 0;
	stamp_format(ts_us(bottom), when);
	if (!is_seen(c) && (!*c->past || slack_ts_compare(bottom, c->past) <= 0)) {
		say_first(f, c, when);
		return 0;
	}
	ts_format(c->seen, after);
	if (slack_ts_compare(after, c->done) < 0)
		ts_copy(after, c->done);
	if (slack_ts_compare(after, c->past) < 0)
		ts_copy(after, c->past);
	if (!shown)
		rc = shows(f, c, after, &shown);
	if (rc || c->rc || shown)
		return rc;
	stamp_format(ts_us(after), since);
	log_warn("%s: the workspace's plan hides what is older than %s: what was said there after %s and "
		 "hidden before a "
		 "run saw it is missing, if there was any; run more often",
		 c->name, when, since);
	return slack_cut_off(&f->maker, &place, ts_us(after), ts_us(bottom), &e) ? emit(f, &e) : 0;
}

int hidden_thread(struct fetch *f, const struct channel *c, const char *ts, const char *after)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	char when[STAMP_SIZE];
	struct event e;

	if (!f->src->from) { /* no run has seen it, so it was not missed */
		stamp_format(ts_us(ts), when);
		say_first(f, c, when);
		return 0;
	}
	if (!slack_thread_cut_off(&f->maker, &place, ts, after, &e))
		return 0;
	stamp_format(ts_us(after), when);
	log_warn("%s: the workspace's plan hides a thread by now: what was said in it after %s may be "
		 "missing; run "
		 "more often",
		 c->name, when);
	return emit(f, &e);
}
