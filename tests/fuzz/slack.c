/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/event.c cmd/athena-src-slack/event-parts.c cmd/athena-src-slack/event-text.c cmd/athena-src-slack/ts.c cmd/athena-src-slack/mrkdwn.c cmd/athena-src-slack/blocks.c cmd/athena-src-slack/names.c cmd/athena-src-slack/slim.c */
/*
 * Whatever JSON stands for a message: what becomes an event is a line that the store takes, and the same one where the JSON
 * was slimmed before.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../refusal.h"
#include "slack-event.h"
#include "slim.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct slack_place place = {.id = "C1", .name = "general"};

static void check(bool made, struct event *e)
{
	struct buf line = {0};

	if (!made)
		return;
	e->source_id = e->source_type = "slack";
	if (!event_line(&line, e) || refusal(&line))
		abort();
	buf_release(&line);
}

static void every_event(struct slack_maker *m, const json_t *o)
{
	struct slack_reaction r = {0};
	const json_t *file;
	const char *ts = json_string_value(json_object_get(o, "ts"));
	struct event e;

	slack_wanted(m, o);
	check(slack_message(m, &place, o, &e), &e);
	for (int n = 0; n < 50 && slack_next_reaction(m, o, &r); n++) {
		r.removed = n & 1;
		check(slack_reaction(m, &place, o, &r, n, &e), &e);
	}
	for (size_t at = 0; (file = slack_next_file(o, &at)) && at < 50;)
		check(slack_file(m, &place, o, file, &e), &e);
	if (ts)
		check(slack_deleted(m, &place, ts, slack_thread_ts(o), &e), &e);
	check(slack_renamed(m, &place, ts ? ts : "a", "b", 1, 1, &e), &e);
}

static void add_line(struct slack_maker *m, const json_t *o, struct buf *line)
{
	struct event e;

	if (!slack_message(m, &place, o, &e))
		return;
	e.source_id = e.source_type = "slack";
	event_line(line, &e);
}

static void check_slim(struct slack_maker *m, const uint8_t *bytes, size_t size)
{
	json_t *whole = json_loadb((const char *)bytes, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL),
	       *slim;
	char *text = malloc(size + 1);
	struct buf a = {0}, b = {0};
	size_t n;

	memcpy(text, bytes, size);
	n = slim_message(text, size, m->names);
	if (n > size)
		abort();
	if (whole) {
		slim = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
		if (!slim)
			abort();
		add_line(m, whole, &a);
		add_line(m, slim, &b);
		if (a.len != b.len || (a.len && memcmp(a.data, b.data, a.len) != 0))
			abort();
		json_decref(slim);
	}
	json_decref(whole);
	free(text);
	buf_release(&a);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *o = json_loadb((const char *)bytes, size, JSON_ALLOW_NUL, NULL);
	struct slack_names names = {0};
	struct slack_maker m = {
		.team = "T1", .base = "https://acme.slack.com", .names = &names, .reactions = true};

	if (!o)
		return 0;
	names_add_user(&names, o);
	names_add_channel(&names, o);
	names_add_user(&names, json_object_get(o, "user_profile"));
	every_event(&m, o);
	check_slim(&m, bytes, size);
	slack_maker_release(&m);
	names_release(&names);
	json_decref(o);
	return 0;
}
