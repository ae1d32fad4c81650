/* SPDX-License-Identifier: ISC */
#include "github-event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jsonout.h"
#include "text.h"

enum { PATH_MAX_BYTES = 8192 };

/* id `prefix`N`suffix` */
static void numbered_id(struct event_maker *m, struct event *e, const char *prefix, int64_t n,
			const char *suffix)
{
	buf_addf(&m->id, "%s%" PRId64 "%s", prefix, n, suffix);
	e->id = buf_cstr(&m->id);
}

/* What issues and pull requests have in common. */
static void set_thread(struct event_maker *m, struct event *e, json_t *o, int64_t number)
{
	event_set_time(e, o, "created_at");
	e->revision = event_revision(o, "updated_at");
	e->actor = event_login(json_object_get(o, "user"));
	e->url = event_str(o, "html_url");
	e->outcome = "ongoing";
	event_set_title(m, e, json_object_get(o, "title"), json_object_get(o, "body"));
	event_set_number(m, e, number);
	event_copy(m, o, "state");
	event_copy(m, o, "state_reason");
	event_copy(m, o, "draft");
	event_copy(m, o, "locked");
	event_copy(m, o, "closed_at");
	event_copy_list(m, "labels", json_object_get(o, "labels"), "name");
	event_copy_list(m, "assignees", json_object_get(o, "assignees"), "login");
	event_copy_inner(m, "milestone", o, "milestone", "title");
	event_copy(m, o, "author_association");
}

bool event_issue(struct event_maker *m, struct event *e, json_t *issue)
{
	int64_t number = event_int(issue, "number");

	if (number < 0 || json_object_get(issue, "pull_request"))
		return false;
	event_start(m, e, "issue.opened");
	numbered_id(m, e, "issue/", number, "/opened");
	e->event_type = "discovery";
	set_thread(m, e, issue, number);
	event_copy_inner(m, "type", issue, "type", "name");
	return event_done(m, e);
}

static void set_pull(struct event_maker *m, struct event *e, json_t *pull, int64_t number)
{
	const json_t *head = json_object_get(pull, "head");

	set_thread(m, e, pull, number);
	event_copy(m, pull, "merged_at");
	event_copy_inner(m, "base", pull, "base", "ref");
	event_copy_inner(m, "head", pull, "head", "label");
	event_copy_inner(m, "head_sha", pull, "head", "sha");
	event_copy_list(m, "requested_reviewers", json_object_get(pull, "requested_reviewers"), "login");
	event_set_branch(m, e, event_str(head, "ref"));
}

bool event_pull(struct event_maker *m, struct event *e, json_t *pull)
{
	int64_t number = event_int(pull, "number");

	if (number < 0)
		return false;
	event_start(m, e, "pull_request.opened");
	numbered_id(m, e, "pull/", number, "/opened");
	e->event_type = "action";
	set_pull(m, e, pull, number);
	return event_done(m, e);
}

bool event_pull_deleted(struct event_maker *m, struct event *e, json_t *pull)
{
	int64_t number = event_int(pull, "number");
	char words[64];

	if (number < 0)
		return false;
	event_start(m, e, "pull_request.deleted");
	numbered_id(m, e, "pull/", number, "/deleted");
	e->event_type = "observation";
	e->outcome = "recorded";
	event_set_time(e, pull, "updated_at");
	e->url = event_str(pull, "html_url");
	snprintf(words, sizeof(words), "deleted #%" PRId64 " ", number);
	buf_adds(&m->content, words);
	event_set_title(m, e, json_object_get(pull, "title"), NULL);
	event_set_number(m, e, number);
	return event_done(m, e);
}

/* Happens to everyone who looks: no part of the repository's life. */
static bool is_noise(const char *name)
{
	static const char *const noise[] = {"subscribed", "unsubscribed", "mentioned"};

	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (!strcmp(noise[i], name))
			return true;
	return false;
}

/* Closing is part of merging, and comes as an event of its own at the same time. */
static bool is_merge_of(const char *name, json_t *item, json_t *pull)
{
	int64_t merged = event_stamp(pull, "merged_at"), at = event_stamp(item, "created_at");

	return !strcmp(name, "closed") && merged != EVENT_NONE && at != EVENT_NONE &&
	       at - merged <= 5000000 && merged - at <= 5000000;
}

static void set_verdict(struct event *e, const char *name, enum thread thread)
{
	bool closed = !strcmp(name, "closed");

	e->event_type = thread == THREAD_ISSUE ? "discovery" : "action";
	e->outcome = "recorded";
	if (!strcmp(name, "reopened"))
		e->outcome = "ongoing";
	else if (!strcmp(name, "merged") || (closed && thread == THREAD_ISSUE))
		e->outcome = "success";
	else if (closed)
		e->outcome = "partial";
	if (closed && thread == THREAD_PULL)
		e->event_type = "decision";
	if (!strcmp(name, "review_dismissed"))
		e->event_type = "decision";
}

/* `labeled #12 Fix parser: bug` */
static void describe(struct event_maker *m, struct event *e, json_t *item, const char *name, int64_t number)
{
	const json_t *rename = json_object_get(item, "rename");
	const json_t *object = json_object_get(json_object_get(item, "label"), "name");
	const char *from = event_str(rename, "from"), *to = event_str(rename, "to");

	for (const char *c = name; *c; c++)
		buf_addc(&m->content, *c == '_' ? ' ' : *c);
	buf_addf(&m->content, " #%" PRId64 " ", number);
	if (from && to) {
		buf_addf(&m->content, "%s -> ", from);
		event_set_title(m, e, json_object_get(rename, "to"), NULL);
		return;
	}
	event_add_text(&m->content, json_object_get(json_object_get(item, "issue"), "title"));
	if (!object)
		object = json_object_get(json_object_get(item, "milestone"), "title");
	if (!object)
		object = json_object_get(json_object_get(item, "assignee"), "login");
	if (!object)
		object = json_object_get(json_object_get(item, "requested_reviewer"), "login");
	if (object) {
		buf_adds(&m->content, ": ");
		event_add_text(&m->content, object);
	}
	e->content = (struct event_text){m->content.data, m->content.len};
}

bool event_issue_event(struct event_maker *m, struct event *e, json_t *item, enum thread *thread)
{
	json_t *issue = json_object_get(item, "issue");
	json_t *pull = json_object_get(issue, "pull_request");
	const char *name = event_str(item, "event");
	int64_t id = event_int(item, "id"), number = event_int(issue, "number");

	if (id < 0 || number < 0 || !name || !*name || strlen(name) > 100 || is_noise(name) ||
	    is_merge_of(name, item, pull))
		return false;
	*thread = pull ? THREAD_PULL : THREAD_ISSUE;
	event_start(m, e, NULL);
	buf_addf(&m->kind, "%s.%s", pull ? "pull_request" : "issue", name);
	e->kind = buf_cstr(&m->kind);
	numbered_id(m, e, "event/", id, "");
	set_verdict(e, name, *thread);
	event_set_time(e, item, "created_at");
	e->actor = event_login(json_object_get(item, "actor"));
	e->url = event_str(issue, "html_url");
	e->git_commit = event_str(item, "commit_id");
	describe(m, e, item, name, number);
	event_set_number(m, e, number);
	event_copy(m, item, "state_reason");
	event_copy_inner(m, "label", item, "label", "name");
	event_copy_inner(m, "milestone", item, "milestone", "title");
	event_copy_inner(m, "assignee", item, "assignee", "login");
	event_copy_inner(m, "from", item, "rename", "from");
	event_copy_inner(m, "to", item, "rename", "to");
	event_copy(m, item, "lock_reason");
	event_copy_inner(m, "requested_reviewer", item, "requested_reviewer", "login");
	event_copy_inner(m, "requested_team", item, "requested_team", "name");
	event_copy_inner(m, "review", item, "dismissed_review", "review_id");
	event_copy_inner(m, "dismissed_state", item, "dismissed_review", "state");
	event_copy_inner(m, "dismissal", item, "dismissed_review", "dismissal_message");
	return event_done(m, e);
}

bool event_comment(struct event_maker *m, struct event *e, json_t *comment, enum thread *thread)
{
	const char *url = event_str(comment, "html_url");
	int64_t id = event_int(comment, "id"), number = event_url_number(event_str(comment, "issue_url"));
	char words[64];

	if (id < 0 || number < 0)
		return false;
	*thread = url && strstr(url, "/pull/") ? THREAD_PULL : THREAD_ISSUE;
	event_start(m, e, *thread == THREAD_PULL ? "pull_request.comment" : "issue.comment");
	numbered_id(m, e, "comment/", id, "");
	e->event_type = "conversation";
	event_set_time(e, comment, "created_at");
	e->revision = event_revision(comment, "updated_at");
	e->actor = event_login(json_object_get(comment, "user"));
	e->url = url;
	snprintf(words, sizeof(words), "(empty comment) on #%" PRId64, number);
	event_set_body(m, e, json_object_get(comment, "body"), words);
	event_set_number(m, e, number);
	event_copy(m, comment, "author_association");
	return event_done(m, e);
}

static const char *review_verb(const char *state)
{
	static const char *const verbs[][2] = {{"APPROVED", "approved"},
					       {"CHANGES_REQUESTED", "requested changes on"},
					       {"DISMISSED", "reviewed (dismissed since)"}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i][0], state))
			return verbs[i][1];
	return "commented on";
}

bool event_review(struct event_maker *m, struct event *e, json_t *review, json_t *pull)
{
	int64_t id = event_int(review, "id"), number = event_int(pull, "number");
	const char *state = event_str(review, "state");

	if (id < 0 || number < 0 || !state || !strcmp(state, "PENDING"))
		return false;
	event_start(m, e, "review.submitted");
	numbered_id(m, e, "review/", id, "");
	e->event_type = "decision";
	e->code_event_type = "code_review";
	e->outcome = !strcmp(state, "APPROVED")            ? "success"
		     : !strcmp(state, "CHANGES_REQUESTED") ? "failure"
							   : "recorded";
	event_set_time(e, review, "submitted_at");
	/* Reviews have no time of editing; being dismissed is the one change that is known of. */
	if (!strcmp(state, "DISMISSED"))
		e->revision = event_revision(review, "submitted_at");
	e->actor = event_login(json_object_get(review, "user"));
	e->url = event_str(review, "html_url");
	e->git_commit = event_str(review, "commit_id");
	if (!event_add_text(&m->content, json_object_get(review, "body"))) {
		buf_addf(&m->content, "%s #%" PRId64 " ", review_verb(state), number);
		event_set_title(m, e, json_object_get(pull, "title"), NULL);
	}
	e->content = (struct event_text){m->content.data, m->content.len};
	event_set_number(m, e, number);
	event_copy(m, review, "state");
	event_copy(m, review, "author_association");
	return event_done(m, e);
}

bool event_review_comment(struct event_maker *m, struct event *e, json_t *comment)
{
	int64_t id = event_int(comment, "id"),
		number = event_url_number(event_str(comment, "pull_request_url"));
	const json_t *path = json_object_get(comment, "path"), *hunk = json_object_get(comment, "diff_hunk");

	if (id < 0 || number < 0)
		return false;
	event_start(m, e, "review.comment");
	numbered_id(m, e, "review-comment/", id, "");
	e->event_type = "conversation";
	e->code_event_type = "code_review";
	event_set_time(e, comment, "created_at");
	e->revision = event_revision(comment, "updated_at");
	e->actor = event_login(json_object_get(comment, "user"));
	e->url = event_str(comment, "html_url");
	e->git_commit = event_str(comment, "original_commit_id");
	if (event_add_text(&m->path, path)) {
		m->path.len = text_clip(m->path.data, m->path.len, PATH_MAX_BYTES);
		e->file_path = buf_cstr(&m->path);
	}
	if (json_string_length(hunk))
		e->diff = (struct event_text){json_string_value(hunk), json_string_length(hunk)};
	event_set_body(m, e, json_object_get(comment, "body"), "(empty comment)");
	event_set_number(m, e, number);
	event_copy(m, comment, "pull_request_review_id");
	event_copy(m, comment, "in_reply_to_id");
	event_copy(m, comment, "original_line");
	event_copy(m, comment, "side");
	event_copy(m, comment, "subject_type");
	event_copy(m, comment, "author_association");
	return event_done(m, e);
}
