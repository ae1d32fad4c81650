/* SPDX-License-Identifier: ISC
 *
 * What the cursor of a slack source says:
 *
 *	{"team":T,"scope":WORDS,       what was asked for: a wider question reads a channel anew
 *	 "channels":{C:{"name":NAME,
 *	   "scope":WORDS,"from":TS,    where it is another one; nothing before that time was asked for
 *	   "done":TS,                  every message up to here was given out
 *	   "near":TS,"known":{...},    what those after this said, see known.h
 *	   "to":TS,"at":TS,"top":TS,   a window in progress, done from its end down to `at`; the newest seen in it
 *	   "goal":TS,                  until there it is read for the first time, in windows of a few pages
 *	   "cold":TS,                  see sweep.c
 *	   "lost":TS,                  of the window in progress what is older is not remembered
 *	   "review":TS,                a look back was cut short, there
 *	   "past":TS,                  what "done" was before it was to be read from its start again
 *	   "renames":N,                new names that were told, where Slack wrote none into it
 *	   "threads":{...},            see threads.c
 *	   "maybe":{...},"maybe_threads":{...},"told":{...},"told_threads":{...}}},   see maybe.c
 *	 "next":C}                     a run was cut short: the next one begins with that channel
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "fetch.h"
#include "text.h"
#include "xalloc.h"

void ts_format(int64_t us, char out[TS_SIZE])
{
	/* room for what no clock says as well */
	char text[48];

	if (us <= 0) {
		*out = '\0';
		return;
	}
	snprintf(text, sizeof(text), "%010lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
	ts_copy(out, ts_is(text) ? text : TS_END);
}

int64_t ts_us(const char *ts)
{
	int64_t us = 0;

	return slack_ts_parse(ts, strlen(ts), &us) ? us : 0;
}

bool ts_is(const char *ts)
{
	int64_t us;

	return !*ts || (strlen(ts) < TS_SIZE && slack_ts_parse(ts, strlen(ts), &us));
}

const char *ts_in(const json_t *o, const char *name)
{
	const char *ts = member_str(o, name);

	return ts && ts_is(ts) ? ts : NULL;
}

void ts_copy(char out[TS_SIZE], const char *ts)
{
	size_t n = strlen(ts);

	if (n >= TS_SIZE)
		abort();
	memmove(out, ts, n + 1);
}

/* ---- reading ---- */

static bool load_ts(const json_t *o, const char *name, char out[TS_SIZE])
{
	const json_t *v = json_object_get(o, name);

	if (!v)
		return true;
	if (!json_is_string(v) || !ts_is(json_string_value(v)))
		return false;
	ts_copy(out, json_string_value(v));
	return true;
}

static bool load_known(struct channel *c, json_t *known)
{
	const json_t *entry;
	const char *ts;

	if (!known)
		return true;
	if (!json_is_object(known))
		return false;
	json_object_foreach (known, ts, entry)
		if (!*ts || !ts_is(ts) || !known_is_sound(entry))
			return false;
	json_decref(c->known);
	c->known = json_deep_copy(known);
	return true;
}

/* Entries by ts, and those of threads by the thread. */
static bool load_doubts(const json_t *o, const char *name, json_t *into, const char *threads_name,
			json_t *into_threads)
{
	json_t *doubts = json_object_get(o, name), *threads = json_object_get(o, threads_name);
	const json_t *replies;
	const char *ts;

	if ((doubts && !maybe_is_sound(doubts)) || (threads && !json_is_object(threads)))
		return false;
	json_object_foreach (threads, ts, replies)
		if (!*ts || !ts_is(ts) || !maybe_is_sound(replies))
			return false;
	json_object_update(into, doubts);
	json_object_foreach (threads, ts, replies) {
		json_object_set_new(into_threads, ts, json_deep_copy(replies));
	}
	return true;
}

static bool load_renames(struct channel *c, const json_t *n)
{
	c->renames = json_integer_value(n);
	return !n || (json_is_integer(n) && c->renames > 0 && c->renames < INT64_C(1) << 53);
}

char *position_name(const char *encoded)
{
	struct buf b = {0};
	char *name;

	text_unpercent(&b, encoded);
	name = xstrdup(buf_cstr(&b));
	buf_release(&b);
	return name;
}

static bool load_channel(struct channel *c, json_t *o, const char *usual)
{
	const char *own = member_str(o, "scope"), *scope = own ? own : usual, *name = member_str(o, "name");
	json_t *threads = json_object_get(o, "threads");

	if (!scope || !name || !load_ts(o, "from", c->from) || !load_ts(o, "done", c->done) ||
	    !load_ts(o, "near", c->near) || !load_ts(o, "to", c->to) || !load_ts(o, "at", c->at) ||
	    !load_ts(o, "top", c->top) || !load_ts(o, "goal", c->goal) || !load_ts(o, "review", c->review) ||
	    !load_ts(o, "past", c->past) || !load_ts(o, "cold", c->cold) || !load_ts(o, "lost", c->lost) ||
	    !load_known(c, json_object_get(o, "known")) || !load_renames(c, json_object_get(o, "renames")) ||
	    (threads && (!json_is_object(threads) || !threads_are_sound(threads))))
		return false;
	if (threads) {
		json_decref(c->threads);
		c->threads = json_deep_copy(threads);
	}
	if (!load_doubts(o, "maybe", c->maybe, "maybe_threads", c->maybe_threads) ||
	    !load_doubts(o, "told", c->told, "told_threads", c->told_threads))
		return false;
	free(c->scope);
	free(c->was);
	c->scope = xstrdup(scope);
	c->was = position_name(name);
	if (!*c->to != !*c->at)
		return false;
	if (!strcmp(c->at, TS_END)) /* no page of that window came: it was not begun */
		*c->to = *c->at = '\0';
	return true;
}

int position_load(struct fetch *f, json_t *position)
{
	json_t *channels = json_object_get(position, "channels"), *o;
	const char *team = member_str(position, "team"), *id;
	const char *next = member_str(position, "next");
	bool sound = team && json_is_object(channels) && (!next || names_is_id(next));

	if (!position)
		return 0;
	json_object_foreach (channels, id, o) {
		struct channel *c = sound && names_is_id(id) ? channels_find(f, id) : NULL;

		if (!c && names_is_id(id))
			c = channels_add(f, id);
		sound = sound && c && load_channel(c, o, member_str(position, "scope"));
	}
	if (!sound)
		return log_error(EX_CONFIG,
				 "%s: holds no position of a slack source that this version can read; put "
				 "back another, or "
				 "remove it to start afresh",
				 f->src->file.path);
	f->next = next ? xstrdup(next) : NULL;
	f->resumed = next != NULL;
	if (strcmp(team, f->team_id) != 0)
		return log_error(EX_CONFIG,
				 "%s: this cursor is of the workspace %s, and the token of %s; use another "
				 "cursor file",
				 f->src->file.path, team, f->team_id);
	return 0;
}

/* ---- writing ---- */

static void put_ts(json_t *o, const char *name, const char *ts)
{
	if (*ts)
		json_object_set_new(o, name, json_string(ts));
}

static void put_object(json_t *o, const char *name, json_t *value)
{
	if (json_object_size(value))
		json_object_set(o, name, value);
}

/* What a cursor can hold of a name. */
static json_t *plain_name(const char *name)
{
	struct buf b = {0};
	json_t *v;

	text_percent(&b, name, strlen(name), "");
	v = json_string(buf_cstr(&b));
	buf_release(&b);
	return v;
}

static json_t *channel_json(const struct fetch *f, const struct channel *c)
{
	json_t *o = json_object();

	/* a new name that was not said yet is still to be said */
	json_object_set_new(o, "name", plain_name(c->was ? c->was : c->name));
	if (strcmp(c->scope, scope_words(f)) != 0)
		json_object_set_new(o, "scope", json_string(c->scope));
	put_ts(o, "from", c->from);
	put_ts(o, "done", c->done);
	put_ts(o, "near", c->near);
	put_ts(o, "to", c->to);
	put_ts(o, "at", c->at);
	put_ts(o, "top", c->top);
	put_ts(o, "goal", c->goal);
	put_ts(o, "cold", c->cold);
	put_ts(o, "lost", c->lost);
	put_ts(o, "past", c->past);
	if (f->cut)
		put_ts(o, "review", c->review);
	if (c->renames)
		json_object_set_new(o, "renames", json_integer(c->renames));
	put_object(o, "known", c->known);
	put_object(o, "threads", c->threads);
	put_object(o, "maybe", c->maybe);
	put_object(o, "maybe_threads", c->maybe_threads);
	if (f->src->file.left.position || !f->src->metrics.events) { /* once acknowledged it is of no use */
		put_object(o, "told", c->told);
		put_object(o, "told_threads", c->told_threads);
	}
	return o;
}

json_t *position_json(const struct fetch *f)
{
	json_t *position = json_object(), *channels = json_object();

	for (size_t i = 0; i < f->n; i++)
		if (f->channels[i].scope)
			json_object_set_new(channels, f->channels[i].id, channel_json(f, &f->channels[i]));
	json_object_set_new(position, "team", json_string(f->team_id));
	json_object_set_new(position, "channels", channels);
	json_object_set_new(position, "scope", json_string(scope_words(f)));
	if (f->cut && f->next)
		json_object_set_new(position, "next", json_string(f->next));
	return position;
}
