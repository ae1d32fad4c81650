/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "sha256.h"
#include "text.h"
#include "xalloc.h"

/* ---- the repository ---- */

static int no_repository(const struct fetch *f, const char *name, const struct api_answer *a)
{
	if (a->status == 404)
		return log_error(
			EX_UNAVAILABLE, "%s: not there, or private: %s", name,
			f->api->has_token
				? "look at the name, and whether the token may read it"
				: "look at the name, or set GITHUB_TOKEN to a token that may read it");
	if (a->status == 451)
		return log_error(EX_UNAVAILABLE, "%s: blocked for legal reasons, nobody can read it", name);
	return log_error(EX_UNAVAILABLE, "%s: %d %s", name, a->status, a->message ? a->message : "");
}

int fetch_repository(struct fetch *f, const char *name)
{
	struct buf target = {0};
	struct api_answer a = {0};
	const char *full;
	int rc;

	buf_addf(&target, "/repos/%s", name);
	rc = api_wait(f->api, api_get(f->api, buf_cstr(&target)), &a);
	buf_release(&target);
	if (!rc && a.status != 200)
		rc = no_repository(f, name, &a);
	if (!rc) {
		full = event_str(a.json, "full_name");
		f->id = event_int(a.json, "id");
		if (f->id < 0 || !full || !strchr(full, '/') || strlen(full) > 300 ||
		    text_has_control(full, strlen(full)))
			rc = log_error(EX_DATAERR, "%s: the answer is no repository; is --api-url right?",
				       name);
	}
	if (!rc) {
		f->repository = json_incref(a.json);
		f->full_name = xstrdup(full);
		f->scopes = a.scopes;
		f->expires = a.expires;
		a.scopes = a.expires = NULL;
	}
	api_answer_release(&a);
	return rc;
}

static json_t *wanted_words(const struct fetch *f, unsigned mask)
{
	json_t *words = json_array();

	for (size_t i = 0; i < WANT_WORDS; i++)
		if (f->options->wanted & mask & (1U << i))
			json_array_append_new(words, json_string(want_words[i]));
	return words;
}

static json_t *branch_words(const struct fetch *f)
{
	json_t *words = json_array();

	for (size_t i = 0; i < f->options->branches->n; i++)
		json_array_append_new(words, json_string(f->options->branches->items[i]));
	return words;
}

static json_t *make_selection(const struct fetch *f)
{
	json_t *selection = json_object();

	json_object_set_new(selection, "events", wanted_words(f, WANT_ALL));
	if (f->options->branches->n)
		json_object_set_new(selection, "branch", branch_words(f));
	source_floor(f->src, selection);
	return selection;
}

/* What decides which items of a list are given out: the position holds for no more than that. */
static json_t *make_scope(const struct fetch *f, const struct stream_type *type)
{
	return type->item == push_item && f->options->branches->n ? branch_words(f)
								  : wanted_words(f, type->wanted);
}

static int reset(struct stream *s)
{
	mark_release(&s->mark);
	mark_release(&s->walk);
	s->based = false;
	s->turn = TURN_FIRST;
	free(s->next);
	s->next = NULL;
	newest_through(s, NULL);
	json_decref(s->branches);
	s->branches = NULL;
	return 0;
}

/* Is every word of a in b? For pushes the word `push` stands for all branches. */
static bool covered(json_t *a, json_t *b)
{
	json_t *x, *y;
	size_t i, k;

	json_array_foreach (a, i, x) {
		bool found = false;

		json_array_foreach (b, k, y)
			found |= json_equal(x, y) ||
				 (json_array_size(b) == 1 && !strcmp(json_string_value(y), "push"));
		if (!found)
			return false;
	}
	return true;
}

/* --since reaches further back than in the runs before. */
static bool is_lowered(const struct fetch *f)
{
	json_t *floor = f->src->from ? json_object_get(f->src->from->selection, "since") : NULL;

	return floor && !json_equal(floor, json_object_get(f->selection, "since"));
}

/*
 * What the earlier runs left out has to be gone back for: that list is read from its start. One that this run does not
 * ask for will be when it is asked for again: by then nobody knows any more that it did not reach as far back.
 */
static void settle_scope(struct fetch *f, struct stream *s)
{
	bool wanted = fetch_wants(f, s->type->wanted), lowered = is_lowered(f);
	json_t *scope = wanted ? make_scope(f, s->type) : lowered ? NULL : json_incref(s->scope);

	if (s->scope && (lowered || (wanted && !covered(scope, s->scope))))
		reset(s);
	json_decref(s->scope);
	s->scope = scope;
}

int fetch_open(struct fetch *f)
{
	static const char *const continuable[] = {"events", "branch", "since", NULL};
	const char *first;
	int rc;

	for (size_t i = 0; i < STREAMS; i++) {
		f->streams[i].type = stream_types[i];
		f->streams[i].mark.at = f->streams[i].walk.at = MARK_NONE;
	}
	f->selection = make_selection(f);
	rc = source_same_selection(f->src, f->selection, continuable);
	if (!rc)
		rc = position_load(f, f->src->from ? f->src->from->position : NULL);
	if (rc)
		return rc;
	if (!f->names)
		f->names = json_pack("[s]", f->full_name);
	first = json_string_value(json_array_get(f->names, 0));
	event_maker_init(&f->maker, first);
	if (!f->src->from && json_is_true(json_object_get(f->repository, "archived")))
		log_note("%s is archived: nothing new will come, so that one run is enough", f->full_name);
	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *s = &f->streams[i];

		settle_scope(f, s);
		/* another question is another round */
		if (f->src->from && !json_equal(f->src->from->selection, f->selection))
			s->turn = TURN_FIRST;
	}
	return 0;
}

void fetch_close(struct fetch *f)
{
	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *s = &f->streams[i];

		api_drop(f->api, s->call);
		pulls_forget(f, s);
		reset(s);
		json_decref(s->scope);
		json_decref(s->last_page);
		json_decref(s->head);
		free(s->target);
		frontier_release(&s->frontier);
		page_circle_release(&s->circle);
	}
	event_maker_release(&f->maker);
	oldest_release(&f->oldest);
	json_decref(f->repository);
	json_decref(f->names);
	json_decref(f->selection);
	free(f->full_name);
	free(f->scopes);
	free(f->expires);
	buf_release(&f->scratch);
}

/* ---- for the streams ---- */

bool fetch_wants(const struct fetch *f, unsigned what)
{
	return (f->options->wanted & what) != 0;
}

struct api_call *fetch_ask(struct fetch *f, const char *path)
{
	char *target = xasprintf("/repos/%s/%s", f->full_name, path);
	struct api_call *call = api_get(f->api, target);

	free(target);
	return call;
}

struct api_call *fetch_list(struct fetch *f, const char *path)
{
	char *target = xasprintf("/repos/%s/%s", f->full_name, path);
	struct api_call *call = api_list(f->api, target);

	free(target);
	return call;
}

/* Takes over the target. */
static void ask(struct fetch *f, struct stream *s, char *target)
{
	free(s->target);
	s->target = target;
	s->call = api_list(f->api, target);
}

void fetch_first(struct fetch *f, struct stream *s, const char *path)
{
	char *target = xasprintf("/repos/%s/%s", f->full_name, path);

	page_circle_release(&s->circle);
	ask(f, s, s->size ? page_sized(target, s->size) : xstrdup(target));
	free(target);
}

int fetch_next(struct fetch *f, struct stream *s, const char *target)
{
	if (page_circle_closed(&s->circle, target))
		return log_error(EX_DATAERR, "%s: %s: the server leads in a circle, by way of %s",
				 f->full_name, s->type->name, target);
	ask(f, s, xstrdup(target));
	return 0;
}

int fetch_too_heavy(const struct fetch *f, const struct stream *s)
{
	return log_error(EX_TEMPFAIL, "%s: %s: the server fails at pages of %zu items; come back later",
			 f->full_name, s->type->name, page_size(s->target));
}

/* The server fails at a page: it is asked for in halves. False where that is too small already. */
static bool divide(struct fetch *f, struct stream *s)
{
	char *smaller = page_smaller(s->target);

	if (!smaller)
		return false;
	s->size = page_size(smaller);
	log_verbose("%s: %s: the server fails; asking for %zu items a page", f->full_name, s->type->name,
		    s->size);
	ask(f, s, smaller);
	return true;
}

/* The answer to s->call, by smaller pages where it must be. */
static int take(struct fetch *f, struct stream *s, struct api_answer *a)
{
	int rc;

	do {
		struct api_call *call = s->call;

		s->call = NULL;
		api_answer_release(a);
		rc = source_flush(f->src);
		if (rc) {
			api_drop(f->api, call);
			return rc;
		}
		rc = api_wait(f->api, call, a);
	} while (!rc && a->heavy && s->target && divide(f, s));
	return rc;
}

int64_t fetch_by(const struct api_answer *a, int64_t us)
{
	return us < a->date ? us : a->date;
}

int fetch_take(struct fetch *f, struct stream *s, struct api_answer *a, const int *mine)
{
	const char *name = s->type->name, *why;
	int rc = take(f, s, a), status = a->heavy ? FETCH_HEAVY : a->status;

	if (rc || status == 200 || (a->heavy && !s->target))
		return rc;
	for (; mine && *mine; mine++)
		if (status == *mine)
			return 0;
	if (a->heavy)
		return fetch_too_heavy(f, s);
	why = a->message ? a->message : "no reason is given";
	s->done = true;
	if (a->status == 409 || a->status == 410 || (a->status == 404 && s->type->optional)) {
		log_note("%s: %s: there is nothing to read (%s)", f->full_name, name, why);
		return 0;
	}
	if (a->status == 404)
		return log_error(EX_NOPERM, "%s: %s: this token may not read them (404 %s)", f->full_name,
				 name, why);
	return log_error(EX_UNAVAILABLE, "%s: %s: %d %s", f->full_name, name, a->status, why);
}

/* What can be edited is known by its content (a rename changes only where to look); what cannot, by its id
 * alone. */
static void content_hash(struct fetch *f, const struct event *e, char hash[MARK_HASH + 1])
{
	struct event plain = *e;
	char whole[SHA256_HEX];

	*hash = '\0';
	if (e->revision == EVENT_NONE)
		return;
	plain.revision = EVENT_NONE;
	plain.url = NULL;
	plain.source_id = plain.source_type = "github";
	buf_reset(&f->scratch);
	event_line(&f->scratch, &plain);
	sha256_hex(f->scratch.data, f->scratch.len, whole);
	memcpy(hash, whole, MARK_HASH);
	hash[MARK_HASH] = '\0';
}

enum mark_verdict fetch_look(struct fetch *f, const struct stream *s, const struct event *e, int64_t us,
			     char hash[MARK_HASH + 1], int64_t *bump)
{
	enum mark_verdict verdict;

	content_hash(f, e, hash);
	verdict = mark_look(&s->walk, e->id, us, hash, bump);
	return verdict == MARK_NEW ? mark_look(&s->mark, e->id, us, hash, bump) : verdict;
}

int fetch_give(struct fetch *f, struct stream *s, struct event *e, int64_t us)
{
	char hash[MARK_HASH + 1];
	enum mark_verdict verdict = MARK_NEW;
	int64_t bump = 0;
	int rc;

	if (!source_wants(f->src, e->timestamp))
		return 0;
	if (us != MARK_NONE)
		verdict = fetch_look(f, s, e, us, hash, &bump);
	if (verdict == MARK_KNOWN)
		return 0;
	if (e->revision != EVENT_NONE)
		e->revision += bump;
	rc = oldest_emit(&f->oldest, f->src, e);
	if (rc)
		return rc;
	if (us != MARK_NONE)
		mark_note(s->walk.at != MARK_NONE ? &s->walk : &s->mark, e->id, us, hash, bump);
	s->news++;
	log_progress("events", (uint64_t)f->src->metrics.events, 0);
	return 0;
}

int fetch_reject(struct fetch *f, struct stream *s)
{
	f->src->metrics.rejects++;
	s->rejects++;
	return 0;
}
