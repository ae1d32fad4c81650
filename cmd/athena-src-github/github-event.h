/* SPDX-License-Identifier: ISC
 *
 * github-event - from what the GitHub API says to an event (athena-events(5)). No I/O.
 *
 *	struct event_maker m;
 *	event_maker_init(&m, "octo/hello");
 *	if (event_issue(&m, &e, issue))     borrows from m and from the object until the next call
 *		source_emit(src, &e);
 *	event_maker_release(&m);
 *
 * Every function is pure and returns false where the object has not what makes its event (no
 * number, no id), or is one that is no event for us. Objects are those of the REST API (2022-11-28) or,
 * for discussions, of the query in discussions.c. Everything is bounded so that no line can pass
 * EVENT_LINE_MAX.
 */
#ifndef GITHUB_EVENT_H
#define GITHUB_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "buf.h"

struct event_maker {
	const char *repo; /* owner/name as first seen; borrowed */
	/* private: what the events point into */
	struct buf id, kind, content, context, metadata, session, git_author, path;
};

void event_maker_init(struct event_maker *m, const char *repo);
void event_maker_release(struct event_maker *m);

/* The two sorts of things that a number can name. */
enum thread { THREAD_ISSUE, THREAD_PULL };

/* ---- issues and pull requests (event.c) ---- */

/* False for a pull request in the list of issues. */
bool event_issue(struct event_maker *m, struct event *e, json_t *issue);
bool event_pull(struct event_maker *m, struct event *e, json_t *pull);
/* A pull request that was there and is there no more, dated by what was last seen of it. */
bool event_pull_deleted(struct event_maker *m, struct event *e, json_t *pull);
/* An item of /issues/events: closed, merged, reopened, labeled, ... */
bool event_issue_event(struct event_maker *m, struct event *e, json_t *item, enum thread *thread);
/* A comment in the conversation of an issue or a pull request. */
bool event_comment(struct event_maker *m, struct event *e, json_t *comment, enum thread *thread);
/* False for one that is pending. `pull` gives number and title. */
bool event_review(struct event_maker *m, struct event *e, json_t *review, json_t *pull);
bool event_review_comment(struct event_maker *m, struct event *e, json_t *comment);

/* ---- code (event-code.c) ---- */

bool event_commit(struct event_maker *m, struct event *e, json_t *commit, const char *branch);
/* An item of /activity. */
bool event_push(struct event_maker *m, struct event *e, json_t *activity);
/* False for a draft. */
bool event_release(struct event_maker *m, struct event *e, json_t *release);
/* The repository is called otherwise now. */
bool event_renamed(struct event_maker *m, struct event *e, json_t *repository, const char *old,
		   const char *new);
/* A list ends before its end, at a time. */
bool event_cut_off(struct event_maker *m, struct event *e, const char *list, int64_t us);
/* A branch's history was rewritten and what lay between is gone: `commit` is its new head. */
bool event_rewritten(struct event_maker *m, struct event *e, json_t *commit, const char *branch,
		     const char *old);

/* ---- discussions (event-talk.c) ---- */

bool event_discussion(struct event_maker *m, struct event *e, json_t *discussion);
/* False where no answer was chosen. */
bool event_discussion_answered(struct event_maker *m, struct event *e, json_t *discussion);
/* `parent`: the comment that this one replies to, or NULL. */
bool event_discussion_comment(struct event_maker *m, struct event *e, json_t *comment, json_t *discussion,
			      json_t *parent);

/* ---- what the makers are made of (event-text.c) ---- */

void event_start(struct event_maker *m, struct event *e, const char *kind);
/* A string member, borrowed, NULL where there is none. */
const char *event_str(const json_t *o, const char *name);
/* An integer member, or one of digits in a string; -1 where there is none. */
int64_t event_int(const json_t *o, const char *name);
/* A time member in microseconds; EVENT_NONE where there is none. */
int64_t event_stamp(const json_t *o, const char *name);
/* The same as a revision. */
int64_t event_revision(const json_t *o, const char *name);
/* Sets timestamp, and timestamp_raw where it is none. */
void event_set_time(struct event *e, const json_t *o, const char *name);
/* The login of a user object, `ghost` for one that is null. */
const char *event_login(const json_t *user);
/* The number that a URL ends with, ".../issues/12"; -1 where there is none. */
int64_t event_url_number(const char *url);
/* Adds the text without white space around it; false when nothing is left. */
bool event_add_text(struct buf *out, const json_t *text);
/* Title, blank line, body. */
void event_set_title(struct event_maker *m, struct event *e, const json_t *title, const json_t *body);
/* The body, or the words where it is empty. */
void event_set_body(struct event_maker *m, struct event *e, const json_t *body, const char *words);
void event_set_id(struct event_maker *m, struct event *e, const char *prefix, const char *rest);
/* session github:o/r#N, and metadata.number. */
void event_set_number(struct event_maker *m, struct event *e, int64_t number);
/* Metadata: a string, a boolean or an integer by the same name, where it is there. */
void event_copy(struct event_maker *m, const json_t *o, const char *name);
/* Metadata: `name` as what stands in o[outer][inner]. */
void event_copy_inner(struct event_maker *m, const char *name, const json_t *o, const char *outer,
		      const char *inner);
/* Metadata: the strings, or the members `inner` of the objects, of an array; at most 100. */
void event_copy_list(struct event_maker *m, const char *name, const json_t *array, const char *inner);
/* Context: the branch. */
void event_set_branch(struct event_maker *m, struct event *e, const char *branch);
/* Puts the metadata gathered so far into the event; the last thing that a maker does. */
bool event_done(struct event_maker *m, struct event *e);

#endif
