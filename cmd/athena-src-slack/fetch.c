/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "stamp.h"
#include "xalloc.h"

/* ---- the workspace ---- */

static int is_of_workspace(const struct fetch *f)
{
	const char *asked = f->options->workspace, *name = member_str(f->team, "team");

	if (!asked || !strcmp(asked, f->team_id))
		return 0;
	return log_error(EX_CONFIG,
			 "--workspace %s: the token from %s is of %s (%s); which of the two is meant?", asked,
			 f->token_from, f->team_id, name ? name : "no name");
}

/* https://acme.slack.com/ without its slash. */
static char *web_address(const json_t *team)
{
	const char *url = member_str(team, "url");
	size_t n = url ? strlen(url) : 0;

	while (n && url[n - 1] == '/')
		n--;
	return n && !strncmp(url, "http", 4) ? xstrndup(url, n) : NULL;
}

int fetch_workspace(struct fetch *f)
{
	struct api_answer a;
	const char *id;
	int rc = fetch_ask(f, "auth.test", &a);

	if (rc)
		return rc;
	id = member_str(a.json, "team_id");
	if (a.error || !names_is_id(id)) {
		rc = log_error(EX_UNAVAILABLE, "auth.test: %s",
			       a.error ? a.error : "the answer names no workspace; is --api-url right?");
		api_answer_release(&a);
		return rc;
	}
	f->team = json_incref(a.json);
	/* a token of an organisation is of all its workspaces: the one that is named */
	if (json_is_true(json_object_get(a.json, "is_enterprise_install")) && f->options->workspace)
		id = f->options->workspace;
	f->team_id = xstrdup(id);
	f->source_id = xasprintf("slack:%s", id);
	f->web = web_address(a.json);
	api_answer_release(&a);
	f->maker = (struct slack_maker){.team = f->team_id,
					.base = f->web,
					.names = &f->names,
					.reactions = !f->options->no_reactions,
					.bots = f->options->bots};
	return is_of_workspace(f);
}

/* ---- begin and end ---- */

int fetch_open(struct fetch *f)
{
	static const char *const continuable[] = {"channel", "events", "since", NULL};
	char *name;
	int rc;

	f->selection = scope_selection(f);
	f->stuck = json_object();
	f->tries = json_object();
	f->shown = json_array();
	if (f->src->from)
		f->read = json_object();
	name = xasprintf("%s %s", f->src->source_id, f->src->file.path ? f->src->file.path : "");
	schedule_open(&f->schedule, f->src->file.path ? f->state_dir : NULL, name,
		      f->src->from ? f->src->from->position : NULL, f->api->date);
	free(name);
	rc = source_same_selection(f->src, f->selection, continuable);
	if (!rc)
		rc = position_load(f, f->src->from ? f->src->from->position : NULL);
	hidden_load(f);
	for (size_t i = 0; i < f->n && !rc; i++) {
		struct channel *c = &f->channels[i];

		if (c->selected)
			scope_settle(f, c);
		else if (!c->about && !f->options->channels->n)
			log_note("%s (%s): no longer open to this token, or deleted; its position is kept",
				 c->was, c->id);
	}
	return rc;
}

void fetch_close(struct fetch *f)
{
	people_close(f);
	ahead_drop(f, NULL);
	schedule_release(&f->schedule);
	json_decref(f->read);
	json_decref(f->stuck);
	json_decref(f->tries);
	json_decref(f->shown);
	for (size_t i = 0; i < f->n; i++) {
		struct channel *c = &f->channels[i];

		json_decref(c->about);
		json_decref(c->known);
		json_decref(c->threads);
		json_decref(c->maybe);
		json_decref(c->maybe_threads);
		json_decref(c->told);
		json_decref(c->told_threads);
		api_answer_release(&c->probe);
		free(c->id);
		free(c->name);
		free(c->was);
		free(c->scope);
	}
	free(f->channels);
	slack_maker_release(&f->maker);
	names_release(&f->names);
	oldest_release(&f->oldest);
	buf_release(&f->form);
	json_decref(f->team);
	json_decref(f->selection);
	free(f->team_id);
	free(f->source_id);
	free(f->web);
	free(f->next);
}

/* ---- for its parts ---- */

static int checkpoint(struct fetch *f)
{
	json_t *position = position_json(f);
	int rc = source_checkpoint(f->src, f->selection, position);

	json_decref(position);
	return rc;
}

/*
 * Gives the reader what is written so far. With a cursor nothing goes out that no staged position knows
 * of (maybe.c): it waits for the next checkpoint, unless the server keeps us waiting longer than that.
 */
static int flush(struct fetch *f, const char *method)
{
	if (!f->src->file.path)
		return source_flush(f->src);
	return f->started && http_pace(f->api->http, method) > STAMP_SECOND ? checkpoint(f) : 0;
}

int fetch_ask(struct fetch *f, const char *method, struct api_answer *a)
{
	struct api_call *call;
	int rc = flush(f, method);

	*a = (struct api_answer){0};
	if (rc) {
		buf_reset(&f->form);
		return rc;
	}
	f->asked = f->api->date;
	call = ahead_take(f, method, &f->asked);
	return api_wait(f->api, call ? call : api_send(f->api, method, &f->form), a);
}

void fetch_reject(struct fetch *f, const struct channel *c)
{
	f->src->metrics.rejects++;
	log_warn("%s: a message without what makes its event was left out", c->name);
}

bool fetch_is_of_channel(const char *error)
{
	static const char *const all[] = {"not_in_channel", "channel_not_found", "missing_scope"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(error, all[i]))
			return true;
	return false;
}

int fetch_refused(struct channel *c, const struct api_answer *a)
{
	const char *error = a->error;

	if (!strcmp(error, "not_in_channel"))
		c->rc = log_error(EX_NOPERM, "%s: the app is not in it; /invite it there", c->name);
	else if (!strcmp(error, "channel_not_found"))
		c->rc = log_error(EX_NOPERM, "%s: gone, or closed to this token; /invite the app there",
				  c->name);
	else if (!strcmp(error, "missing_scope"))
		c->rc = log_error(
			EX_NOPERM,
			"%s: the token has not the scope %s; add it to the app and install it again", c->name,
			a->needed ? a->needed : "that is needed");
	else
		c->rc = log_error(EX_UNAVAILABLE, "%s: %s; its position is kept", c->name, error);
	return 0;
}

int fetch_between(struct fetch *f)
{
	int rc = state_bound(f);

	if (!rc && source_due(f->src))
		rc = checkpoint(f);
	if (!rc && (source_interrupted() || source_limit_reached(f->src)) &&
	    (f->src->file.path || source_interrupted()))
		rc = SOURCE_STOP;
	return rc;
}

/* ---- the run ---- */

/* A new name that Slack has not written into the channel itself, or not any more. */
static int give_renamed(struct fetch *f, struct channel *c)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	json_int_t updated = json_integer_value(json_object_get(c->about, "updated"));
	struct event e;
	int rc = 0;

	if (c->was && strcmp(c->was, c->name) != 0) {
		bool made = slack_renamed(&f->maker, &place, c->was, c->name, ++c->renames,
					  updated > 0 && updated <= STAMP_MAX / 1000
						  ? updated * 1000 /* of milliseconds */
						  : ts_us(c->done),
					  &e);

		log_note("%s is called %s now", c->was, c->name);
		if (made && !json_is_true(json_object_get(c->about, "is_im")) &&
		    source_wants(f->src, e.timestamp))
			rc = oldest_emit(&f->oldest, f->src, &e);
	}
	return rc;
}

static bool is_permanent(int rc)
{
	return rc > 0 && rc != EX_TEMPFAIL;
}

int fetch_judge(const struct fetch *f, struct channel *c, int rc)
{
	if (rc <= 0 || rc == EX_IOERR || rc == EX_SOFTWARE || f->api->over || f->src->cursor_failed)
		return rc;
	c->rc = rc;
	return 0;
}

static int verdict(const struct fetch *f)
{
	int rc = f->unread ? EX_NOPERM : f->unsure ? EX_TEMPFAIL : 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->channels[i].rc && !is_permanent(rc))
			rc = f->channels[i].rc;
	return rc;
}

static int read_channel(struct fetch *f, struct channel *c)
{
	int rc;

	if (!c->selected)
		return 0;
	rc = fetch_judge(f, c, history_read(f, c));
	json_array_clear(f->shown);
	if (!rc && !c->rc) {
		rc = give_renamed(f, c);
		free(c->was);
		c->was = NULL;
	}
	ahead_drop(f, c);
	return rc;
}

/* Its first question, and those of the next ones. */
static int ask_ahead(struct fetch *f, size_t first, size_t i)
{
	int64_t n = f->options->jobs;
	int rc = 0;

	for (; i < f->n && n > 0 && !rc; i++) {
		struct channel *c = &f->channels[(first + i) % f->n];

		if (!c->selected)
			continue;
		rc = fetch_judge(f, c, history_ahead(f, c));
		n--;
	}
	return rc;
}

/* Where to begin: after the channel at which the run before had to stop, so that each gets its turn. */
static size_t first_channel(const struct fetch *f)
{
	for (size_t i = 0; i < f->n && f->next; i++)
		if (!strcmp(f->channels[i].id, f->next))
			return i;
	return 0;
}

/* Where an earlier run left as many threads as there is room for, they are read before anything else. */
static int read_left(struct fetch *f)
{
	int rc = 0;

	if (threads_left(f) < THREADS_LEFT)
		return 0;
	for (size_t i = 0; i < f->n && !rc; i++)
		if (f->channels[i].selected)
			rc = fetch_judge(f, &f->channels[i], replies_read(f, &f->channels[i]));
	return rc ? rc : state_bound(f);
}

/* Beyond what shows itself. Only a run that has a past can look again. */
static int look_again(struct fetch *f)
{
	int rc = f->options->no_threads ? 0 : looks_run(f);

	return rc ? rc : sweep_run(f);
}

int fetch_run(struct fetch *f)
{
	size_t first = first_channel(f), at = first;
	int rc = 0;

	f->started = true;
	if (f->src->file.left.position && f->src->file.path) {
		maybe_load(f, f->src->file.left.position);
		rc = checkpoint(
			f); /* so that what is in doubt is not forgotten, should this run be killed too */
	}
	rc = rc ? rc : read_left(f);

	for (size_t i = 0; i < f->n && !rc; i++) {
		at = (first + i) % f->n;
		rc = ask_ahead(f, first, i);
		if (!rc)
			rc = read_channel(f, &f->channels[at]);
		f->channels[at].looked_at = !rc && !f->channels[at].rc;
	}
	if (!rc && f->src->from)
		rc = look_again(f);
	else if (!rc)
		schedule_passed(&f->schedule); /* all of it was new */
	if (rc && (f->src->cursor_failed || f->src->write_failed))
		return rc; /* there is no place from which the next run could go on */
	if (rc)
		cut_short(f, f->n ? &f->channels[(at + 1) % f->n] : NULL);
	else
		rc = oldest_write(&f->oldest, f->src);
	if (!rc && f->api->later)
		cut_replies(f);
	return rc ? rc : verdict(f);
}
