/* SPDX-License-Identifier: ISC */
#include "github-event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jsonout.h"

static void set_session(struct event_maker *m, struct event *e, int64_t number)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};

	buf_addf(&m->session, "github:%s/discussions/%" PRId64, m->repo, number);
	e->session_id = buf_cstr(&m->session);
	jsonout_member_int(&j, "number", number);
}

bool event_discussion(struct event_maker *m, struct event *e, json_t *d)
{
	int64_t number = event_int(d, "number");

	if (number < 0)
		return false;
	event_start(m, e, "discussion.created");
	buf_addf(&m->id, "discussion/%" PRId64, number);
	e->id = buf_cstr(&m->id);
	e->event_type = "conversation";
	event_set_time(e, d, "createdAt");
	e->revision = event_revision(d, "updatedAt");
	e->actor = event_login(json_object_get(d, "author"));
	e->url = event_str(d, "url");
	event_set_title(m, e, json_object_get(d, "title"), json_object_get(d, "body"));
	set_session(m, e, number);
	event_copy_inner(m, "category", d, "category", "name");
	event_copy(m, d, "closed");
	event_copy(m, d, "stateReason");
	event_copy(m, d, "isAnswered");
	return event_done(m, e);
}

bool event_discussion_answered(struct event_maker *m, struct event *e, json_t *d)
{
	json_t *answer = json_object_get(d, "answer");
	int64_t number = event_int(d, "number");

	if (number < 0 || !json_is_object(answer) || !event_str(d, "answerChosenAt"))
		return false;
	event_start(m, e, "discussion.answered");
	buf_addf(&m->id, "discussion/%" PRId64 "/answered", number);
	e->id = buf_cstr(&m->id);
	e->event_type = "learning";
	e->outcome = "success";
	event_set_time(e, d, "answerChosenAt");
	e->revision = event_revision(d, "answerChosenAt"); /* another answer may be chosen later */
	e->actor = event_login(json_object_get(answer, "author"));
	e->url = event_str(answer, "url");
	buf_addf(&m->content, "answered #%" PRId64 " ", number);
	event_set_title(m, e, json_object_get(d, "title"), json_object_get(answer, "body"));
	set_session(m, e, number);
	event_copy_inner(m, "answer", d, "answer", "id");
	return event_done(m, e);
}

bool event_discussion_comment(struct event_maker *m, struct event *e, json_t *comment, json_t *d,
			      json_t *parent)
{
	const char *id = event_str(comment, "id"), *deleted = event_str(comment, "deletedAt");
	int64_t number = event_int(d, "number");
	char words[64];

	if (number < 0 || !id || !*id)
		return false;
	event_start(m, e, deleted ? "discussion.comment.deleted" : "discussion.comment");
	event_set_id(m, e, "discussion-comment/", id);
	if (deleted) {
		buf_adds(&m->id, "/deleted");
		e->id = buf_cstr(&m->id);
	}
	e->event_type = deleted ? "observation" : "conversation";
	event_set_time(e, comment, deleted ? "deletedAt" : "createdAt");
	if (!deleted)
		e->revision = event_revision(comment, "updatedAt");
	e->actor = event_login(json_object_get(comment, "author"));
	e->url = event_str(comment, "url");
	snprintf(words, sizeof(words), "(%s comment) on #%" PRId64, deleted ? "deleted" : "empty", number);
	event_set_body(m, e, json_object_get(comment, "body"), words);
	set_session(m, e, number);
	event_copy(m, comment, "isAnswer");
	if (parent) {
		struct jsonout j = {.out = &m->metadata, .more = true};

		jsonout_member(&j, "reply_to", event_str(parent, "id"));
	}
	return event_done(m, e);
}
