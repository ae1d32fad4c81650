/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/event.c cmd/athena-src-github/event-text.c cmd/athena-src-github/event-code.c cmd/athena-src-github/event-talk.c */
/* Whatever JSON an API answers: what becomes an event is a line that the store takes. */
#include <stdint.h>
#include <stdlib.h>

#include "../refusal.h"
#include "github-event.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(bool made, struct event *e)
{
	struct buf line = {0};

	if (!made)
		return;
	e->source_id = e->source_type = "github";
	if (!event_line(&line, e) || refusal(&line))
		abort();
	buf_release(&line);
}

static void every_event(struct event_maker *m, json_t *o)
{
	enum thread thread;
	struct event e;

	check(event_issue(m, &e, o), &e);
	check(event_pull(m, &e, o), &e);
	check(event_pull_deleted(m, &e, o), &e);
	check(event_issue_event(m, &e, o, &thread), &e);
	check(event_comment(m, &e, o, &thread), &e);
	check(event_review(m, &e, o, o), &e);
	check(event_review_comment(m, &e, o), &e);
	check(event_commit(m, &e, o, "main"), &e);
	check(event_push(m, &e, o), &e);
	check(event_release(m, &e, o), &e);
	check(event_renamed(m, &e, o, "a/b", "c/d"), &e);
	check(event_rewritten(m, &e, o, "main", "0123456"), &e);
	check(event_discussion(m, &e, o), &e);
	check(event_discussion_answered(m, &e, o), &e);
	check(event_discussion_comment(m, &e, o, o, o), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *o = json_loadb((const char *)bytes, size, JSON_ALLOW_NUL, NULL);
	struct event_maker m;

	if (!o)
		return 0;
	event_maker_init(&m, "o/r");
	every_event(&m, o);
	event_maker_release(&m);
	json_decref(o);
	return 0;
}
