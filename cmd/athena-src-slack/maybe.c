/* SPDX-License-Identifier: ISC */
/*
 * What may have been committed. A run that is killed has given out events and staged a position; whether
 * the reader took them over nobody tells the next run, which begins where the cursor is. Most of it comes
 * again by itself and is known by its id. But a message that was given out and has been deleted since, or
 * a reaction taken back, does not come again: so the staged position is compared with what there is now.
 * What was told again for that reason is staged too, as `told`: should nobody acknowledge that either,
 * the run after begins with the same doubts.
 *
 * A channel that is read from its start again, for more is asked for than before, is in doubt as a whole:
 * so it is seen what was deleted or taken back since.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "member.h"
#include "log.h"
#include "xalloc.h"

bool maybe_is_sound(const json_t *maybe)
{
	const json_t *entry;
	const char *ts;

	if (!json_is_object(maybe))
		return false;
	json_object_foreach ((json_t *)maybe, ts, entry)
		if (!*ts || !ts_is(ts) || !known_is_sound(entry))
			return false;
	return true;
}

/* Adds to `into` what `from` says otherwise than `sure` does. */
static void differing(json_t *into, const json_t *from, const json_t *sure)
{
	json_t *entry;
	const char *ts;

	if (!maybe_is_sound(from))
		return;
	json_object_foreach ((json_t *)from, ts, entry)
		if (!json_equal(entry, json_object_get(sure, ts)))
			json_object_set(into, ts, entry);
}

static void doubt_thread(struct channel *c, const char *ts, const json_t *known, bool read)
{
	json_t *all = json_object_get(c->maybe_threads, ts), *doubts = all ? json_incref(all) : json_object();

	differing(doubts, known, json_object_get(json_object_get(c->threads, ts), "known"));
	if (json_object_size(doubts)) {
		json_object_set(c->maybe_threads, ts, doubts);
		if (read)
			threads_doubt(c, ts);
	}
	json_decref(doubts);
}

struct memory maybe_memory(struct channel *c, const char *ts)
{
	json_t *maybe = json_object_get(c->maybe_threads, ts), *told = json_object_get(c->told_threads, ts);

	if (maybe && !told) {
		told = json_object();
		json_object_set_new(c->told_threads, ts, told);
	}
	return (struct memory){json_object_get(json_object_get(c->threads, ts), "known"), maybe, told};
}

void maybe_begin_again(const struct fetch *f, struct channel *c)
{
	json_t *known = c->known, *threads = c->threads, *t;
	const char *ts;

	c->known = json_object();
	c->threads = json_object();
	if (*c->done)
		ts_copy(c->past, c->done);
	channel_rewind(c);
	differing(c->maybe, known, c->known);
	json_object_foreach (threads, ts, t) {
		doubt_thread(c, ts, json_object_get(t, "known"), !f->options->no_threads);
	}
	json_decref(known);
	json_decref(threads);
}

static void load_threads(struct channel *c, json_t *threads)
{
	const char *ts;
	json_t *t;

	json_object_foreach (threads, ts, t)
		if (*ts && ts_is(ts))
			doubt_thread(c, ts, t, true);
}

int maybe_tries(const struct fetch *f, const struct channel *c, const char *ts)
{
	char *key = xasprintf("%s/%s", c->id, ts);
	int n = (int)json_integer_value(json_object_get(f->tries, key));

	free(key);
	return n;
}

static void load_tries(struct fetch *f, const struct channel *c, json_t *threads)
{
	const char *ts;
	json_t *t;

	json_object_foreach (threads, ts, t) {
		char *key = xasprintf("%s/%s", c->id, ts);

		if (threads_tries(t))
			json_object_set_new(f->tries, key, json_integer(threads_tries(t)));
		free(key);
	}
}

static void load(struct channel *c, const json_t *o)
{
	const char *done = ts_in(o, "done"), *past = done ? done : ts_in(o, "top"), *ts;
	json_t *threads = json_object_get(o, "threads"), *t;

	differing(c->maybe, json_object_get(o, "told"), c->known);
	differing(c->maybe, json_object_get(o, "maybe"), c->known);
	differing(c->maybe, json_object_get(o, "known"), c->known);
	load_threads(c, json_object_get(o, "told_threads"));
	load_threads(c, json_object_get(o, "maybe_threads"));
	json_object_foreach (threads, ts, t)
		if (*ts && ts_is(ts))
			doubt_thread(c, ts, json_object_get(t, "known"), true);
	json_object_clear(c->told);
	json_object_clear(c->told_threads);
	if (!*c->done && past)
		ts_copy(c->past, past);
}

/* One that no position knows, and that run did, has one from now on, with nothing but doubts. */
static struct channel *channel_of(struct fetch *f, const char *id, const json_t *o, const char *usual)
{
	const char *own = member_str(o, "scope"), *scope = own ? own : usual, *name = member_str(o, "name");
	struct channel *c;

	if (!scope || !name || !names_is_id(id))
		return NULL;
	c = channels_find(f, id);
	if (!c) {
		c = channels_add(f, id);
		free(c->name);
		c->name = position_name(name);
	}
	if (!c->scope)
		c->scope = xstrdup(scope);
	return c;
}

void maybe_load(struct fetch *f, json_t *position)
{
	const char *team = member_str(position, "team"), *id;
	json_t *o;

	if (!team || strcmp(team, f->team_id) != 0)
		return;
	json_object_foreach (json_object_get(position, "channels"), id, o) {
		struct channel *c = channel_of(f, id, o, member_str(position, "scope"));

		if (!c)
			continue;
		load(c, o);
		load_tries(f, c, json_object_get(o, "threads"));
	}
}
