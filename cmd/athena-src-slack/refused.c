/* SPDX-License-Identifier: ISC */
/*
 * A thread that the server does not give, though it is there: by mistake, for a while, or for ever. Some runs in a row
 * leave it for the next one and end with 75. Then it is given up for now, which is said: it is asked for like those that
 * show no change (looks.c), costs no other thread its turn, and is not forgotten. Once it is given, nothing is missing.
 */
#include "replies.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "stamp.h"
#include "xalloc.h"

/* One more run did not get it. What came nearer to its end begins to count anew. */
static int count(const struct fetch *f, const struct channel *c, struct reading *r)
{
	int tries = threads_tries(r->thread), left = maybe_tries(f, c, r->ts);

	if (r->counted)
		return tries;
	if (slack_ts_compare(threads_ts(r->thread, "at"), r->had) > 0)
		tries = 0;
	else if (left > tries) /* of a run that nobody acknowledged */
		tries = left;
	if (tries <= THREAD_TRIES)
		tries++;
	json_object_set_new(r->thread, "tries", json_integer(tries));
	r->counted = true;
	return tries;
}

/* That is said once, and where more was said in it since. */
static int give_up(struct fetch *f, struct channel *c, const struct reading *r, const char *why)
{
	char when[STAMP_SIZE];

	stamp_format(ts_us(r->ts), when);
	if (threads_flag(r->thread, "todo") || !r->lost)
		log_warn("%s: the thread of %s cannot be had, in %d runs: %s; it is asked for again within a "
			 "day, and its replies come when they can be had; an export (--export) may have them",
			 c->name, when, THREAD_TRIES + 1, why);
	else
		log_verbose("%s: the thread of %s cannot be had: %s", c->name, when, why);
	json_object_del(r->thread, "todo");
	replies_note(f, c, r->ts);
	return hidden_shown(f, c, r->ts);
}

int refused_leave(struct fetch *f, struct channel *c, struct reading *r, const char *why)
{
	char *key;

	r->stuck = true;
	if (count(f, c, r) > THREAD_TRIES)
		return give_up(f, c, r, why);
	log_error(EX_TEMPFAIL, "%s: %s; the next run goes on from there", c->name, why);
	key = xasprintf("%s/%s", c->id, r->ts);
	json_object_set_new(f->stuck, key, json_true());
	free(key);
	json_object_set_new(r->thread, "todo", json_true());
	f->unsure = true;
	return 0;
}

/* Does the parent show replies that were not given out? Where it does not tell the last one, nobody knows. */
static bool is_ahead(const json_t *thread)
{
	const char *shown = threads_ts(thread, "l");

	return slack_ts_compare(shown, threads_ts(thread, "at")) > 0 ||
	       (!*shown && json_integer_value(json_object_get(thread, "n")) > 0);
}

/* Nobody will see more of it: it is not asked about again, unless it shows itself. */
static int hide(struct fetch *f, struct channel *c, const struct reading *r)
{
	const char *at = threads_ts(r->thread, "at");
	int rc = 0;

	if ((threads_flag(r->thread, "todo") || threads_tries(r->thread)) && is_ahead(r->thread))
		rc = hidden_thread(f, c, r->ts, *at ? at : r->ts);
	json_object_del(r->thread, "tries");
	json_object_set_new(r->thread, "hidden", json_true());
	if (!rc)
		rc = hidden_shown(f, c, r->ts);
	threads_set(r->thread, "l", threads_ts(r->thread, "at"));
	return rc;
}

/* What is at the place of its first message tells what became of its replies. */
static int judge(struct fetch *f, struct channel *c, struct reading *r, const json_t *gone)
{
	const struct memory memory = maybe_memory(c, r->ts);
	enum place place;
	const json_t *v;
	const char *ts;
	int rc = gone_place(f, c, r->ts, &place);

	if (rc || c->rc)
		return rc;
	if (place == PLACE_HIDDEN)
		return hide(f, c, r);
	json_object_foreach ((json_t *)gone, ts, v)
		if (!rc && place_is_gone(place))
			rc = look_gone(f, c, &memory, ts, r->ts);
	if (place != PLACE_SHOWN && place != PLACE_UNKNOWN)
		return rc;
	json_object_del(r->thread, "refused");
	if (r->end || count(f, c, r) > THREAD_TRIES)
		return refused_leave(f, c, r,
				     place == PLACE_SHOWN
					     ? "the server finds no thread to a message that is there"
					     : "the server finds a thread no more, and its pages do not tell "
					       "whether the message that began it is there");
	r->refused = false; /* it was an earlier run that was refused: it is asked for once more */
	return 0;
}

/*
 * Where nothing is known of it and nothing is to come, it is all the same. That it was refused is kept, so that a
 * budget of one request brings it to its end in two runs.
 */
int refused_see(struct fetch *f, struct channel *c, struct reading *r)
{
	const struct memory memory = maybe_memory(c, r->ts);
	json_t *gone = replies_missing(&memory, r);
	int rc = 0;

	if (json_object_size(gone) || is_ahead(r->thread)) {
		json_object_set_new(r->thread, "refused", json_true());
		rc = judge(f, c, r, gone);
	}
	if (!rc && !c->rc && r->refused)
		r->end = true;
	json_decref(gone);
	return rc;
}
