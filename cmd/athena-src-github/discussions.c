/* SPDX-License-Identifier: ISC
 *
 * Discussions, which only GraphQL has: newest change first, with comments, their replies, and the answer.
 * What does not fit into one query is asked for on its own.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"

enum {
	FIRST_MANY = 10, /* discussions of the page that an idle run asks for */
	MANY = 25,
	MANY_MORE = 100, /* comments, or replies */
};

#define AUTHOR  "author{__typename login}"
#define REPLY   "id body url createdAt updatedAt deletedAt isAnswer " AUTHOR
#define PAGES   "pageInfo{hasNextPage endCursor}"
#define COMMENT REPLY " replies(first:20){" PAGES " nodes{" REPLY "}}"

static const char list_query[] =
	"query discussions($owner:String!,$name:String!,$first:Int!,$after:String)"
	"{repository(owner:$owner,name:$name){"
	"discussions(first:$first,after:$after,orderBy:{field:UPDATED_AT,direction:DESC}){" PAGES
	" nodes{id number title body url createdAt updatedAt closed stateReason isAnswered answerChosenAt "
	"answer{" REPLY "} " AUTHOR " category{name} comments(first:50){" PAGES " nodes{" COMMENT "}}}}}}";
static const char comments_query[] =
	"query comments($id:ID!,$first:Int!,$after:String){node(id:$id){... on "
	"Discussion{comments(first:$first,after:$after){" PAGES " nodes{" COMMENT "}}}}}";
static const char replies_query[] =
	"query replies($id:ID!,$first:Int!,$after:String){node(id:$id){... on "
	"DiscussionComment{replies(first:$first,after:$after){" PAGES " nodes{" REPLY "}}}}}";

static size_t many(const struct stream *s)
{
	size_t n = s->next ? MANY : FIRST_MANY;

	return s->size && s->size < n ? s->size : n;
}

static void ask(struct fetch *f, struct stream *s)
{
	const char *slash = strchr(f->full_name, '/');
	json_t *v = json_object();

	json_object_set_new(v, "owner", json_stringn(f->full_name, (size_t)(slash - f->full_name)));
	json_object_set_new(v, "name", json_string(slash + 1));
	json_object_set_new(v, "first", json_integer((json_int_t)many(s)));
	if (s->next)
		json_object_set_new(v, "after", json_string(s->next));
	s->call = api_query(f->api, list_query, v, false);
}

static int discussions_begin(struct fetch *f, struct stream *s)
{
	if (!json_is_true(json_object_get(f->repository, "has_discussions"))) {
		log_verbose("%s: discussions are not in use", f->full_name);
		s->done = true;
		return 0;
	}
	if (!f->api->has_token) {
		s->done = true;
		if (f->options->asked)
			return log_error(EX_NOPERM,
					 "%s: discussions are read with a token only: set GITHUB_TOKEN, or "
					 "use --token-file",
					 f->full_name);
		log_note("%s: discussions are left out, they are read with a token only", f->full_name);
		return 0;
	}
	s->rounds++;
	s->pages = 0;
	s->news = 0;
	s->resumed = s->next != NULL;
	page_circle_release(&s->circle);
	if (!s->resumed) {
		mark_release(&s->walk);
		newest_through(s, NULL);
	}
	ask(f, s);
	return 0;
}

static int in_a_circle(const struct fetch *f)
{
	return log_error(EX_DATAERR, "%s: discussions: the server leads in a circle", f->full_name);
}

/* The accounts of a node become as REST has them. */
static void settle_author(json_t *node)
{
	if (json_is_object(node))
		json_object_set_new(node, "author", reviews_user(json_object_get(node, "author")));
}

/* The page of a connection that is not the first, by the id of what it belongs to, as large as the server manages. */
static int ask_more(struct fetch *f, const char *query, json_t *o, const char *next, struct api_answer *a)
{
	int rc = 0, many = MANY_MORE;

	do {
		json_t *v = json_pack("{s:O, s:i, s:s}", "id", json_object_get(o, "id"), "first", many,
				      "after", next);

		api_answer_release(a);
		rc = api_wait(f->api, api_query(f->api, query, v, false), a);
		many /= 2;
	} while (!rc && a->heavy && many);
	if (!rc && (a->heavy || a->stale))
		rc = log_error(EX_TEMPFAIL,
			       "%s: discussions: the server fails at a page of comments; come back later",
			       f->full_name);
	return rc;
}

static const char *after(json_t *connection)
{
	const json_t *info = json_object_get(connection, "pageInfo");

	return json_is_true(json_object_get(info, "hasNextPage")) ? event_str(info, "endCursor") : NULL;
}

typedef int (*give_fn)(struct fetch *f, struct stream *s, json_t *node, json_t *discussion, json_t *parent);

/* All nodes of o[member]; those past the first page are asked for by o's id. */
static int each(struct fetch *f, struct stream *s, const char *query, json_t *o, const char *member,
		give_fn give, json_t *discussion, json_t *parent)
{
	json_t *connection = json_incref(json_object_get(o, member));
	struct page_circle circle = {0};
	int rc = 0;

	while (connection && !rc) {
		json_t *node;
		struct api_answer a = {0};
		const char *next = after(connection);
		size_t i;

		json_array_foreach (json_object_get(connection, "nodes"), i, node) {
			rc = give(f, s, node, discussion, parent);
			if (rc)
				break;
		}
		if (!rc && next && page_circle_closed(&circle, next))
			rc = in_a_circle(f);
		if (!rc && next && event_str(o, "id"))
			rc = ask_more(f, query, o, next, &a);
		json_decref(connection);
		connection = json_incref(json_object_get(json_object_get(a.json, "node"), member));
		api_answer_release(&a);
	}
	json_decref(connection);
	page_circle_release(&circle);
	return rc;
}

static int give_reply(struct fetch *f, struct stream *s, json_t *node, json_t *discussion, json_t *parent)
{
	struct event e;
	int64_t us = event_stamp(node, event_str(node, "deletedAt") ? "deletedAt" : "updatedAt");

	settle_author(node);
	if (us == EVENT_NONE || newest_is_known(s, us) ||
	    !event_discussion_comment(&f->maker, &e, node, discussion, parent))
		return 0;
	return fetch_give(f, s, &e, us);
}

static int give_comment(struct fetch *f, struct stream *s, json_t *node, json_t *discussion, json_t *parent)
{
	int rc = give_reply(f, s, node, discussion, parent);

	return rc ? rc : each(f, s, replies_query, node, "replies", give_reply, discussion, node);
}

static int discussion_item(struct fetch *f, struct stream *s, json_t *d, int64_t us)
{
	struct event e;
	int rc;

	settle_author(d);
	settle_author(json_object_get(d, "answer"));
	if (!event_discussion(&f->maker, &e, d))
		return fetch_reject(f, s);
	newest_at(f, s, &e, us);
	rc = fetch_give(f, s, &e, us);
	if (!rc)
		rc = each(f, s, comments_query, d, "comments", give_comment, d, NULL);
	if (!rc && event_discussion_answered(&f->maker, &e, d))
		rc = fetch_give(f, s, &e, us);
	if (rc && event_discussion(&f->maker, &e, d)) /* not done: its comments are to be read again */
		mark_forget(&s->walk, e.id);
	return rc;
}

/* A query that is too heavy for the server. */
static int ask_for_less(struct fetch *f, struct stream *s)
{
	size_t n = many(s);

	if (n == 1)
		return log_error(EX_TEMPFAIL,
				 "%s: discussions: the server fails at a single one; come back later",
				 f->full_name);
	s->size = n / 2;
	ask(f, s);
	return 0;
}

/* Where an earlier run stopped the list has no place any more: it is read from its top. */
static int begin_at_the_top(struct fetch *f, struct stream *s)
{
	if (!s->resumed || s->pages)
		return log_error(EX_TEMPFAIL,
				 "%s: discussions: the server does not know its own place in the list; come "
				 "back later",
				 f->full_name);
	free(s->next);
	s->next = NULL;
	return discussions_begin(f, s);
}

static int discussions_step(struct fetch *f, struct stream *s)
{
	struct api_answer a = {0};
	int rc = fetch_take(f, s, &a, NULL);
	json_t *list = json_object_get(json_object_get(a.json, "repository"), "discussions");

	if (!rc && a.heavy) {
		rc = ask_for_less(f, s);
	} else if (!rc && a.stale) {
		rc = begin_at_the_top(f, s);
	} else if (!rc && a.json && !json_is_object(list)) {
		rc = log_error(EX_NOPERM, "%s: the token may not read discussions", f->full_name);
	} else if (!rc && a.json) {
		rc = newest_page(f, s, &a, json_object_get(list, "nodes"), after(list));
		if (!rc && !s->done && !s->call && page_circle_closed(&s->circle, s->next))
			rc = in_a_circle(f);
		else if (!rc && !s->done && !s->call)
			ask(f, s);
	}
	api_answer_release(&a);
	return rc;
}

const struct stream_type discussions_type = {
	.name = "discussions",
	.wanted = WANT_DISCUSSIONS,
	.stamp = "updatedAt",
	.begin = discussions_begin,
	.step = discussions_step,
	.item = discussion_item,
	.nested = true,
};
