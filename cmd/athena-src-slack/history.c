/* SPDX-License-Identifier: ISC */
/* A channel, window after window, from old to new; within a window from new to old, as Slack has it. */
#include "list.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "stamp.h"

#define DAY (24 * 3600 * STAMP_SECOND)

enum {
	FIRST_SPAN = 30, /* days of a window, where nothing is known of the channel */
	SPAN_MAX = 3650, /* days */
	FULL = 4,        /* pages in a window that are enough */
};

/*
 * The window is done, and so is everything up to the newest message in it. The next one begins at its
 * end; that is no position, for it was no message that was seen there.
 */
static void close_window(struct channel *c)
{
	if (slack_ts_compare(c->top, c->done) > 0)
		ts_copy(c->done, c->top);
	if (*c->done)
		*c->past = '\0';
	if (strcmp(c->to, TS_END) != 0)
		ts_format(ts_us(c->to) - 1, c->reach);
	else
		ts_copy(c->reach, c->done);
	if (!strcmp(c->to, TS_END) || slack_ts_compare(c->reach, c->goal) >= 0)
		*c->goal = '\0';
	if (!strcmp(c->to, TS_END) && c->asked)
		c->seen = c->asked;
	c->asked = 0;
	*c->to = *c->at = *c->top = '\0';
}

/* What lies further back than the look-back is not looked at again, and need not be known. */
static void prune(const struct fetch *f, struct channel *c)
{
	int64_t floor = ts_us(c->done) - f->options->lookback;
	json_t *entry;
	const char *ts;
	void *next;

	if (floor > ts_us(c->near))
		ts_format(floor, c->near);
	state_settle(c);
	json_object_foreach_safe (c->known, next, ts, entry)
		if (slack_ts_compare(ts, c->near) <= 0)
			json_object_del(c->known, ts);
	json_object_foreach_safe (c->maybe, next, ts, entry)
		if (slack_ts_compare(ts, c->near) <= 0)
			json_object_del(c->maybe, ts);
	threads_prune(c);
}

/* After each page: how far down is it done, and how far looked at again? */
static void note_progress(struct channel *c, const struct list *l)
{
	if (*c->to && (l->end || slack_ts_compare(l->high, c->done) <= 0))
		close_window(c);
	if (*c->to)
		ts_copy(c->at, l->high);
	else if (l->back)
		ts_copy(c->review, l->end ? "" : l->high);
}

/* The next page, while the threads of this one are read. */
static void page_ahead(struct fetch *f, const struct channel *c, struct list *l)
{
	list_question(f, c, l);
	ahead_ask(f, c, LIST_METHOD);
}

static int read_window(struct fetch *f, struct channel *c, struct list *l)
{
	int rc = 0;

	while (!l->end && !rc && !c->rc) {
		rc = list_step(f, c, l);
		if (rc || c->rc)
			break;
		note_progress(c, l);
		if (l->end)
			prune(f, c);
		else
			page_ahead(f, c, l);
		rc = replies_read(f, c);
		if (!rc)
			rc = fetch_between(f);
	}
	free(l->cursor);
	return rc;
}

static bool is_last(const struct fetch *f, const struct channel *c)
{
	return !strcmp(c->to, TS_END) || (f->src->until != SOURCE_NO_TIME && ts_us(c->to) >= f->src->until);
}

static void set_end(const struct fetch *f, struct channel *c, const char *to)
{
	int64_t until = f->src->until;

	ts_copy(c->to, to);
	if (until != SOURCE_NO_TIME && until < ts_us(to))
		ts_format(until > 1 ? until : 1, c->to);
	ts_copy(c->at, c->to);
}

/* Where the next window ends: about a few pages further on, or at the end. */
static void open_window(const struct fetch *f, struct channel *c)
{
	int64_t from = ts_us(*c->reach ? c->reach : *c->done ? c->done : c->from);
	char to[TS_SIZE] = TS_END;

	if (!from)
		from = channel_created(c);
	if (from && from + c->span < ts_us(c->goal))
		ts_format(from + c->span, to);
	set_end(f, c, to);
}

/* As many days that hold a few pages, from what the last window had. */
static void adapt(struct channel *c, const struct list *l)
{
	if (l && l->messages == 0)
		c->span *= 16;
	else if (l && l->pages <= 1)
		c->span *= 3;
	else if (l && l->pages > FULL)
		c->span /= 2;
	if (c->span > SPAN_MAX * DAY)
		c->span = SPAN_MAX * DAY;
	if (c->span < DAY / 24)
		c->span = DAY / 24;
}

/* Where its first reading ends, and how long a few pages are. */
static void size_up(struct channel *c, const struct api_answer *a)
{
	struct list l = {0};
	char low[TS_SIZE], high[TS_SIZE];

	ts_copy(l.low, c->from);
	list_measure(json_object_get(a->json, "messages"), &l, low, high);
	ts_copy(c->goal, high);
	if (*low)
		c->span = (ts_us(high) - ts_us(low)) * (FULL - 1);
}

/*
 * Of a channel that was never read the newest page is asked for. Where that is all, it is read. Else it
 * tells how long a few pages are, and the channel is read from its beginning.
 */
static int probe(struct fetch *f, struct channel *c, bool *all)
{
	struct list l = {0};
	struct api_answer a = c->probe;
	int rc = 0;

	set_end(f, c, TS_END);
	ts_copy(l.low, c->from);
	ts_copy(l.high, c->at);
	if (!c->probed) {
		rc = list_ask(f, c, &l, &a);
		if (rc)
			return rc;
		c->probed = f->asked;
	}
	c->probe = (struct api_answer){0};
	ts_format(c->probed, c->cold);
	*all = !a.error && !a.more;
	if (a.error) {
		rc = fetch_refused(c, &a);
	} else if (*all) {
		c->asked = c->probed;
		rc = list_take(f, c, &l, &a);
		note_progress(c, &l);
		prune(f, c);
		rc = rc ? rc : replies_read(f, c);
		rc = rc ? rc : fetch_between(f);
	} else {
		size_up(c, &a);
	}
	if (!*all)
		*c->to = *c->at = '\0';
	api_answer_release(&a);
	return rc;
}

static bool is_new(const struct channel *c)
{
	return !*c->done && !*c->to && !*c->goal;
}

/*
 * A window takes in the last message that was given out: where that comes again, nothing in between was hidden
 * by the workspace's plan meanwhile.
 */
static void begin_list(const struct channel *c, const char *low, const char *high, struct list *l)
{
	ts_copy(l->low, low);
	ts_copy(l->after, low);
	ts_copy(l->high, high);
	if (*c->done && slack_ts_compare(low, c->done) >= 0)
		ts_format(ts_us(c->done) - 1, l->low);
}

/* A window, or with `low` and `high` a part of what is done already. */
static int read_list(struct fetch *f, struct channel *c, const char *low, const char *high)
{
	struct list l = {0};
	int rc;

	begin_list(c, low, high, &l);
	l.back = *c->done && slack_ts_compare(low, c->done) < 0;
	rc = read_window(f, c, &l);
	adapt(c, &l);
	return rc;
}

bool history_looks_back(const struct fetch *f, const struct channel *c)
{
	return *c->review ? slack_ts_compare(c->review, c->done) > 0 : !f->resumed;
}

/* Where the list begins: behind what is done, where it looks back. */
static const char *bottom_of(const struct channel *c, bool look_back)
{
	if (look_back && *c->near)
		return c->near;
	if (*c->reach)
		return c->reach;
	return *c->done ? c->done : c->from;
}

static void put_first(struct fetch *f, const struct channel *c, bool look_back)
{
	struct list l = {0};

	begin_list(c, bottom_of(c, look_back), c->at, &l);
	list_question(f, c, &l);
}

/* The newest page of a channel that was never read; *later becomes true where it has not come yet. */
static int probe_ahead(struct fetch *f, struct channel *c, bool *later)
{
	struct channel as = *c; /* as it will be then */
	int rc;

	set_end(f, &as, TS_END);
	put_first(f, &as, false);
	*later = !ahead_is_there(f, LIST_METHOD);
	if (*later) {
		ahead_ask(f, c, LIST_METHOD);
		return 0;
	}
	rc = fetch_ask(f, LIST_METHOD, &c->probe);
	if (!rc)
		c->probed = f->asked;
	return rc;
}

int history_ahead(struct fetch *f, struct channel *c)
{
	struct channel as;
	bool later = false;
	int rc = 0;

	if (c->rc || replies_ahead(f, c))
		return 0;
	if (is_new(c) && !c->probed)
		rc = probe_ahead(f, c, &later);
	if (rc || later || (is_new(c) && (c->probe.error || !c->probe.more)))
		return rc;
	as = *c;
	as.span = FIRST_SPAN * DAY;
	if (is_new(c))
		size_up(&as, &c->probe);
	adapt(&as, NULL);
	if (!*as.to)
		open_window(f, &as);
	put_first(f, &as, history_looks_back(f, c));
	ahead_ask(f, c, LIST_METHOD);
	return 0;
}

/*
 * The pages of a window that an earlier run began lead nowhere. What is above them is looked at all the same: what it
 * had already, for changes, and what was said since. Once all of that has come, the window ends there.
 */
static int read_above(struct fetch *f, struct channel *c)
{
	struct list l = {.high = TS_END, .above = true};
	int rc = 0, failed = c->rc;

	ts_copy(l.low, slack_ts_compare(c->lost, c->at) > 0 ? c->lost : c->at);
	c->rc = 0;
	while (!l.end && !rc && !c->rc) {
		rc = list_step(f, c, &l);
		if (!rc && l.end && slack_ts_compare(l.top, c->top) > 0)
			ts_copy(c->top, l.top);
		if (!rc && !c->rc)
			rc = replies_read(f, c);
		if (!rc)
			rc = fetch_between(f);
	}
	free(l.cursor);
	c->rc = failed;
	return rc;
}

int history_read(struct fetch *f, struct channel *c)
{
	bool begun = *c->top && !strcmp(c->to, TS_END);
	char review[TS_SIZE]; /* where an earlier look back was cut short */
	bool look_back = history_looks_back(f, c), last = false;
	int rc = replies_read(f, c);

	ts_copy(review, look_back ? "" : c->review);
	c->span = FIRST_SPAN * DAY;
	if (!rc && !c->rc && is_new(c))
		rc = probe(f, c, &last);
	adapt(c, NULL);
	while (!rc && !c->rc && !last) {
		const char *low = bottom_of(c, look_back);

		/* a window that an earlier run began has nothing that was said since */
		last = !*c->to;
		if (last)
			open_window(f, c);
		last = last && is_last(f, c);
		look_back = false;
		rc = read_list(f, c, low, c->at);
	}
	if (!rc && c->rc == EX_TEMPFAIL && begun && *c->to)
		rc = read_above(f, c);
	if (!rc && !c->rc && *review)
		rc = read_list(f, c, c->near, review);
	return rc;
}
