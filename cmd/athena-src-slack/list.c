/* SPDX-License-Identifier: ISC */
#include "list.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	SAME_MAX = 20, /* pages in a row that bring nothing */
	AGAIN = 3 /* times that the same is asked where there is more, but no message and no cursor came */
};

void list_question(struct fetch *f, const struct channel *c, struct list *l)
{
	if (!l->cursor)
		ts_copy(l->latest, l->high);
	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "oldest", l->low);
	api_form(&f->form, "latest", l->latest);
	api_form_int(&f->form, "limit", PAGE);
	api_form(&f->form, "cursor", l->cursor);
}

int list_ask(struct fetch *f, const struct channel *c, struct list *l, struct api_answer *a)
{
	list_question(f, c, l);
	return fetch_ask(f, LIST_METHOD, a);
}

/* The lowest and the highest ts of the page that are within the list; "" where there is none. */
void list_measure(const json_t *messages, const struct list *l, char low[TS_SIZE], char high[TS_SIZE])
{
	const json_t *m;
	size_t i;

	*low = *high = '\0';
	json_array_foreach (messages, i, m) {
		const char *ts = ts_in(m, "ts");

		if (!ts || slack_ts_compare(ts, l->low) <= 0)
			continue;
		if (!*low || slack_ts_compare(ts, low) < 0)
			ts_copy(low, ts);
		if (slack_ts_compare(ts, high) > 0)
			ts_copy(high, ts);
	}
}

static bool is_on_page(const json_t *messages, const char *ts)
{
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		const char *this = member_str(m, "ts");

		if (this && !slack_ts_compare(this, ts))
			return true;
	}
	return false;
}

/* Adds the keys between two times that are not on the page. */
static void add_missing(json_t *gone, json_t *known, const json_t *messages, const char *after,
			const char *before)
{
	const json_t *entry;
	const char *ts;

	json_object_foreach (known, ts, entry)
		if (slack_ts_compare(ts, after) > 0 && slack_ts_compare(ts, before) < 0 &&
		    !is_on_page(messages, ts))
			json_object_set_new(gone, ts, json_true());
}

/* What was known between two times, and is not on the page that covers them, was deleted, or so it seems. */
static int miss(struct fetch *f, struct channel *c, const json_t *messages, const char *after,
		const char *before)
{
	const struct memory memory = {c->known, c->maybe, c->told};
	json_t *gone = json_object();
	int rc;

	add_missing(gone, c->known, messages, after, before);
	add_missing(gone, c->maybe, messages, after, before);
	rc = gone_tell(f, c, &memory, gone, NULL);
	json_decref(gone);
	return rc;
}

/* Replies that are shown in the channel too belong to their thread. */
static bool is_of_thread(const struct fetch *f, const json_t *message)
{
	return slack_is_reply(message) && !f->options->no_threads;
}

/* What was forgotten for want of room was given out. */
static bool is_forgotten(const struct channel *c, const json_t *message)
{
	const char *ts = ts_in(message, "ts");

	return ts && slack_ts_compare(ts, c->near) <= 0 && slack_ts_compare(ts, c->done) <= 0;
}

/*
 * Slack has written the new name of the channel into it: that is the event of it. The list of channels may be
 * older than that. One that was known before is that of an earlier name, which may have come back since, unless it
 * tells of the very change; and one that was not told, for a bot wrote it, tells nothing.
 */
static void see_renamed(const struct fetch *f, struct channel *c, const json_t *message, bool known)
{
	const char *old = member_str(message, "old_name");
	const char *subtype = member_str(message, "subtype"), *name = member_str(message, "name"),
		   *ts = ts_in(message, "ts");

	if (!subtype || !name || !*name ||
	    (strcmp(subtype, "channel_name") != 0 && strcmp(subtype, "group_name") != 0))
		return;
	if (ts && ts_us(ts) > f->listed && slack_ts_compare(ts, c->renamed) > 0 &&
	    strlen(name) <= NAMES_NAME_MAX) {
		ts_copy(c->renamed, ts); /* the page before may have had a newer one */
		free(c->name);
		c->name = xstrdup(name);
	}
	if (strcmp(name, c->name) != 0 || !slack_wanted(&f->maker, message) ||
	    (known && old && c->was && strcmp(old, c->was) != 0))
		return;
	free(c->was);
	c->was = NULL;
}

/* Gives out a page, its oldest message first. */
static int give_page(struct fetch *f, struct channel *c, const json_t *messages)
{
	const struct memory memory = {c->known, c->maybe, c->told};
	int rc = people_meet(f, messages);

	json_array_clear(f->shown);
	for (size_t i = json_array_size(messages); i-- && !rc;) {
		json_t *m = json_array_get(messages, i);
		const char *ts = member_str(m, "ts");
		bool known = ts && json_object_get(c->known, ts);

		if (is_forgotten(c, m))
			continue;
		if (!f->options->no_threads)
			threads_see(f, c, m);
		rc = is_of_thread(f, m) ? hidden_see(f, c, m) : look_at(f, c, &memory, m);
		if (!rc)
			see_renamed(f, c, m, known);
	}
	return rc;
}

static int stuck(struct channel *c)
{
	c->rc = log_error(EX_TEMPFAIL, "%s: the server's pages lead nowhere; the next run goes on from there",
			  c->name);
	return 0;
}

/* Where the list goes on, and whether it does. */
static int advance(struct channel *c, struct list *l, const struct api_answer *a, const char *bottom)
{
	bool repeats = a->next && l->cursor && !strcmp(l->cursor, a->next);

	free(l->cursor);
	l->cursor = a->next && !repeats ? xstrdup(a->next) : NULL;
	l->end = !a->more;
	if (l->end)
		return 0;
	if (*bottom && slack_ts_compare(bottom, l->high) < 0) {
		ts_copy(l->high, bottom);
		l->same = 0;
		return 0;
	}
	return repeats || ++l->same > (a->next ? SAME_MAX : AGAIN) ? stuck(c) : 0;
}

/* A cursor has expired: from where it led to. */
static int restart(struct channel *c, struct list *l)
{
	free(l->cursor);
	l->cursor = NULL;
	return ++l->same > SAME_MAX ? stuck(c) : 0;
}

static void say_small(struct fetch *f)
{
	if (!f->small_pages)
		log_note("the server gives %d messages at a time: an app that is not of this workspace may "
			 "ask "
			 "about once a minute; one made in the workspace itself reads faster",
			 PAGE_SMALL);
	f->small_pages = true;
}

static unsigned count_after(const json_t *messages, const char *after)
{
	unsigned n = 0;
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		const char *ts = ts_in(m, "ts");

		n += ts && slack_ts_compare(ts, after) > 0;
	}
	return n;
}

/* Gives out what is on a page, and notes where the list goes on. */
int list_take(struct fetch *f, struct channel *c, struct list *l, const struct api_answer *a)
{
	char bottom[TS_SIZE], highest[TS_SIZE], top[TS_SIZE];
	const json_t *messages = json_object_get(a->json, "messages");
	int rc;

	if (json_array_size(messages) == PAGE_SMALL && a->more)
		say_small(f);
	ts_copy(top, l->high);
	list_measure(messages, l, bottom, highest);
	rc = give_page(f, c, messages);
	if (!rc)
		rc = miss(f, c, messages, !a->more ? l->low : *bottom ? bottom : top, top);
	if (!rc && !c->rc && a->limited && !a->more && *c->to && !l->above)
		rc = hidden_end(f, c, *bottom ? bottom : *c->top ? top : "");
	if (c->rc)
		return rc;
	if (!rc && l->above && slack_ts_compare(highest, l->top) > 0)
		ts_copy(l->top, highest);
	else if (!rc && *c->to && !l->above && slack_ts_compare(highest, c->top) > 0)
		ts_copy(c->top, highest);
	if (!rc)
		rc = advance(c, l, a, bottom);
	l->pages++;
	l->messages += count_after(messages, l->after);
	return rc;
}

/* One page. */
int list_step(struct fetch *f, struct channel *c, struct list *l)
{
	struct api_answer a;
	int rc = list_ask(f, c, l, &a);

	if (rc)
		return rc;
	if (!strcmp(c->at, TS_END))
		c->asked = f->asked;
	if (!a.error)
		rc = list_take(f, c, l, &a);
	else if (l->cursor && !strcmp(a.error, "invalid_cursor"))
		rc = restart(c, l);
	else
		rc = fetch_refused(c, &a);
	api_answer_release(&a);
	return rc;
}
