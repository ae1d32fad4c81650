/* SPDX-License-Identifier: ISC */
#include "event.h"

#include "sha256.h"
#include "stamp.h"
#include "tap.h"
#include "xalloc.h"

static struct buf out, line;
static struct jsonscan scan = EVENT_SCAN;
static struct event_fields fields;

static struct event minimal(void)
{
	struct event e = EVENT_INIT;

	e.id = "commit/1";
	e.source_id = "git:x";
	e.source_type = "git";
	e.kind = "commit";
	e.event_type = "action";
	e.timestamp = 0;
	e.content = (struct event_text){"text", 4};
	return e;
}

/* The line of an event, which must be one that the store takes. */
static const char *line_of(const struct event *e)
{
	const char *why = "too long";

	buf_reset(&out);
	if (!event_line(&out, e) || jsonscan_line(&scan, out.data, out.len - 1) != JSONSCAN_OK ||
	    !event_check(&scan, &fields, &why)) {
		ok(false, "a line that the store takes: %s", scan.why ? scan.why : why);
		return "";
	}
	return buf_cstr(&out);
}

static void test_line(void)
{
	struct event e = minimal();
	static const char *const cut[] = {"files", NULL};

	is_str(line_of(&e),
	       "{\"id\":\"commit/1\",\"source_id\":\"git:x\",\"source_type\":\"git\",\"kind\":\"commit\","
	       "\"timestamp\":\"1970-01-01T00:00:00Z\",\"event_type\":\"action\",\"content\":\"text\"}\n",
	       "the seven required members");
	e.revision = 5;
	e.lines_added = 0;
	e.actor = "Ann";
	e.context = (struct event_text){"\"branch\":\"main\"", 15};
	e.metadata = (struct event_text){"\"a\":1", 5};
	e.truncated = cut;
	ok(strstr(line_of(&e),
		  "\"actor\":\"Ann\",\"revision\":5,\"lines_added\":0,\"context\":{\"branch\":\"main\"},"
		  "\"metadata\":{\"a\":1,\"truncated\":[\"files\"]}}\n"),
	   "optional members in the order of athena-events(5), what was cut is named");
	e = minimal();
	e.timestamp = STAMP_MAX + 1;
	e.timestamp_raw = "99999999999 +0000";
	ok(strstr(line_of(&e), "\"timestamp\":\"1970-01-01T00:00:00Z\"") &&
		   strstr(buf_cstr(&out), "\"metadata\":{\"timestamp_raw\":\"99999999999 +0000\"}"),
	   "a time out of range is 1970, and its text is kept");
}

static void test_limits(void)
{
	struct event e = minimal();
	char *text = xmalloc(1 << 20), id[1001], hash[SHA256_HEX], *want;

	memset(text, 'x', 1 << 20);
	e.content = (struct event_text){text, EVENT_TEXT_MAX};
	ok(!strstr(line_of(&e), "truncated"), "content of 256 KiB is whole");
	e.content.len++;
	ok(strstr(line_of(&e), "\"metadata\":{\"truncated\":[\"content\"]}"),
	   "one byte more is cut, and said");
	memset(text, 1, 1 << 20);
	e.content.len = e.diff.len = 1 << 20;
	e.diff.data = text;
	ok(strstr(line_of(&e), "\"truncated\":[\"content\",\"diff\"]") && out.len <= EVENT_LINE_MAX,
	   "escapes lengthen: the line stays below 1 MiB");
	memset(text, 0x80, 1 << 20);
	ok(strstr(line_of(&e), "\"truncated\":[\"content\",\"diff\"]") && out.len <= EVENT_LINE_MAX,
	   "and so does what is no UTF-8");
	e = minimal();
	memset(text, ' ', 1 << 20);
	e.metadata = (struct event_text){text, EVENT_LINE_MAX};
	buf_reset(&out);
	buf_adds(&out, "before");
	ok(!event_line(&out, &e) && out.len == 6, "a line that cannot be cut is refused, and leaves nothing");
	e = minimal();
	memset(id, 'i', 1000);
	id[1000] = '\0';
	e.id = id;
	sha256_hex(id, 1000, hash);
	want = xasprintf("\"id\":\"%.447s~%s\"", id, hash);
	ok(strstr(line_of(&e), want),
	   "an id over 512 bytes keeps its beginning, and gets the hash of the whole");
	free(want);
	free(text);
}

/* The check of a line made of `members` and the required ones but for `without`. */
static const char *check(const char *without, const char *members)
{
	static const char *const required[][2] = {
		{"id", "\"1\""},
		{"source_id", "\"s\""},
		{"source_type", "\"t\""},
		{"kind", "\"k\""},
		{"timestamp", "\"2026-01-01T00:00:00Z\""},
		{"event_type", "\"action\""},
		{"content", "\"c\""},
	};
	const char *why = "accepted";

	buf_reset(&line);
	buf_addf(&line, "{\"x\":1%s%s", *members ? "," : "", members);
	for (size_t i = 0; i < 7; i++)
		if (strcmp(required[i][0], without))
			buf_addf(&line, ",\"%s\":%s", required[i][0], required[i][1]);
	buf_addc(&line, '}');
	if (jsonscan_line(&scan, line.data, line.len) != JSONSCAN_OK)
		return scan.why;
	return event_check(&scan, &fields, &why) ? "accepted" : why;
}

/* `start` and then the rest of an id. */
static void check_id(const char *start, const char *rest, const char *want, const char *what)
{
	char *member = xasprintf("%s%s", start, rest);

	is_str(check("id", member), want, "%s", what);
	free(member);
}

static void test_check(void)
{
	struct buf id = {0};

	is_str(check("", ""), "accepted", "the required members and one unknown");
	is_int((int64_t)fields.unknown, 1, "which is found");
	for (int c = 0; c < EVENT_COLUMNS; c++) {
		const char *name = event_column_names[c];
		bool integer = event_column_is_integer((enum event_column)c);
		bool object = c == EVENT_CONTEXT || c == EVENT_METADATA;
		char *members = xasprintf("\"%s\":%s", name, integer ? "\"1\"" : "[]"), *want;

		want = xasprintf("%s is no %s", name, integer ? "integer" : object ? "object" : "string");
		is_str(check(name, members), want, "%s", want);
		free(want);
		free(members);
		members = xasprintf("\"%s\":null", name);
		want = xasprintf("no %s", name);
		is_str(check(name, members), c <= EVENT_CONTENT ? want : "accepted",
		       "a null %s is an absent one", name);
		free(want);
		free(members);
	}
	is_str(check("content", "\"content\":\"\""), "an empty required member", "empty content");
	is_str(check("event_type", "\"event_type\":\"acting\""), "event_type is none of the 15 words",
	       "another event_type");
	is_str(check("", "\"outcome\":\"done\""), "outcome is none of the 6 words", "another outcome");
	is_str(check("", "\"outcome\":\"partial\""), "accepted", "a known one");
	is_str(check("", "\"revision\":1.0"), "revision is no integer", "a fraction");
	is_str(check("", "\"revision\":1e3"), "revision is no integer", "an exponent");
	is_str(check("", "\"revision\":-12"), "accepted", "an integer");
	is_int(fields.integer[EVENT_REVISION], -12, "by its value");
	is_str(check("", "\"\\u0061ctor\":\"Ann\""), "accepted", "a name with an escape");
	is_int(fields.column[EVENT_ACTOR] != NULL, 1, "is known all the same");
	for (int i = 0; i < 512; i++)
		buf_addc(&id, 'i');
	buf_adds(&id, "\"");
	buf_addc(&id, '\0');
	check_id("\"id\":\"", id.data, "accepted", "an id of 512 bytes");
	check_id("\"id\":\"i", id.data, "id is longer than 512 bytes", "one of 513");
	check_id("\"id\":\"\\u0069", id.data + 1, "accepted", "512 after unescaping");
	buf_release(&id);
	is_str(check("kind", "\"athena\":\"x\",\"revision\":\"no\""), "accepted",
	       "a control record has no such rules");
	is_int(fields.control != NULL, 1, "and is told");
}

static void test_timestamps(void)
{
	static const char *const bad[] = {"2026-01-01",
					  "2026-01-01T00:00:00",
					  "2026-01-01T00:00:00+00:00",
					  "2026-01-01t00:00:00Z",
					  "2026-01-01 00:00:00Z",
					  "2026-01-01T00:00:00.Z",
					  "2026-01-01T00:00:00.10Z",
					  "2026-01-01T00:00:00.1234567Z",
					  "2026-02-30T00:00:00Z",
					  "0000-01-01T00:00:00Z",
					  "2026-01-01T00:00:60Z",
					  "2026-01-01T24:00:00Z"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *member = xasprintf("\"timestamp\":\"%s\"", bad[i]);

		ok(!strncmp(check("timestamp", member), "timestamp is not", 16), "no timestamp: %s", bad[i]);
		free(member);
	}
	is_str(check("timestamp", "\"timestamp\":\"9999-12-31T23:59:59.999999Z\""), "accepted",
	       "the last one");
}

int main(void)
{
	test_line();
	test_limits();
	test_check();
	test_timestamps();
	buf_release(&out);
	buf_release(&line);
	jsonscan_release(&scan);
	event_fields_release(&fields);
	return tap_done();
}
