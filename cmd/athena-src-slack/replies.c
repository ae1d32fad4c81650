/* SPDX-License-Identifier: ISC */
/*
 * The replies of a thread, page by page, the oldest first: those that came since, or all that are known
 * once more.
 */
#include "replies.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "xalloc.h"

#define METHOD "conversations.replies"

enum {
	IDLE_MAX = 20, /* pages in a row that bring nothing */
	AGAIN = 3 /* times that a thread is asked for anew where there is more, but no reply and no cursor came */
};

static char *thread_key(const struct channel *c, const char *ts)
{
	return xasprintf("%s/%s", c->id, ts);
}

static void put_question(struct fetch *f, const struct channel *c, const struct reading *r)
{
	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "ts", r->ts);
	api_form(&f->form, "oldest", r->oldest);
	api_form_int(&f->form, "limit", PAGE);
	api_form(&f->form, "cursor", r->cursor);
}

static int ask(struct fetch *f, const struct channel *c, const struct reading *r, struct api_answer *a)
{
	put_question(f, c, r);
	return fetch_ask(f, METHOD, a);
}

static int give(struct fetch *f, struct channel *c, struct reading *r, const json_t *message)
{
	const char *ts = ts_in(message, "ts");
	struct memory memory;
	int rc;

	if (!ts) {
		fetch_reject(f, c);
		return 0;
	}
	if (!strcmp(ts, r->ts)) { /* the parent, which may come with every page */
		const char *latest = ts_in(message, "latest_reply");

		json_object_set_new(
			r->thread, "n",
			json_integer(json_integer_value(json_object_get(message, "reply_count"))));
		threads_set(r->thread, "l", latest ? latest : "");
		return 0;
	}
	json_object_set_new(r->seen, ts, json_true());
	if (slack_ts_compare(ts, r->reached) > 0)
		ts_copy(r->reached, ts);
	memory = maybe_memory(c, r->ts);
	rc = look_at(f, c, &memory, message);
	if (!rc && slack_ts_compare(ts, threads_ts(r->thread, "at")) > 0)
		threads_set(r->thread, "at", ts);
	return rc;
}

static void add_missing(json_t *gone, json_t *known, const struct reading *r, const char *after)
{
	const json_t *entry;
	const char *ts;

	json_object_foreach (known, ts, entry)
		if (slack_ts_compare(ts, after) > 0 && !json_object_get(r->seen, ts))
			json_object_set_new(gone, ts, json_true());
}

json_t *replies_missing(const struct memory *memory, const struct reading *r)
{
	json_t *gone = json_object();

	add_missing(gone, memory->known, r, r->start);
	/* an earlier run that read a part of it has taken out what came there */
	add_missing(gone, memory->maybe, r, threads_ts(r->thread, "from"));
	return gone;
}

/* Something that a reader may have did not come, and nobody could tell whether it was deleted. */
static bool is_in_doubt(const struct channel *c, const struct reading *r)
{
	json_t *left = json_object();
	bool any;

	add_missing(left, json_object_get(c->maybe_threads, r->ts), r, threads_ts(r->thread, "from"));
	any = json_object_size(left) > 0;
	json_decref(left);
	return any;
}

/* It was deleted, or so it seems. What is in doubt is forgotten with the end, which has to wait then. */
static int miss(struct fetch *f, struct channel *c, struct reading *r)
{
	const struct memory memory = maybe_memory(c, r->ts);
	json_t *gone = replies_missing(&memory, r);
	int rc = gone_tell(f, c, &memory, gone, r->ts);

	json_decref(gone);
	if (rc || c->rc || !is_in_doubt(c, r))
		return rc;
	json_object_del(r->thread, "part"); /* it is read from its start again */
	return refused_leave(f, c, r, "whether replies of a thread were deleted cannot be told");
}

/* Without a cursor it goes on after the last reply that came. */
static void go_on_from_there(struct reading *r)
{
	free(r->cursor);
	r->cursor = NULL;
	ts_copy(r->oldest, r->reached);
}

static int advance(struct fetch *f, struct channel *c, struct reading *r, const struct api_answer *a)
{
	bool repeats = a->next && r->cursor && !strcmp(a->next, r->cursor);
	bool again = a->more && !a->next && !strcmp(r->reached, r->oldest); /* the same question */

	r->idle++;
	if (json_object_size(r->seen) > r->brought)
		r->idle = r->same = 0;
	r->brought = json_object_size(r->seen);
	r->end = !a->more;
	if (a->next) {
		free(r->cursor);
		r->cursor = xstrdup(a->next);
	} else {
		go_on_from_there(r);
	}
	if (!r->end)
		json_object_set_new(r->thread, "part", json_true());
	if (!r->end && (repeats || (again && ++r->same > AGAIN) || r->idle > IDLE_MAX))
		return refused_leave(f, c, r, "the server's pages of a thread lead nowhere");
	return 0;
}

static int refused(struct fetch *f, struct channel *c, struct reading *r, const struct api_answer *a)
{
	char *why;
	int rc;

	if (r->cursor && !strcmp(a->error, "invalid_cursor") && ++r->same < 20) {
		go_on_from_there(r);
		return 0;
	}
	if (gone_is_thread(a->error)) {
		r->refused = r->end = true;
		return 0;
	}
	if (fetch_is_of_channel(a->error))
		return fetch_refused(c, a);
	why = xasprintf(METHOD ": %s", a->error);
	rc = refused_leave(f, c, r, why);
	free(why);
	return rc;
}

static int step(struct fetch *f, struct channel *c, struct reading *r)
{
	struct api_answer a;
	json_t *messages, *m;
	size_t i;
	int rc = ask(f, c, r, &a);

	if (rc)
		return rc;
	if (a.error) {
		rc = refused(f, c, r, &a);
		api_answer_release(&a);
		return rc;
	}
	messages = json_object_get(a.json, "messages");
	rc = people_meet(f, messages);
	json_array_foreach (messages, i, m)
		if (!rc)
			rc = give(f, c, r, m);
	if (!rc)
		rc = advance(f, c, r, &a);
	api_answer_release(&a);
	return rc;
}

void replies_note(struct fetch *f, const struct channel *c, const char *ts)
{
	char *key = thread_key(c, ts);

	if (f->read)
		json_object_set_new(f->read, key, json_true());
	free(key);
}

static struct reading begin(const struct channel *c, const char *ts)
{
	struct reading r = {.ts = ts, .thread = json_object_get(c->threads, ts)};

	r.refused = threads_flag(r.thread, "refused");
	ts_copy(r.start, threads_ts(r.thread, threads_flag(r.thread, "part") ? "at" : "from"));
	ts_copy(r.oldest, r.start);
	ts_copy(r.reached, r.start);
	ts_copy(r.had, threads_ts(r.thread, "at"));
	r.lost = threads_are_lost(r.thread);
	return r;
}

void replies_ahead_one(struct fetch *f, struct channel *c, const char *ts)
{
	struct reading r = begin(c, ts);

	if (r.refused)
		return;
	put_question(f, c, &r);
	ahead_ask(f, c, METHOD);
}

static void end(struct fetch *f, const struct channel *c, const struct reading *r)
{
	static const char *const flags[] = {"todo", "part", "refused", "tries"};

	json_object_del(c->maybe_threads, r->ts);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		json_object_del(r->thread, flags[i]);
	threads_prune_one(r->thread, c->near);
	replies_note(f, c, r->ts);
}

/* The limit of replies outlasts the run: others have what is theirs, and the next run goes on here. */
static void put_off(struct fetch *f, struct reading *r)
{
	if (threads_flag(r->thread, "part"))
		json_object_set_new(r->thread, "todo", json_true());
	f->unsure = r->stuck = true;
}

int replies_read_one(struct fetch *f, struct channel *c, const char *ts)
{
	struct reading r = begin(c, ts);
	int rc = 0;

	r.seen = json_object();
	c->reading = ts;
	while (!r.end && !r.stuck && !rc && !c->rc) {
		if (!r.refused)
			rc = step(f, c, &r);
		if (rc == EX_TEMPFAIL && f->api->later && !f->api->over) {
			put_off(f, &r);
			rc = 0;
			break;
		}
		if (!rc && !c->rc && r.refused)
			rc = refused_see(f, c, &r);
		else if (!rc && !c->rc && r.end)
			rc = miss(f, c, &r);
		if (!rc && !c->rc && r.end && !r.stuck)
			end(f, c, &r);
		if (!rc)
			rc = fetch_between(f);
	}
	c->reading = NULL;
	free(r.cursor);
	json_decref(r.seen);
	return rc;
}

/* Those that are to be read in this run; a new reference. */
static json_t *find_todo(const struct fetch *f, const struct channel *c)
{
	json_t *todo = json_array(), *t;
	const char *ts;

	if (f->options->no_threads)
		return todo;
	json_object_foreach (c->threads, ts, t) {
		char *key = thread_key(c, ts);

		if (threads_flag(t, "todo") && !json_object_get(f->stuck, key))
			json_array_append_new(todo, json_string(ts));
		free(key);
	}
	return todo;
}

/* From number i on as many as may be under way. */
static void ask_ahead(struct fetch *f, struct channel *c, const json_t *todo, size_t i)
{
	size_t end = i + (size_t)f->options->jobs;

	for (; i < json_array_size(todo) && i < end; i++)
		replies_ahead_one(f, c, json_string_value(json_array_get(todo, i)));
}

bool replies_ahead(struct fetch *f, struct channel *c)
{
	json_t *todo = find_todo(f, c);
	bool any = json_array_size(todo) > 0 && !f->api->later;

	if (any)
		ask_ahead(f, c, todo, 0);
	json_decref(todo);
	return any;
}

int replies_read(struct fetch *f, struct channel *c)
{
	json_t *todo = find_todo(f, c), *v;
	size_t i;
	int rc = 0;

	json_array_foreach (todo, i, v) {
		if (rc || c->rc || f->api->later)
			break;
		ask_ahead(f, c, todo, i);
		rc = replies_read_one(f, c, json_string_value(v));
	}
	json_decref(todo);
	return rc;
}
