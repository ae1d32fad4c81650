/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fetch.h"

#define PAGED "per_page=100"

const char *const want_words[WANT_WORDS] = {"push", "pull_request", "issues", "releases", "discussions"};

static int issue_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	struct event e;

	if (json_object_get(item, "pull_request"))
		return 0;
	return event_issue(&f->maker, &e, item) ? fetch_give(f, s, &e, us) : fetch_reject(f, s);
}

static bool wants_thread(const struct fetch *f, enum thread thread)
{
	return fetch_wants(f, thread == THREAD_PULL ? WANT_PULLS : WANT_ISSUES);
}

static int comment_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	enum thread thread;
	struct event e;

	if (!event_comment(&f->maker, &e, item, &thread))
		return fetch_reject(f, s);
	return wants_thread(f, thread) ? fetch_give(f, s, &e, us) : 0;
}

static int review_comment_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	struct event e;

	return event_review_comment(&f->maker, &e, item) ? fetch_give(f, s, &e, us) : fetch_reject(f, s);
}

static int issue_event_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	enum thread thread;
	struct event e;

	if (!event_issue_event(&f->maker, &e, item, &thread) || !wants_thread(f, thread))
		return 0;
	return fetch_give(f, s, &e, us);
}

int push_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	const char *ref = event_str(item, "ref");
	const struct opt_list *branches = f->options->branches;
	bool listed = !branches->n;
	struct event e;

	for (size_t i = 0; ref && i < branches->n; i++)
		listed |= !strncmp(ref, "refs/heads/", 11) && !strcmp(ref + 11, branches->items[i]);
	if (!listed)
		return 0;
	return event_push(&f->maker, &e, item) ? fetch_give(f, s, &e, us) : fetch_reject(f, s);
}

static int release_item(struct fetch *f, struct stream *s, json_t *item, int64_t us)
{
	struct event e;

	return event_release(&f->maker, &e, item) ? fetch_give(f, s, &e, us) : 0;
}

/* In the order in which they take turns. */
const struct stream_type *const stream_types[STREAMS] = {
	&(const struct stream_type){
		.name = "commits", .wanted = WANT_PUSH, .begin = commits_begin, .step = commits_step},
	&(const struct stream_type){.name = "pushes",
				    .wanted = WANT_PUSH,
				    .path = "activity?" PAGED,
				    .stamp = "timestamp",
				    .begin = newest_begin,
				    .step = newest_step,
				    .item = push_item,
				    .optional = true},
	&(const struct stream_type){.name = "issues",
				    .wanted = WANT_ISSUES,
				    .path = "issues?state=all&sort=updated&direction=asc&" PAGED,
				    .stamp = "updated_at",
				    .begin = keyset_begin,
				    .step = keyset_step,
				    .item = issue_item},
	&(const struct stream_type){.name = "pulls",
				    .wanted = WANT_PULLS,
				    .path = "pulls?state=all&sort=updated&direction=desc&" PAGED,
				    .stamp = "updated_at",
				    .begin = newest_begin,
				    .step = newest_step,
				    .item = pulls_item,
				    .ahead = pulls_ahead,
				    .nested = true},
	&(const struct stream_type){.name = "comments",
				    .wanted = WANT_ISSUES | WANT_PULLS,
				    .path = "issues/comments?sort=updated&direction=asc&" PAGED,
				    .stamp = "updated_at",
				    .begin = keyset_begin,
				    .step = keyset_step,
				    .item = comment_item},
	&(const struct stream_type){.name = "review_comments",
				    .wanted = WANT_PULLS,
				    .path = "pulls/comments?sort=updated&direction=asc&" PAGED,
				    .stamp = "updated_at",
				    .begin = keyset_begin,
				    .step = keyset_step,
				    .item = review_comment_item},
	&(const struct stream_type){.name = "issue_events",
				    .wanted = WANT_ISSUES | WANT_PULLS,
				    .path = "issues/events?" PAGED,
				    .stamp = "created_at",
				    .begin = newest_begin,
				    .step = newest_step,
				    .item = issue_event_item},
	&(const struct stream_type){.name = "releases",
				    .wanted = WANT_RELEASES,
				    .path = "releases?" PAGED,
				    .begin = newest_begin,
				    .step = newest_step,
				    .item = release_item},
	&discussions_type,
};
