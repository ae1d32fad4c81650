/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/known.c cmd/athena-src-slack/event-text.c cmd/athena-src-slack/event-parts.c cmd/athena-src-slack/event.c cmd/athena-src-slack/blocks.c cmd/athena-src-slack/mrkdwn.c cmd/athena-src-slack/names.c cmd/athena-src-slack/ts.c */
/* What is remembered of a message, and what of it counts as a change. */
#include "known.h"

#include <string.h>

#include "log.h"
#include "tap.h"

static const struct slack_maker maker = {.reactions = true};

static json_t *parse(const char *text)
{
	return json_loads(text, 0, NULL);
}

static bool hashes_alike(const char *a, const char *b)
{
	char x[KNOWN_HASH + 1], y[KNOWN_HASH + 1];
	json_t *one = parse(a), *two = parse(b);

	known_hash(one, x);
	known_hash(two, y);
	json_decref(one);
	json_decref(two);
	return !strcmp(x, y);
}

static void test_hash(void)
{
	ok(hashes_alike("{\"text\":\"a\",\"ts\":\"1.000001\"}",
			"{\"ts\":\"1.000001\",\"text\":\"a\",\"reply_count\":3,\"latest_reply\":\"2.000001\","
			"\"reactions\":[{\"name\":\"x\",\"users\":[\"U1\"]}],\"thread_ts\":\"1.000001\"}"),
	   "replies and reactions are no other text");
	ok(!hashes_alike("{\"text\":\"a\"}", "{\"text\":\"b\"}"), "another text is");
	ok(!hashes_alike("{\"text\":\"a\"}", "{\"text\":\"a\",\"edited\":{\"ts\":\"1.0\"}}"), "an edit is");
	ok(hashes_alike("{\"text\":\"a\"}", "{\"text\":\"a\",\"attachments\":[{\"text\":\"b\"}]}"),
	   "a preview is not");
	ok(hashes_alike("{\"text\":\"a\",\"bot_id\":\"B1\"}",
			"{\"text\":\"a\",\"bot_id\":\"B1\",\"attachments\":[{\"text\":\"b\",\"from_url\":"
			"\"x\"}]}"),
	   "nor that of a bot's link");
	ok(!hashes_alike("{\"text\":\"a\",\"bot_id\":\"B1\"}",
			 "{\"text\":\"a\",\"bot_id\":\"B1\",\"attachments\":[{\"text\":\"b\"}]}"),
	   "but what it attached itself is");
	ok(!hashes_alike("{\"text\":\" \"}", "{\"text\":\" \",\"attachments\":[{\"text\":\"b\"}]}"),
	   "and what stands where there is no text");
	ok(hashes_alike("{\"files\":[{\"id\":\"F1\",\"url_private\":\"x\"}]}",
			"{\"files\":[{\"id\":\"F1\"}]}"),
	   "an address of a file is not");
	ok(!hashes_alike("{\"files\":[{\"id\":\"F1\"}]}", "{\"files\":[{\"id\":\"F2\"}]}"),
	   "another file is");
}

static void test_revision(void)
{
	is_int(known_revision(17, EVENT_NONE), 17, "the time of the edit");
	is_int(known_revision(17, 16), 17, "a later one");
	is_int(known_revision(17, 17), 18, "a microsecond more under the same edit");
	is_int(known_revision(17, 18), 19, "and one more");
	is_int(known_revision(EVENT_NONE, EVENT_NONE), 1, "or under none");
	is_int(known_revision(EVENT_NONE, 18), 19, "an edit whose time is gone");
}

static void test_entry(void)
{
	json_t *m = parse(
		"{\"reactions\":[{\"name\":\"x\",\"count\":2,\"users\":[\"U1\",\"U2\"]},{\"name\":\"y z\","
		"\"users\":[\"U3\"]}]}");
	json_t *e = known_make(&maker, m, "01234567", 17), *plain;
	struct slack_reaction r = {0};
	size_t kind = 0, giver = 0, n = 0;
	int64_t revision;

	ok(known_is_sound(e), "an entry");
	ok(known_is_same(e, "01234567", &revision) && revision == 17, "has its text and its revision");
	ok(!known_is_same(e, "11234567", &revision), "and no other");
	ok(known_has_reaction(e, "x", "U2") && !known_has_reaction(e, "x", "U3") &&
		   !known_has_reaction(e, "q", "U1"),
	   "has who reacted");
	while (known_next_reaction(e, &kind, &giver, &r))
		n++;
	is_int((int64_t)n, 2, "a name that a cursor cannot hold is left out");
	ok(known_is_shown(m, "x", "U1") && !known_is_shown(m, "x", "U9") && !known_is_shown(m, "w", "U1"),
	   "shown");
	json_decref(e);
	json_decref(m);
	m = parse("{\"reactions\":[{\"name\":\"x\",\"count\":9,\"users\":[\"U1\"]}]}");
	ok(known_is_shown(m, "x", "U5"), "of a list that is cut short nobody can tell");
	plain = known_make(&(const struct slack_maker){0}, m, "01234567", EVENT_NONE);
	is_str(json_string_value(plain), "01234567", "without reactions it is a word");
	ok(known_is_same(plain, "01234567", &revision) && revision == EVENT_NONE, "without a revision");
	json_decref(plain);
	json_decref(m);
}

static void test_bound(void)
{
	json_t *users = json_array(), *m, *e;
	struct slack_reaction r = {0};
	size_t kind = 0, giver = 0, n = 0;

	for (int i = 0; i < KNOWN_REACTIONS + 100; i++)
		json_array_append_new(users, json_sprintf("U%d", i));
	m = json_pack("{s:[{s:s,s:o}]}", "reactions", "name", "x", "users", users);
	e = known_make(&maker, m, "01234567", EVENT_NONE);
	while (known_next_reaction(e, &kind, &giver, &r))
		n++;
	is_int((int64_t)n, KNOWN_REACTIONS, "more reactions than are remembered");
	json_decref(e);
	json_decref(m);
}

static void test_unsound(void)
{
	static const char *const bad[] = {
		"1",      "{}",  "[]", "[\"a\"]", "[\"a\",[]]", "[\"a\",{\"x\":1}]", "[\"a\",{\"x\":[1]}]",
		"[1,{}]", "null"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *e = json_loads(bad[i], JSON_DECODE_ANY, NULL);

		ok(!known_is_sound(e), "%s", bad[i]);
		json_decref(e);
	}
}

int main(void)
{
	log_init("slack-known");
	test_hash();
	test_revision();
	test_entry();
	test_bound();
	test_unsound();
	return tap_done();
}
