/* SPDX-License-Identifier: ISC */
/*
 * What was known and is not on a page that should have it: deleted, or left out by a page that is short
 * or wrong. So it is looked for once more by itself before it is told to be gone. A message is asked for
 * as the newest up to its own time: what comes in its place tells of all known ones in between. Where
 * nothing does and the workspace's plan hides what is old, it is hidden, and nobody knows more. A thread
 * that is not found may be hidden too: it is the place of its first message that tells.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "xalloc.h"

/* Known ones that did not come. */
struct missing {
	char (*ts)[TS_SIZE];
	size_t n;
};

static int newest_first(const void *a, const void *b)
{
	return slack_ts_compare(b, a);
}

static struct missing sorted(const json_t *gone)
{
	struct missing m = {xcalloc(json_object_size(gone) + 1, TS_SIZE), 0};
	const json_t *v;
	const char *ts;

	json_object_foreach ((json_t *)gone, ts, v) {
		ts_copy(m.ts[m.n++], ts);
	}
	if (m.n)
		qsort(m.ts, m.n, TS_SIZE, newest_first);
	return m;
}

#define NOT_KNOWN (-2)

enum { PAGES = 5 /* that may be empty, or their cursors expired, of one question */ };

static void put_question(struct fetch *f, const struct channel *c, const char *ts, const char *thread,
			 const char *cursor)
{
	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "ts", thread);
	api_form(&f->form, "oldest", thread ? ts : NULL);
	api_form(&f->form, "latest", ts);
	api_form(&f->form, "inclusive", "1");
	api_form(&f->form, "limit", thread ? "2" : "1"); /* a thread's parent may come first */
	api_form(&f->form, "cursor", cursor);
}

/*
 * The message of the page with that ts; or, where it is older, *before becomes the ts of what came in its
 * place.
 */
static const json_t *find(const json_t *messages, const char *ts, const char **before)
{
	const json_t *m;
	size_t i;

	*before = NULL;
	json_array_foreach (messages, i, m) {
		const char *this = ts_in(m, "ts");
		int order = this ? slack_ts_compare(this, ts) : 1;

		if (!order)
			return m;
		if (order < 0 && (!*before || slack_ts_compare(this, *before) > 0))
			*before = this;
	}
	return NULL;
}

static int tell(struct fetch *f, struct channel *c, const struct memory *memory, const char *ts,
		const char *thread)
{
	json_t *own = thread ? NULL : json_object_get(c->threads, ts);
	int rc = look_gone(f, c, memory, ts, thread);

	if (!rc && own)
		json_object_set_new(own, "todo", json_true());
	return rc;
}

bool gone_is_thread(const char *error)
{
	return error && (!strcmp(error, "thread_not_found") || !strcmp(error, "message_not_found"));
}

bool place_is_gone(enum place p)
{
	return p == PLACE_PASSED || p == PLACE_EMPTY;
}

/* It was left out by mistake. */
static int look_once_more(struct fetch *f, struct channel *c, const struct memory *memory,
			  const json_t *there, const char *thread)
{
	json_t *messages = json_pack("[O]", there);
	int rc = people_meet(f, messages);

	json_decref(messages);
	if (!thread && !f->options->no_threads)
		threads_see(f, c, there);
	return rc ? rc : look_at(f, c, memory, there);
}

static bool is_expired(const struct api_answer *a)
{
	return a->error && !strcmp(a->error, "invalid_cursor");
}

/* A page without it that goes on says nothing, nor does a cursor that expired. */
static bool is_silent(const struct api_answer *a, const char *ts, const char *thread)
{
	const char *before;

	if (a->error)
		return is_expired(a);
	return a->more && !find(json_object_get(a->json, "messages"), ts, &before) && (thread || !before);
}

/* Number *i is hidden, and so is what is older: that is not looked for in every run. */
static int forget(const struct memory *memory, const struct missing *m, size_t *i)
{
	for (; *i < m->n; ++*i) {
		json_object_del(memory->known, m->ts[*i]);
		json_object_del(memory->maybe, m->ts[*i]);
	}
	--*i;
	return 0;
}

/*
 * Is an older message known, and not missing? Then a plan that hides this one would hide that too, and an answer that holds
 * neither, and does not say that it is limited, has left something out.
 */
static bool has_older(const struct channel *c, const char *ts, const struct missing *m)
{
	const json_t *entry;
	const char *known;

	json_object_foreach (c->known, known, entry)
		if (slack_ts_compare(known, ts) < 0 &&
		    !(m && bsearch(known, m->ts, m->n, TS_SIZE, newest_first)))
			return true;
	return false;
}

/* The answer about number *i of those that are missing; *i becomes the last one that it tells of. NOT_KNOWN
 * where it tells of none: a later run sees them missing again. */
static int settle(struct fetch *f, struct channel *c, const struct memory *memory, const struct missing *m,
		  size_t *i, const char *thread, const struct api_answer *a)
{
	const char *before = NULL;
	const json_t *there = find(json_object_get(a->json, "messages"), m->ts[*i], &before);
	int rc;

	if (there)
		return look_once_more(f, c, memory, there, thread);
	if (is_silent(a, m->ts[*i], thread))
		return NOT_KNOWN;
	if (!before && !a->limited && !thread && hidden_may_be(f) && has_older(c, m->ts[*i], m))
		return NOT_KNOWN;
	if (!before && (a->limited || (!thread && hidden_may_be(f) && !hidden_never(f, m->ts[*i]))))
		return forget(memory, m, i); /* it is hidden by now */
	rc = tell(f, c, memory, m->ts[*i], thread);
	while (!rc && *i + 1 < m->n && !thread && before && slack_ts_compare(m->ts[*i + 1], before) > 0)
		rc = tell(f, c, memory, m->ts[++*i], thread);
	return rc;
}

/* The answer that says something of the message, or the last of a few. */
static int ask_for(struct fetch *f, const struct channel *c, const char *ts, const char *thread,
		   struct api_answer *a)
{
	const char *method = thread ? "conversations.replies" : "conversations.history";
	int rc;

	put_question(f, c, ts, thread, NULL);
	rc = fetch_ask(f, method, a);
	for (int n = 1; !rc && n < PAGES && (a->next || is_expired(a)) && is_silent(a, ts, thread); n++) {
		put_question(f, c, ts, thread,
			     a->next); /* of one that expired there is none: from its start */
		api_answer_release(a);
		rc = fetch_ask(f, method, a);
	}
	return rc;
}

/* What an answer about its place says. */
static enum place place_of(const struct fetch *f, const struct channel *c, const char *ts,
			   const struct api_answer *a)
{
	const char *before = NULL;

	if (a->error)
		return PLACE_UNKNOWN;
	if (find(json_object_get(a->json, "messages"), ts, &before))
		return PLACE_SHOWN;
	if (before)
		return PLACE_PASSED;
	if (is_silent(a, ts, NULL))
		return PLACE_UNKNOWN;
	if (!a->limited && hidden_may_be(f) && has_older(c, ts, NULL))
		return PLACE_UNKNOWN;
	return a->limited || (hidden_may_be(f) && !hidden_never(f, ts)) ? PLACE_HIDDEN : PLACE_EMPTY;
}

static int ask_place(struct fetch *f, const struct channel *c, const char *ts, enum place *place,
		     struct api_answer *a)
{
	int rc = ask_for(f, c, ts, NULL, a);

	*place = rc ? PLACE_UNKNOWN : place_of(f, c, ts, a);
	return rc;
}

int gone_place(struct fetch *f, struct channel *c, const char *ts, enum place *place)
{
	struct api_answer a;
	int rc = ask_place(f, c, ts, place, &a);

	if (!rc && a.error && !is_expired(&a))
		rc = fetch_refused(c, &a);
	api_answer_release(&a);
	return rc;
}

int gone_peek(struct fetch *f, const struct channel *c, const char *ts, enum place *place)
{
	struct api_answer a;
	int rc = ask_place(f, c, ts, place, &a);

	api_answer_release(&a);
	return rc;
}

/* The whole thread is not there: all that is left of its replies, from number *i on, goes with it. */
static int ask_thread(struct fetch *f, struct channel *c, const struct memory *memory,
		      const struct missing *m, size_t *i, const char *thread)
{
	enum place place;
	int rc = gone_place(f, c, thread, &place);

	if (rc || c->rc)
		return rc;
	for (; place_is_gone(place) && *i < m->n && !rc; ++*i)
		rc = tell(f, c, memory, m->ts[*i], thread);
	*i = m->n - 1;
	return rc || place_is_gone(place) || place == PLACE_HIDDEN ? rc : NOT_KNOWN;
}

static int ask(struct fetch *f, struct channel *c, const struct memory *memory, const struct missing *m,
	       size_t *i, const char *thread)
{
	struct api_answer a;
	int rc = ask_for(f, c, m->ts[*i], thread, &a);
	bool none = !rc && thread && gone_is_thread(a.error);

	if (rc)
		return rc;
	if (a.error && !none && thread && !fetch_is_of_channel(a.error))
		rc = NOT_KNOWN;
	else if (a.error && !none && !is_expired(&a))
		rc = fetch_refused(c, &a);
	else if (!none)
		rc = settle(f, c, memory, m, i, thread, &a);
	api_answer_release(&a);
	return none ? ask_thread(f, c, memory, m, i, thread) : rc;
}

/* That is for a later run to see. */
static void say_unsure(struct fetch *f, const struct channel *c, size_t n)
{
	log_note("%s: known messages missing on a page: %zu; whether they were deleted is for a later run to "
		 "see",
		 c->name, n);
	f->unsure = true;
}

int gone_tell(struct fetch *f, struct channel *c, const struct memory *memory, const json_t *gone,
	      const char *thread)
{
	struct missing m = sorted(gone);
	size_t unsure = 0;
	int rc = 0;

	for (size_t i = 0; i < m.n && !rc && !c->rc; i++) {
		size_t first = i;

		rc = ask(f, c, memory, &m, &i, thread);
		if (rc == NOT_KNOWN) {
			unsure += i - first + 1;
			rc = 0;
		} else if (rc == EX_TEMPFAIL && (f->api->over || (thread && f->api->later))) {
			unsure += m.n - i;
			rc = 0;
			break;
		}
	}
	if (unsure)
		say_unsure(f, c, unsure);
	free(m.ts);
	return rc;
}
