/* SPDX-License-Identifier: ISC
 *
 * Lists that show the newest first and have no `since`. What changes while one is read moves to its
 * top, and the rest to later pages: things are met twice, not skipped. A walk goes down to what is known;
 * until it is there nothing is done, but the position says which walk it is (its top) and at which page it
 * goes on. After a walk of several pages that found something, or one resumed, the top is looked at again.
 * What is deleted meanwhile moves the rest to earlier pages, and one may be missed: by page numbers nobody can tell.
 */
#include <inttypes.h>
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
	if (!s->resumed) {
		mark_release(&s->walk);
		newest_through(s, NULL);
	}
	page_circle_release(&s->circle);
	if (s->resumed)
		return fetch_next(f, s, s->next);
	fetch_first(f, s, s->type->path);
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

/*
 * A page is done. Does the walk end here? A list that is not sorted by what changes is read to its end: what has
 * not changed is answered with 304.
 */
static bool at_the_end(const struct fetch *f, const struct stream *s, int64_t oldest, const char *next)
{
	if (!next)
		return true;
	if (!s->type->stamp)
		return false;
	return oldest != MARK_NONE && (mark_is_past(&s->mark, oldest) ||
				       (f->src->since != SOURCE_NO_TIME && oldest < f->src->since));
}

void newest_at(struct fetch *f, struct stream *s, const struct event *e, int64_t us)
{
	char hash[MARK_HASH + 1];
	int64_t bump;

	s->moved = s->based && fetch_look(f, s, e, us, hash, &bump) != MARK_KNOWN;
}

bool newest_is_known(const struct stream *s, int64_t us)
{
	return s->moved ? s->base != MARK_NONE && us < s->base - MARK_SPAN : mark_is_past(&s->mark, us);
}

/* What is read as one page has moved nowhere meanwhile. */
static void settle_base(struct stream *s)
{
	bool at_once = s->pages <= 1 && !s->resumed;

	if (!at_once && !s->based)
		s->base = s->mark.at;
	s->based = s->type->nested && !at_once;
}

static void finish(struct stream *s)
{
	settle_base(s);
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

/* What names an item within its list; a heap string. */
static char *name_of(const json_t *item)
{
	const json_t *id = json_object_get(item, "id");

	return json_is_string(id) ? xstrdup(json_string_value(id))
				  : xasprintf("%" PRId64, event_int(item, "id"));
}

void newest_through(struct stream *s, char *name)
{
	free(s->through);
	s->through = name;
}

/* Was it on the page before, unchanged? Then it only moved. */
static bool has_moved(struct stream *s, const char *name, int64_t us, json_t *page)
{
	const json_t *before = json_object_get(s->last_page, name);

	json_object_set_new(page, name, json_integer(us));
	return before && json_integer_value(before) == us;
}

/* Where a run that was cut short within this page goes on. */
static size_t first_item(struct stream *s, json_t *items)
{
	json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		char *name = name_of(item);
		bool found = s->through && !strcmp(s->through, name);

		free(name);
		if (found)
			return i + 1;
	}
	return 0;
}

static int give_item(struct fetch *f, struct stream *s, json_t *items, size_t i, json_t *page, int64_t us)
{
	json_t *item = json_array_get(items, i);
	char *name = name_of(item);
	int rc = 0;

	if (!mark_is_past(&s->mark, us) && !has_moved(s, name, us, page)) {
		if (s->type->ahead)
			rc = s->type->ahead(f, s, items, i);
		if (!rc)
			rc = s->type->item(f, s, item, us);
	}
	if (rc)
		free(name);
	else
		newest_through(s, name);
	return rc;
}

static int give_items(struct fetch *f, struct stream *s, json_t *items, int64_t *oldest)
{
	json_t *page = json_object(), *item;
	size_t i, first = first_item(s, items);
	int rc = 0;

	json_array_foreach (items, i, item) {
		int64_t us = stamp_of(s, item);

		if (us == EVENT_NONE) {
			rc = fetch_reject(f, s);
			continue;
		}
		*oldest = us; /* the last one: what was imported may have an old date among newer ones */
		if (i >= first)
			rc = give_item(f, s, items, i, page, us);
		if (rc)
			break;
	}
	json_decref(s->last_page);
	s->last_page = page;
	return rc;
}

/* A page that was not read to its end is gone on with in the next run. */
static void keep_place(struct fetch *f, struct stream *s)
{
	if (!s->next && s->type->path && s->through)
		s->next = xasprintf("/repos/%s/%s", f->full_name, s->type->path);
	mark_prune(&s->walk);
}

int newest_page(struct fetch *f, struct stream *s, const struct api_answer *a, json_t *items,
		const char *next)
{
	int64_t oldest = MARK_NONE;
	json_t *item;
	size_t i;
	int rc;

	json_array_foreach (items, i, item)
		if (!s->pages && !s->resumed)
			mark_raise(&s->walk, fetch_by(a, stamp_of(s, item)));
	s->pages++;
	rc = give_items(f, s, items, &oldest);
	s->newest = oldest;
	pulls_forget(f, s);
	if (rc) {
		keep_place(f, s);
		return rc;
	}
	newest_through(s, NULL);
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

/*
 * Past some page a server may refuse to go on: what is below cannot be had. A page of an earlier run may be none any
 * more: then the walk begins anew.
 */
static int cut_off(struct fetch *f, struct stream *s, const struct api_answer *a)
{
	const char *why = a->message ? a->message : "422";
	struct event e;
	int rc = 0;

	if (!s->pages) {
		log_verbose("%s: the page where this list was left is gone (%s); reading from its top",
			    s->type->name, why);
		free(s->next);
		s->next = NULL;
		return s->type->begin(f, s);
	}
	log_warn("%s: %s: the server does not list what is older than this (%s); that part is missing",
		 f->full_name, s->type->name, why);
	if (event_cut_off(&f->maker, &e, s->type->name, s->newest))
		rc = fetch_give(f, s, &e, MARK_NONE);
	finish(s);
	s->done = true;
	return rc;
}

int newest_step(struct fetch *f, struct stream *s)
{
	static const int gone[] = {400, 404, 410, 422, 0}, too_deep[] = {422, 0};
	struct api_answer a = {0};
	int rc = fetch_take(f, s, &a, !s->next ? NULL : s->pages ? too_deep : gone);

	if (!rc && a.json) {
		rc = newest_page(f, s, &a, a.json, a.next);
		if (!rc && !s->done && !s->call)
			rc = fetch_next(f, s, s->next);
	} else if (!rc && !s->done) {
		rc = cut_off(f, s, &a);
	}
	api_answer_release(&a);
	return rc;
}
