/* SPDX-License-Identifier: ISC
 *
 * Lists that show the newest first and have no `since`. What changes while one is read moves to its
 * top, and the rest to later pages: things are met twice, not skipped. A walk goes down to what is known;
 * until it is there nothing is done, but the position says which walk it is (its top) and at which page it
 * goes on. After a walk of several pages that found something, or one resumed, the top is looked at again.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"
#include "xalloc.h"

enum { ROUNDS_MAX = 4 };

int newest_begin(struct fetch *f, struct stream *s)
{
	s->rounds++;
	s->pages = 0;
	s->news = 0;
	s->resumed = s->next != NULL;
	if (!s->resumed)
		mark_release(&s->walk);
	s->call = s->resumed ? api_get(f->api, s->next) : fetch_ask(f, s->type->path);
	return 0;
}

/* The time by which a list is sorted, or for releases (which are sorted by the age of their commit) of the
 * last change. */
static int64_t stamp_of(const struct stream *s, json_t *item)
{
	int64_t a, b;

	if (s->type->stamp)
		return event_stamp(item, s->type->stamp);
	a = event_stamp(item, "updated_at");
	b = event_stamp(item, "published_at");
	return a > b ? a : b;
}

/* A page is done. Does the walk end here? */
static bool at_the_end(const struct fetch *f, const struct stream *s, int64_t oldest, const char *next)
{
	if (!next)
		return true;
	if (!s->type->stamp)
		return s->mark.at != MARK_NONE && s->pages == 1 && !s->resumed && !s->news;
	return oldest != MARK_NONE && (mark_is_past(&s->mark, oldest) ||
				       (f->src->since != SOURCE_NO_TIME && oldest < f->src->since));
}

static void finish(struct stream *s)
{
	if (s->walk.at != MARK_NONE) {
		mark_join(&s->walk, &s->mark);
		mark_release(&s->mark);
		s->mark = s->walk;
		s->walk = (struct mark){.at = MARK_NONE};
		mark_prune(&s->mark);
	}
	free(s->next);
	s->next = NULL;
	json_decref(s->last_page);
	s->last_page = NULL;
}

/* Was it on the page before, unchanged? Then it only moved. */
static bool has_moved(struct stream *s, json_t *item, int64_t us, json_t *page)
{
	json_t *id = json_object_get(item, "id");
	char *key = json_is_string(id) ? xstrdup(json_string_value(id))
				       : xasprintf("%lld", (long long)json_integer_value(id));
	const json_t *before = json_object_get(s->last_page, key);
	bool same = before && json_integer_value(before) == us;

	json_object_set_new(page, key, json_integer(us));
	free(key);
	return same;
}

static int give_items(struct fetch *f, struct stream *s, json_t *items, int64_t *oldest)
{
	json_t *page = json_object(), *item;
	size_t i;
	int rc = 0;

	json_array_foreach (items, i, item) {
		int64_t us = stamp_of(s, item);

		if (us == EVENT_NONE) {
			rc = fetch_reject(f, s);
			continue;
		}
		*oldest = *oldest == MARK_NONE || us < *oldest ? us : *oldest;
		if (mark_is_past(&s->mark, us) || has_moved(s, item, us, page))
			continue;
		if (s->type->ahead)
			s->type->ahead(f, s, items, i);
		rc = s->type->item(f, s, item, us);
		if (rc)
			break;
	}
	json_decref(s->last_page);
	s->last_page = page;
	return rc;
}

int newest_page(struct fetch *f, struct stream *s, json_t *items, const char *next)
{
	json_t *before = s->walk.near ? json_copy(s->walk.near) : NULL, *item;
	int64_t oldest = MARK_NONE;
	size_t i;
	int rc;

	json_array_foreach (items, i, item)
		if (!s->pages && !s->resumed)
			mark_raise(&s->walk, stamp_of(s, item));
	s->pages++;
	rc = give_items(f, s, items, &oldest);
	pulls_forget(f, s);
	if (rc) {
		/* the page comes again as a whole */
		json_decref(s->walk.near);
		s->walk.near = before;
		return rc;
	}
	json_decref(before);
	mark_prune(&s->walk);
	if (!at_the_end(f, s, oldest, next)) {
		free(s->next);
		s->next = xstrdup(next);
		return 0;
	}
	finish(s);
	if (((s->pages > 1 && s->news) || s->resumed) && s->rounds < ROUNDS_MAX)
		return s->type->begin(f, s);
	s->done = true;
	return 0;
}

/* Past some page a server may refuse to go on: what is below cannot be had. */
static void cut_off(struct stream *s, const struct api_answer *a)
{
	log_warn("%s: the server does not list what is older than this (%s); that part is missing",
		 s->type->name, a->message ? a->message : "422");
	finish(s);
	s->done = true;
}

int newest_step(struct fetch *f, struct stream *s)
{
	static const int mine[] = {422, 0};
	struct api_answer a = {0};
	int rc = fetch_take(f, s, &a, s->next ? mine : NULL);

	if (!rc && a.status == 422) {
		cut_off(s, &a);
	} else if (!rc && a.json) {
		rc = newest_page(f, s, a.json, a.next);
		if (!rc && !s->done && !s->call)
			s->call = api_get(f->api, s->next);
	}
	api_answer_release(&a);
	return rc;
}
