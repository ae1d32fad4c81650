/* SPDX-License-Identifier: ISC
 *
 * Commits, branch by branch, by what the branch points to and never by a date: a commit may be pushed years
 * after it was made. The position of a branch is
 *
 *	{"head":OID,             all that this reaches was given out; absent: nothing was yet
 *	 "to":OID,"next":PATH,   a walk in progress: what it will reach, and the page where it goes on
 *	 "recent":[OID]}         the newest given out, the newest first: a base when the head is gone
 *
 * New are the commits of compare/head...to. Both are object names, so that pages stay what they are. Where the server has
 * no comparison, or not the whole of it, its list of commits is read down to what is known (frontier.c).
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"
#include "frontier.h"
#include "stamp.h"
#include "text.h"

enum { RECENT_MAX = 50 };

static size_t count(const struct fetch *f)
{
	return f->options->branches->n ? f->options->branches->n : 1;
}

static const char *name_of(const struct fetch *f, size_t i)
{
	const char *fallback = event_str(f->repository, "default_branch");

	return f->options->branches->n ? f->options->branches->items[i] : fallback ? fallback : "main";
}

static json_t *state_of(const struct fetch *f, struct stream *s)
{
	json_t *b = json_object_get(s->branches, name_of(f, s->at));

	if (!s->branches)
		s->branches = json_object();
	if (!b) {
		b = json_object();
		json_object_set_new(s->branches, name_of(f, s->at), b);
	}
	return b;
}

/* Asks where the branch is, or for the page where its walk goes on. */
static void ask_branch(struct fetch *f, struct stream *s)
{
	const char *name = name_of(f, s->at), *next = event_str(state_of(f, s), "next");
	struct buf path = {0};

	s->tried = 0;
	s->pages = 0;
	s->resumed = next != NULL;
	s->head_asked = !next;
	s->rewritten = false;
	page_circle_release(&s->circle);
	frontier_release(&s->frontier);
	if (next) {
		fetch_next(f, s, next);
		return;
	}
	buf_adds(&path, "branches/");
	text_percent(&path, name, strlen(name), " ?#&+\"<>[]{}|\\^`'");
	s->call = fetch_ask(f, buf_cstr(&path));
	buf_release(&path);
}

int commits_begin(struct fetch *f, struct stream *s)
{
	s->at = 0;
	ask_branch(f, s);
	return 0;
}

static void next_branch(struct fetch *f, struct stream *s)
{
	json_decref(s->head);
	s->head = NULL;
	if (!json_object_size(state_of(f, s)))
		json_object_del(s->branches, name_of(f, s->at));
	s->done = ++s->at >= count(f);
	if (!s->done)
		ask_branch(f, s);
}

static void ask_compare(struct fetch *f, struct stream *s, const char *base, const char *to)
{
	char path[300];

	snprintf(path, sizeof(path), "compare/%.64s...%.64s?per_page=%d", base, to, PAGE);
	s->shown = 0;
	fetch_first(f, s, path);
}

/* All that `to` reaches, the newest first: what was given out before is no base for it. */
static void ask_list(struct fetch *f, struct stream *s)
{
	json_t *b = state_of(f, s), *branch;
	const char *to = event_str(b, "to"), *name;
	char path[300], since[STAMP_SIZE] = "";

	json_object_del(b, "recent");
	json_object_del(b, "next");
	frontier_begin(&s->frontier, to);
	json_object_foreach (s->branches, name, branch) {
		frontier_know(&s->frontier, event_str(branch, "head"));
	}
	if (f->src->since != SOURCE_NO_TIME)
		stamp_format(f->src->since / STAMP_SECOND * STAMP_SECOND, since);
	snprintf(path, sizeof(path), "commits?sha=%.64s&per_page=%d%s%s", to, PAGE, *since ? "&since=" : "",
		 since);
	fetch_first(f, s, path);
}

/* Another branch of which all is known: what it reaches needs no second look. */
static const char *any_head(const struct stream *s)
{
	const char *name, *head = NULL;
	json_t *b;

	json_object_foreach (s->branches, name, b) {
		head = event_str(b, "head");
		if (head)
			return head;
	}
	return NULL;
}

static int start_walk(struct fetch *f, struct stream *s, json_t *branch)
{
	json_t *b = state_of(f, s), *head = json_object_get(branch, "commit");
	const char *to = event_str(head, "sha"), *known = event_str(b, "head");

	if (!to || strspn(to, "0123456789abcdef") != strlen(to) || strlen(to) > 64)
		return log_error(EX_DATAERR, "%s: %s: the answer is no branch; is --api-url right?",
				 f->full_name, name_of(f, s->at));
	if (known && !strcmp(known, to)) {
		next_branch(f, s);
		return 0;
	}
	s->head = json_incref(head);
	s->head_asked = false;
	json_object_set_new(b, "to", json_string(to));
	if (!known)
		known = any_head(s);
	if (known)
		ask_compare(f, s, known, to);
	else
		ask_list(f, s);
	return 0;
}

/* The base is not on the server any more, or has nothing to do with the branch: an older one, or else all are read. */
static void try_older(struct fetch *f, struct stream *s)
{
	json_t *b = state_of(f, s), *recent = json_object_get(b, "recent");
	const char *base;

	s->tried = s->tried ? s->tried * 2 : 1;
	base = json_string_value(json_array_get(recent, s->tried));
	s->rewritten = !base && event_str(b, "head");
	if (base)
		ask_compare(f, s, base, event_str(b, "to"));
	else
		ask_list(f, s);
}

/* No base was there, and what the branch points to is. */
static int say_rewritten(struct fetch *f, struct stream *s)
{
	json_t *b = state_of(f, s);
	const char *base = event_str(b, "head"), *name = name_of(f, s->at);
	struct event e;

	s->rewritten = false;
	if (!s->head || !event_rewritten(&f->maker, &e, s->head, name, base))
		return 0;
	log_warn("%s: %.7s is no longer on the server, or has nothing in common with the branch: all commits "
		 "of %.7s are read; what was pushed and dropped in between may be lost",
		 name, base, event_str(b, "to"));
	return fetch_give(f, s, &e, MARK_NONE);
}

/* The server does not compare, or not to the end. */
static int list_instead(struct fetch *f, struct stream *s, const char *why)
{
	log_note("%s: commits of %s: the server does not show all that came since %.7s (%s); the list of "
		 "commits "
		 "is read instead",
		 f->full_name, name_of(f, s->at), strstr(s->target, "/compare/") + strlen("/compare/"), why);
	ask_list(f, s);
	return 0;
}

static void remember(json_t *b, json_t *commits, bool newest_last)
{
	json_t *recent = json_object_get(b, "recent"), *commit;
	size_t i;

	if (!recent) {
		recent = json_array();
		json_object_set_new(b, "recent", recent);
	}
	json_array_foreach (commits, i, commit) {
		json_t *oid = json_object_get(commit, "sha");

		if (newest_last)
			json_array_insert(recent, 0, oid);
		else if (json_array_size(recent) < RECENT_MAX)
			json_array_append(recent, oid);
	}
	while (json_array_size(recent) > RECENT_MAX)
		json_array_remove(recent, json_array_size(recent) - 1);
}

static void end_walk(struct fetch *f, struct stream *s)
{
	json_t *b = state_of(f, s);

	json_object_set(b, "head", json_object_get(b, "to"));
	json_object_del(b, "to");
	json_object_del(b, "next");
	if (s->resumed)
		ask_branch(f, s); /* it may have moved since that walk was begun */
	else
		next_branch(f, s);
}

static int take_page(struct fetch *f, struct stream *s, const struct api_answer *a)
{
	json_t *b = state_of(f, s), *commit;
	bool compared = json_is_object(a->json);
	json_t *commits = compared ? json_object_get(a->json, "commits") : a->json;
	size_t i;
	int rc = s->rewritten && !compared ? say_rewritten(f, s) : 0;

	if (rc)
		return rc;
	json_array_foreach (commits, i, commit) {
		struct event e;

		if (frontier_pass(&s->frontier, commit))
			continue;
		if (event_commit(&f->maker, &e, commit, name_of(f, s->at))) {
			s->newest = e.timestamp;
			rc = fetch_give(f, s, &e, MARK_NONE);
		} else {
			rc = fetch_reject(f, s);
		}
		if (rc)
			return rc;
	}
	s->pages++;
	s->shown += json_array_size(commits);
	remember(b, commits, compared);
	if (compared && !a->next && !s->resumed && event_int(a->json, "total_commits") > (int64_t)s->shown)
		return list_instead(f, s, "it has fewer commits than it counts");
	if (a->next && !frontier_is_crossed(&s->frontier)) {
		json_object_set_new(b, "next", json_string(a->next));
		return fetch_next(f, s, a->next);
	}
	end_walk(f, s);
	return 0;
}

/* The branch is not there. */
static int no_branch(struct fetch *f, struct stream *s)
{
	const char *name = name_of(f, s->at);

	if (event_str(state_of(f, s), "head"))
		log_note("%s: this branch was deleted; what it had is known", name);
	else if (f->options->branches->n)
		return log_error(EX_CONFIG, "--branch %s: %s has no such branch", name, f->full_name);
	else
		log_note("%s: no commit yet", f->full_name);
	next_branch(f, s);
	return 0;
}

/* Past some page the server lists no more: what is older than that cannot be had. */
static int cut_off(struct fetch *f, struct stream *s, const char *why)
{
	struct event e;
	int rc = 0;

	log_warn("%s: commits of %s: the server does not list what is older than this (%s); that part is "
		 "missing",
		 f->full_name, name_of(f, s->at), why);
	if (event_cut_off(&f->maker, &e, s->type->name, s->newest))
		rc = fetch_give(f, s, &e, MARK_NONE);
	end_walk(f, s);
	return rc;
}

/* A page that cannot be had, or not now. What this run began itself it does not begin again: that might have no end. */
static int lost_page(struct fetch *f, struct stream *s, const struct api_answer *a)
{
	json_t *b = state_of(f, s);
	bool walks = event_str(b, "next") != NULL, compares = strstr(s->target, "/compare/") != NULL;
	const char *why = a->message ? a->message : "no reason is given";

	if (compares && !walks && a->status == 404) {
		try_older(f, s);
		return 0;
	}
	if (walks && !a->heavy && s->resumed && !s->pages) {
		json_object_del(b, "next");
		json_object_del(b, "to");
		json_object_del(
			b, "recent"); /* a list has the newest first: not all that they reach was given out */
		ask_branch(f, s);
		return 0;
	}
	if (compares)
		return list_instead(f, s, a->heavy ? "it fails at that" : why);
	if (a->heavy)
		return fetch_too_heavy(f, s);
	if (walks && a->status == 422)
		return cut_off(f, s, why);
	return log_error(EX_TEMPFAIL, "%s: commits of %s: a page is not there (%d %s); come back later",
			 f->full_name, name_of(f, s->at), a->status, why);
}

int commits_step(struct fetch *f, struct stream *s)
{
	static const int mine[] = {FETCH_HEAVY, 404, 422, 0};
	struct api_answer a = {0};
	int rc = fetch_take(f, s, &a, mine);

	if (!rc && a.json)
		rc = s->head_asked ? start_walk(f, s, a.json) : take_page(f, s, &a);
	else if (!rc && !s->done)
		rc = s->head_asked ? no_branch(f, s) : lost_page(f, s, &a);
	api_answer_release(&a);
	return rc;
}
