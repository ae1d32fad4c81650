/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "say.h"
#include "stamp.h"
#include "token.h"
#include "xalloc.h"

/* True where it is of a kind that reads conversations. */
static bool check_token(const struct fetch *f)
{
	const char *name = member_str(f->team, "team"), *user = member_str(f->team, "user");
	bool reads;
	const char *kind = token_kind(f->token, &reads);

	if (reads)
		say_line("ok token: %s from %s%s%s", kind, f->token_from,
			 f->api->scopes ? ", with the scopes " : "", f->api->scopes ? f->api->scopes : "");
	else
		say_line("token: %s from %s: reads no conversation; take a bot's, which begins with xoxb-, "
			 "or a "
			 "user's, xoxp-",
			 kind, f->token_from);
	say_line("ok workspace %s (%s), as %s: source %s", f->team_id, name ? name : "no name",
		 user ? user : "nobody", f->src->source_id);
	return reads;
}

void check_refused(const struct fetch *f)
{
	bool reads;

	say_line("token: %s from %s: cannot be used", token_kind(f->token, &reads), f->token_from);
	say_end();
}

/* One line a feature: the scope that it needs. */
static void check_scopes(const struct fetch *f)
{
	static const char *const needs[][3] = {
		{"public channels", "channels:read", "channels:history"},
		{"private channels", "groups:read", "groups:history"},
		{"group conversations", "mpim:read", "mpim:history"},
		{"direct conversations", "im:read", "im:history"},
		{"names of people", "users:read", NULL},
	};

	if (!f->api->scopes)
		say_line("ok scopes: the server does not say which the token has");
	for (size_t i = 0; f->api->scopes && i < sizeof(needs) / sizeof(needs[0]); i++) {
		bool first = api_has_scope(f->api, needs[i][1]),
		     second = !needs[i][2] || api_has_scope(f->api, needs[i][2]);

		if (first && second)
			say_line("ok %s", needs[i][0]);
		else
			say_line("ok %s: left out; add the scope %s%s%s to the app and install it again",
				 needs[i][0], first ? "" : needs[i][1], first || second ? "" : " and ",
				 second ? "" : needs[i][2]);
	}
}

/* Asks for one message. */
static int check_channel(struct fetch *f, struct channel *c)
{
	struct api_answer a;
	int rc;

	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "limit", "1");
	rc = fetch_ask(f, "conversations.history", &a);
	if (rc)
		return rc;
	if (a.error && !strcmp(a.error, "missing_scope"))
		say_line("%s (%s): cannot be read: add the scope %s to the app and install it again", c->name,
			 c->id, a.needed ? a.needed : "that its kind needs");
	else if (a.error)
		say_line("%s (%s): cannot be read: %s; /invite the app there", c->name, c->id, a.error);
	else
		say_line("ok %s (%s)", c->name, c->id);
	rc = a.error ? EX_NOPERM : 0;
	api_answer_release(&a);
	return rc;
}

/* ---- what a bot is not in ---- */

enum {
	NAMED = 10,   /* channels that are called by their names */
	LISTED = 100, /* pages of them that are asked for */
};

/* Adds those of a page that the app is not in. */
static void add_strange(const json_t *channels, struct buf *names, size_t *n)
{
	const json_t *about;
	size_t i;

	json_array_foreach (channels, i, about) {
		const char *name = member_str(about, "name");

		if (!name || !json_is_false(json_object_get(about, "is_member")) ||
		    json_is_true(json_object_get(about, "is_archived")))
			continue;
		if ((*n)++ < NAMED)
			buf_addf(names, "%s%s", names->len ? ", " : "", name);
	}
}

static int list_strange(struct fetch *f, struct buf *names, size_t *n)
{
	char *cursor = NULL;
	struct api_answer a;
	int rc, pages = 0;

	do {
		api_form(&f->form, "types", "public_channel");
		api_form(&f->form, "exclude_archived", "true");
		api_form_int(&f->form, "limit", LIST_PAGE);
		if (json_is_true(json_object_get(f->team, "is_enterprise_install")))
			api_form(&f->form, "team_id", f->team_id);
		api_form(&f->form, "cursor", cursor);
		free(cursor);
		cursor = NULL;
		rc = fetch_ask(f, "conversations.list", &a);
		if (rc)
			return rc;
		add_strange(json_object_get(a.json, "channels"), names, n);
		if (!a.error && a.next && ++pages < LISTED)
			cursor = xstrdup(a.next);
		api_answer_release(&a);
	} while (cursor);
	return 0;
}

/* A bot reads what it was invited to; which public channels are there beside? */
static int check_strange(struct fetch *f)
{
	struct buf names = {0};
	size_t n = 0;
	int rc = 0;

	if (json_object_get(f->team, "bot_id") && !f->options->channels->n &&
	    api_has_scope(f->api, "channels:read"))
		rc = list_strange(f, &names, &n);
	if (!rc && n)
		say_line("ok %zu public %s not read; /invite the app there to have %s: %s%s", n,
			 n == 1 ? "channel is" : "channels are", n == 1 ? "it" : "them", buf_cstr(&names),
			 n > NAMED ? ", ..." : "");
	buf_release(&names);
	return rc;
}

int check_run(struct fetch *f)
{
	int rc, worst = f->unread ? EX_NOPERM : 0;

	if (!check_token(f))
		worst = EX_NOPERM;
	check_scopes(f);
	for (size_t i = 0; i < f->n && !f->api->over; i++) {
		if (!f->channels[i].selected)
			continue;
		rc = check_channel(f, &f->channels[i]);
		if (rc < 0)
			return rc;
		if (rc && (!worst || worst == EX_TEMPFAIL))
			worst = rc;
	}
	rc = f->api->over ? 0 : check_strange(f);
	if (rc)
		return rc < 0 || !worst ? rc : worst;
	if (!f->src->file.path)
		say_line("ok no cursor: every run reads everything");
	else
		say_line("ok cursor %s: %s", f->src->file.path,
			 f->src->from ? "goes on from there" : "not there yet");
	rc = say_end();
	return worst ? worst : rc;
}

/* ---- --plan ---- */

struct plan {
	int64_t history, replies; /* requests */
	int64_t left;             /* threads whose new replies an earlier run left */
	bool slow;                /* of the smallest tier */
};

static int64_t us_of(const json_t *message)
{
	int64_t us = 0;

	return slack_ts(json_object_get(message, "ts"), &us) ? us : 0;
}

static int64_t count_threads(const json_t *messages)
{
	const json_t *m;
	int64_t n = 0;
	size_t i;

	json_array_foreach (messages, i, m)
		n += json_integer_value(json_object_get(m, "reply_count")) > 0;
	return n;
}

/* From the newest page: as many in all as the channel is older than the page is long. */
static void estimate(struct fetch *f, const struct channel *c, const struct api_answer *a, struct plan *p)
{
	const json_t *messages = json_object_get(a->json, "messages");
	int64_t n = (int64_t)json_array_size(messages), threads = count_threads(messages), page = PAGE,
		all = n;
	int64_t newest = us_of(json_array_get(messages, 0)),
		oldest = us_of(json_array_get(messages, (size_t)(n ? n - 1 : 0)));
	int64_t from = channel_created(c);

	if (f->src->since > from)
		from = f->src->since;
	if (a->more && n == PAGE_SMALL) {
		page = PAGE_SMALL;
		p->slow = true;
	}
	if (a->more && newest > oldest && oldest > from)
		all = n * ((newest - from) / 1000) / ((newest - oldest) / 1000 + 1);
	all = a->more && all <= n ? n + page : all;
	threads = n ? threads * all / n : 0;
	say_line("%s: never read, %s%" PRId64 " messages and %" PRId64 " threads", c->name,
		 a->more ? "about " : "", all, threads);
	p->history += (all + page - 1) / page + (a->more ? 1 : 0) + (all == 0);
	p->replies += f->options->no_threads ? 0 : threads;
}

/* A channel that has a position: what is new, what it looks back at, and what an earlier run left. */
static void plan_more(const struct fetch *f, const struct channel *c, struct plan *p)
{
	int64_t left = 0;
	const char *ts;
	json_t *t;

	json_object_foreach (c->threads, ts, t)
		left += !f->options->no_threads && threads_flag(t, "todo");
	say_line("%s: what is new%s", c->name,
		 *c->to || *c->goal || *c->review || left ? ", and what an earlier run left" : "");
	p->history += 1 + (int64_t)json_object_size(c->known) / PAGE + (*c->to != 0) +
		      (*c->review && !history_looks_back(f, c));
	p->replies += left;
	p->left += left;
}

static int plan_channel(struct fetch *f, struct channel *c, struct plan *p)
{
	struct api_answer a;
	int rc;

	if (*c->done) {
		plan_more(f, c, p);
		return 0;
	}
	api_form(&f->form, "channel", c->id);
	api_form_int(&f->form, "limit", PAGE);
	rc = fetch_ask(f, "conversations.history", &a);
	if (rc)
		return rc;
	if (a.error)
		say_line("%s: cannot be read: %s", c->name, a.error);
	else
		estimate(f, c, &a, p);
	api_answer_release(&a);
	return 0;
}

int plan_run(struct fetch *f)
{
	struct plan p = {0};
	int64_t most, seconds, others = f->src->metrics.requests;
	size_t looks;
	int rc = 0, sweep;

	say_line("source %s", f->src->source_id);
	for (size_t i = 0; i < f->n && !rc; i++)
		if (f->channels[i].selected)
			rc = plan_channel(f, &f->channels[i], &p);
	if (rc)
		return rc;
	looks = f->options->no_threads ? 0 : looks_due(f);
	sweep = f->options->no_threads ? 0 : sweep_due(f);
	if (p.left)
		say_line("threads with new replies that an earlier run left: %" PRId64, p.left);
	if (looks)
		say_line("threads to be looked at again: %zu", looks);
	if (sweep)
		say_line("pages of old messages to be swept for late replies: %d at most", sweep);
	p.replies += (int64_t)looks;
	others += people_are_due(f);
	say_line(sweep ? "requests about %" PRId64 ", and those pages" : "requests about %" PRId64,
		 p.history + p.replies + others);
	p.history += sweep;
	/* the two methods have limits of their own: 50 a minute, or one */
	most = p.history > p.replies ? p.history : p.replies;
	seconds = p.slow ? most * 60 : most * 60 / 50 + 1;
	say_line("time about %" PRId64 " s at %s", seconds,
		 p.slow ? "one request a minute, which this app may ask" : "50 requests a minute");
	return say_end();
}
