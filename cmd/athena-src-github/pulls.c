/* SPDX-License-Identifier: ISC
 *
 * A pull request and its reviews. Reviews have a list of their own for each pull request and no time of their
 * last change, so they are asked for where the pull request has moved, some ahead of their turn.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"
#include "xalloc.h"

enum { TOGETHER_MIN = 4 }; /* pull requests for which one query is worth its while */

#define LATE INT64_C(10000000) /* microseconds by which a part of the server may be behind another one */

/*
 * May there be reviews that are not known? One of the very second up to which all is known may have got
 * another one in that second, and of the seconds before less may have been shown than there was.
 */
static bool has_news(struct fetch *f, const struct stream *s, json_t *pull, int64_t us)
{
	char hash[MARK_HASH + 1];
	struct event e;
	int64_t bump;

	if (mark_is_past(&s->mark, us))
		return false;
	if (us + LATE >= s->mark.at)
		return true;
	return event_pull(&f->maker, &e, pull) && fetch_look(f, s, &e, us, hash, &bump) != MARK_KNOWN;
}

static struct api_call *ask(struct fetch *f, json_t *pull)
{
	char path[80];

	snprintf(path, sizeof(path), "pulls/%" PRId64 "/reviews?per_page=%d", event_int(pull, "number"),
		 PAGE);
	return fetch_list(f, path);
}

/* Where many of a page have reviews to be asked for, they are asked for together. */
static int ask_together(struct fetch *f, struct stream *s, json_t *items, size_t i)
{
	json_t *ids = json_array();
	int rc = 0;

	for (size_t k = i; k < json_array_size(items); k++) {
		json_t *pull = json_array_get(items, k), *id = json_object_get(pull, "node_id");

		if (json_is_string(id) && has_news(f, s, pull, event_stamp(pull, "updated_at")))
			json_array_append(ids, id);
	}
	s->reviews = json_object();
	if (json_array_size(ids) >= TOGETHER_MIN && f->api->has_token && !f->one_by_one)
		rc = reviews_fetch(f, ids, s->reviews);
	json_decref(ids);
	return rc;
}

static json_t *known_reviews(const struct stream *s, const json_t *pull)
{
	char key[24];

	snprintf(key, sizeof(key), "%" PRId64, event_int(pull, "number"));
	return json_object_get(s->reviews, key);
}

int pulls_ahead(struct fetch *f, struct stream *s, json_t *items, size_t i)
{
	size_t n = json_array_size(items), end = i + (size_t)f->options->jobs;
	int rc = 0;

	if (!s->detail) {
		s->detail = xcalloc(n + 1, sizeof(struct api_call *));
		s->n_detail = n;
		s->asked = i;
		rc = ask_together(f, s, items, i);
	}
	for (s->asked = s->asked < i ? i : s->asked; !rc && s->asked < n && s->asked < end; s->asked++) {
		json_t *pull = json_array_get(items, s->asked);

		if (!known_reviews(s, pull) && has_news(f, s, pull, event_stamp(pull, "updated_at")))
			s->detail[s->asked] = ask(f, pull);
	}
	s->at = i;
	return rc;
}

void pulls_forget(struct fetch *f, struct stream *s)
{
	for (size_t k = 0; k < s->n_detail; k++)
		api_drop(f->api, s->detail[k]);
	free(s->detail);
	s->detail = NULL;
	s->n_detail = 0;
	json_decref(s->reviews);
	s->reviews = NULL;
}

/* `moved`: something of the pull request has changed, so that one dismissed since may be an old one. */
static int give_reviews(struct fetch *f, struct stream *s, json_t *pull, bool moved, json_t *reviews)
{
	json_t *review;
	size_t i;
	int rc = 0;

	json_array_foreach (reviews, i, review) {
		int64_t us = event_stamp(review, "submitted_at");
		bool dismissed =
			event_str(review, "state") && !strcmp(event_str(review, "state"), "DISMISSED");
		struct event e;

		if (us == EVENT_NONE || (newest_is_known(s, us) && !(dismissed && moved)))
			continue;
		if (event_review(&f->maker, &e, review, pull))
			rc = fetch_give(f, s, &e, us);
		if (rc)
			break;
	}
	return rc;
}

/* The server fails at a page: half of it is the next one. */
static int ask_for_less(struct fetch *f, json_t *pull, struct api_answer *a)
{
	a->next = page_smaller(a->target);
	return a->next ? 0
		       : log_error(EX_TEMPFAIL,
				   "%s: the server fails at the reviews of #%" PRId64 "; come back later",
				   f->full_name, event_int(pull, "number"));
}

/*
 * It was listed, and is not there: it is deleted, or so new that not all of the server knows it, or what it got.
 */
static int not_there(struct fetch *f, struct stream *s, json_t *pull, int64_t now)
{
	struct event e;

	if (now - event_stamp(pull, "updated_at") < MARK_SPAN)
		return log_error(EX_TEMPFAIL,
				 "%s: #%" PRId64
				 " is listed, and its reviews are not there yet; come back later",
				 f->full_name, event_int(pull, "number"));
	return event_pull_deleted(&f->maker, &e, pull) ? fetch_give(f, s, &e, e.timestamp) : 0;
}

static int reviews_of(struct fetch *f, struct stream *s, struct api_call *call, json_t *pull, bool moved)
{
	struct page_circle circle = {0};
	int rc = 0;

	while (call && !rc) {
		struct api_answer a = {0};

		rc = api_wait(f->api, call, &a);
		call = NULL;
		if (!rc && a.heavy)
			rc = ask_for_less(f, pull, &a);
		if (!rc && a.next && page_circle_closed(&circle, a.next))
			rc = log_error(EX_DATAERR, "%s: the server leads in a circle, by way of %s",
				       f->full_name, a.next);
		if (!rc && a.status == 404)
			rc = not_there(f, s, pull, a.date);
		if (!rc && a.json)
			rc = give_reviews(f, s, pull, moved, a.json);
		if (!rc && a.next)
			call = api_list(f->api, a.next);
		api_answer_release(&a);
	}
	page_circle_release(&circle);
	return rc;
}

int pulls_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	struct api_call *call = s->detail[s->at];
	int64_t news = s->news;
	struct event e;
	int rc;

	s->detail[s->at] = NULL;
	if (!event_pull(&f->maker, &e, item)) {
		api_drop(f->api, call);
		return fetch_reject(f, s);
	}
	newest_at(f, s, &e, us);
	rc = fetch_give(f, s, &e, us);
	if (rc) {
		api_drop(f->api, call);
		return rc;
	}
	rc = give_reviews(f, s, item, s->news > news, known_reviews(s, item));
	if (!rc)
		rc = reviews_of(f, s, call, item, s->news > news);
	if (rc) {
		/* not done: its reviews are to be asked for again */
		event_pull(&f->maker, &e, item);
		mark_forget(&s->walk, e.id);
	}
	return rc;
}
