/* SPDX-License-Identifier: ISC */
/*
 * The sweep: all messages older than the look-back are listed again, a few pages a run, once a day at
 * most, for late replies to old threads and for edits. Nothing is remembered of them one by one: every
 * reply and edit up to `cold` is known to have been given out, and the list tells the time of the last of
 * each. Where it stands is in the schedule:
 *
 *	{"began":US,"channel":C,"at":TS,    it goes on below `at`,
 *	 "cursor":TEXT,"idle":N,            after N pages without a message by that cursor
 *	 "found":TS}                        the newest reply or edit in that channel
 */
#include "fetch.h"

#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "log.h"
#include "stamp.h"

#define DAY  (24 * 3600 * STAMP_SECOND)
#define SLOW (5 * STAMP_SECOND) /* a pace of more than that between two requests */

enum {
	PAGES = 10,   /* a run, at most; where the server is slow, one */
	IDLE_MAX = 20 /* pages in a row that bring nothing */
};

struct sweep {
	json_t *state;
	unsigned pages; /* that may still be asked for */
	bool begins;    /* with this run */
};

static void set_ts(const struct sweep *s, const char *name, const char *ts)
{
	json_object_set_new(s->state, name, json_string(ts));
}

static const char *get_ts(const struct sweep *s, const char *name)
{
	const char *ts = ts_in(s->state, name);

	return ts ? ts : "";
}

static void found(const struct sweep *s, const char *ts)
{
	if (slack_ts_compare(ts, get_ts(s, "found")) > 0)
		set_ts(s, "found", ts);
}

static int see(struct fetch *f, struct channel *c, const struct sweep *s, const json_t *message)
{
	const char *latest = ts_in(message, "latest_reply"),
		   *edited = ts_in(json_object_get(message, "edited"), "ts");
	json_t *nothing;
	int rc = 0;

	if (!f->options->no_threads && latest && slack_ts_compare(latest, c->cold) > 0) {
		found(s, latest);
		threads_see_old(f, c, message);
	}
	if (slack_is_reply(message) || !edited || slack_ts_compare(edited, c->cold) <= 0)
		return 0;
	found(s, edited);
	nothing = json_object();
	rc = look_at(f, c, &(struct memory){.known = nothing}, message);
	json_decref(nothing);
	return rc;
}

static int ask(struct fetch *f, const struct channel *c, const struct sweep *s, struct api_answer *a)
{
	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "oldest", c->from);
	api_form(&f->form, "latest", get_ts(s, "at"));
	api_form_int(&f->form, "limit", PAGE);
	api_form(&f->form, "cursor", member_str(s->state, "cursor"));
	return fetch_ask(f, "conversations.history", a);
}

/* Down to the lowest message of the page. Is it a lower one? */
static bool go_down(const struct sweep *s, const json_t *messages)
{
	bool lower = false;
	const json_t *m;
	size_t i;

	json_array_foreach (messages, i, m) {
		const char *ts = ts_in(m, "ts");

		if (ts && slack_ts_compare(ts, get_ts(s, "at")) < 0) {
			set_ts(s, "at", ts);
			lower = true;
		}
	}
	return lower;
}

/* An empty page leads on by its cursor alone, and not for ever. Another run goes on there. */
static void lead_on(struct channel *c, const struct sweep *s, const struct api_answer *a)
{
	const json_t *messages = json_object_get(a->json, "messages");
	json_int_t idle = json_integer_value(json_object_get(s->state, "idle")) + 1;
	const char *last = member_str(s->state, "cursor");
	bool empty = !json_array_size(messages),
	     nowhere = empty && (!a->next || (last && !strcmp(last, a->next)));

	if (go_down(s, messages))
		idle = 0;
	if (empty && a->next)
		set_ts(s, "cursor", a->next);
	else
		json_object_del(s->state, "cursor");
	json_object_set_new(s->state, "idle", json_integer(idle));
	if (a->more && (nowhere || idle > IDLE_MAX))
		c->rc = log_error(EX_TEMPFAIL,
				  "%s: the server's pages of old messages lead nowhere; the next sweep looks "
				  "again",
				  c->name);
}

/* One page; *end where it is the last of the channel. */
static int step(struct fetch *f, struct channel *c, const struct sweep *s, bool *end)
{
	struct api_answer a;
	const json_t *messages;
	int rc = ask(f, c, s, &a);

	if (rc)
		return rc;
	if (a.error && member_str(s->state, "cursor") && !strcmp(a.error, "invalid_cursor")) {
		json_object_del(s->state, "cursor"); /* on from `at`, without it */
		api_answer_release(&a);
		return 0;
	}
	messages = json_object_get(a.json, "messages");
	rc = a.error ? fetch_refused(c, &a) : people_meet(f, messages);
	for (size_t i = json_array_size(messages); i-- && !rc;)
		rc = see(f, c, s, json_array_get(messages, i));
	if (!rc && !a.error)
		lead_on(c, s, &a);
	*end = a.error || !a.more;
	api_answer_release(&a);
	return rc;
}

/* Everything up to the newest that was found, but nothing after the beginning, is given out now. */
static void settle(struct channel *c, const struct sweep *s)
{
	char began[TS_SIZE];
	const char *newest = get_ts(s, "found");

	ts_format(json_integer_value(json_object_get(s->state, "began")), began);
	if (slack_ts_compare(newest, began) > 0)
		newest = began;
	if (slack_ts_compare(newest, c->cold) > 0)
		ts_copy(c->cold, newest);
}

static int sweep_channel(struct fetch *f, struct channel *c, struct sweep *s)
{
	char top[TS_SIZE];
	bool end = false;
	int rc = 0;

	ts_format(ts_us(c->near) + 1, top);
	if (!*get_ts(s, "at"))
		set_ts(s, "at", top);
	while (!rc && !c->rc && !end && s->pages) {
		s->pages--;
		rc = step(f, c, s, &end);
		if (!rc && !c->rc)
			rc = replies_read(f, c);
		if (!rc)
			rc = fetch_between(f);
	}
	if (!rc && !c->rc && end)
		settle(c, s);
	return !rc && !end && !c->rc ? SWEEP_GOES_ON : rc;
}

static bool is_swept(const struct channel *c)
{
	return c->selected && !c->rc && *c->near && !*c->goal && !*c->to;
}

static bool is_due(const struct fetch *f)
{
	return f->schedule.sweep || f->api->date - f->schedule.swept >= DAY;
}

static int pages(const struct fetch *f)
{
	return f->small_pages || http_pace(f->api->http, "conversations.history") > SLOW ? 1 : PAGES;
}

int sweep_due(const struct fetch *f)
{
	for (size_t i = 0; is_due(f) && i < f->n; i++)
		if (is_swept(&f->channels[i]))
			return pages(f);
	return 0;
}

static bool begin(struct fetch *f, struct sweep *s)
{
	struct schedule *plan = &f->schedule;

	if (!is_due(f))
		return false;
	s->begins = !plan->sweep;
	if (s->begins) {
		plan->sweep = json_object();
		json_object_set_new(plan->sweep, "began", json_integer(f->api->date));
	}
	s->state = plan->sweep;
	s->pages = pages(f);
	return true;
}

/* Once a sweep; a note in each of its runs would be read by nobody. */
static void say_more(const struct fetch *f, const struct sweep *s)
{
	if (s->begins)
		log_note("messages before --lookback are swept for late replies and edits, at most %d page%s "
			 "a run; "
			 "the next run goes on",
			 pages(f), pages(f) == 1 ? "" : "s");
	else
		log_verbose("the sweep over old messages goes on in the next run");
}

int sweep_run(struct fetch *f)
{
	struct sweep s;
	int rc = 0;

	if (!begin(f, &s))
		return 0;
	for (size_t i = 0; i < f->n && !rc; i++) {
		struct channel *c = &f->channels[i];
		const char *at = member_str(s.state, "channel");
		int order = at ? strcmp(c->id, at) : 1;

		if (!is_swept(c) || order < 0)
			continue;
		if (order > 0) {
			set_ts(&s, "channel", c->id);
			json_object_del(s.state, "at");
			json_object_del(s.state, "cursor");
			json_object_del(s.state, "idle");
			json_object_del(s.state, "found");
		}
		rc = fetch_judge(f, c, sweep_channel(f, c, &s));
	}
	if (rc == SWEEP_GOES_ON) {
		say_more(f, &s);
		return 0;
	}
	if (rc)
		return rc;
	f->schedule.swept = json_integer_value(json_object_get(s.state, "began"));
	json_decref(f->schedule.sweep);
	f->schedule.sweep = NULL;
	return 0;
}
