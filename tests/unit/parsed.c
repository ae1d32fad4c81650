/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-store/parsed.c cmd/athena-store/row.c */
#include "parsed.h"

#include <errno.h>

#include "tap.h"
#include "xalloc.h"

#define EVENT(id, more)                                                                                      \
	"{\"id\":\"" id "\",\"source_id\":\"s\",\"source_type\":\"t\",\"kind\":\"k\","                       \
	"\"timestamp\":\"2024-05-01T12:00:00Z\",\"event_type\":\"action\",\"content\":\"c\"" more "}"

static struct parser parser = PARSER;
static struct lines in = {.error = EISDIR};

static const struct parsed_line *add(struct parsed *b, enum lines_result what, const char *text)
{
	in.number++;
	parsed_add(b, &parser, &in, what, text, text ? strlen(text) : 0);
	return &b->lines[b->n - 1];
}

static void is_text(const struct row_value *v, const char *want, const char *what)
{
	ok(v->type == ROW_TEXT, "%s is text", what);
	is_bytes(v->text, v->n, want, strlen(want), "... and its bytes");
}

static void test_event(void)
{
	struct parsed b = {0};
	char line[] =
		EVENT("a\\u00e9", ",\"revision\":7,\"actor\":null,\"x\\n\":[1, 2],\"metadata\":{\"a\": 1}");
	const struct parsed_line *l = add(&b, LINES_LINE, line);

	memset(line, '-', strlen(line));
	is_int(l->verdict, PARSED_EVENT, "an event");
	is_int(l->number, in.number, "it has its number");
	is_text(&l->row.values[EVENT_ID], "a\xc3\xa9", "a value with escapes");
	is_text(&l->row.values[EVENT_CONTENT], "c", "one without, though the caller's line is gone,");
	is_text(&l->row.values[EVENT_METADATA], "{\"a\": 1}", "an object as it came");
	is_text(&l->row.values[ROW_EXTRA], "{\"actor\":null,\"x\\n\":[1, 2]}",
		"what has no column, or is null,");
	is_int(l->row.values[EVENT_ACTOR].type, ROW_ABSENT, "which is absent else");
	is_int(l->row.values[EVENT_REVISION].integer, 7, "an integer");
	is_int(l->row.revision, 7, "the revision");
	is_int(add(&b, LINES_LINE, EVENT("b", ""))->row.revision, 0, "none is 0");
	is_int(b.lines[1].row.values[ROW_EXTRA].type, ROW_ABSENT, "and nothing is left of the line before");
	is_text(&b.lines[0].row.values[EVENT_ID], "a\xc3\xa9", "which is as it was:");
	ok(!b.urgent, "events may wait");
	parsed_release(&b);
}

static void test_verdicts(void)
{
	struct parsed b = {0};
	const struct parsed_line *l = add(&b, LINES_LINE, "{\"id\":\"a\",\"source_id\":\"s\\/1\"}");

	is_int(l->verdict, PARSED_INVALID, "no event");
	is_str(l->why, "no source_type", "why");
	is_text(&l->row.values[EVENT_SOURCE_ID], "s/1", "its source");
	l = add(&b, LINES_LINE, "{\"source_id\":7}");
	is_int(l->row.values[EVENT_SOURCE_ID].type, ROW_ABSENT, "it may have none");
	is_int(add(&b, LINES_LINE, " \t\r")->verdict, PARSED_BLANK, "a blank line");
	l = add(&b, LINES_LINE, "{\"a\":1,}");
	is_int(l->verdict, PARSED_DAMAGE, "damage");
	is_int((int64_t)l->at, 7, "where");
	is_int(add(&b, LINES_LINE, "[]")->verdict, PARSED_REFUSED, "JSON of another kind");
	ok(!b.urgent, "none of them is in haste");
	is_int(add(&b, LINES_LINE, "{\"athena\":\"x\"}")->verdict, PARSED_CONTROL, "a control record");
	ok(b.urgent, "is");
	parsed_empty(&b);
	ok(!b.urgent && !b.n, "an empty block is not");
	is_int(add(&b, LINES_LONG, "xxx")->verdict, PARSED_LONG, "a line over the maximum");
	is_bytes(b.lines[0].text, b.lines[0].n, "xxx", 3, "its first bytes");
	ok(b.urgent, "nothing waits behind it");
	is_int(add(&b, LINES_TORN, "xx")->verdict, PARSED_TORN, "the input ends within a line");
	l = add(&b, LINES_ERROR, NULL);
	is_int(l->verdict, PARSED_ERROR, "it cannot be read");
	is_int((int64_t)l->at, EISDIR, "for that reason");
	parsed_add(&b, &parser, &in, LINES_IDLE, NULL, 0);
	parsed_add(&b, &parser, &in, LINES_END, NULL, 0);
	is_int((int64_t)b.n, 3, "nothing is no line");
	parsed_release(&b);
}

/* An event line of n bytes, most of which are escapes: unescaped it has half as many. */
static char *of_size(size_t n)
{
	static const char head[] =
		"{\"id\":\"a\",\"source_id\":\"s\",\"source_type\":\"t\",\"kind\":\"k\","
		"\"timestamp\":\"2024-05-01T12:00:00Z\",\"event_type\":\"action\",\"content\":\"";
	char *line = xmalloc(n + 1);
	size_t used = sizeof(head) - 1;

	memcpy(line, head, used);
	for (; used + 4 <= n; used += 2)
		memcpy(line + used, "\\t", 2);
	memset(line + used, 'x', n - used);
	memcpy(line + n - 2, "\"}", 3);
	return line;
}

static void test_room(void)
{
	struct parsed b = {0};
	char *line = of_size(10000), *large = of_size(PARSED_BYTES);
	size_t n = 0;

	for (; parsed_has_room(&b, 10000) || !n; n++)
		if (add(&b, LINES_LINE, line)->verdict != PARSED_EVENT)
			break;
	ok(n >= PARSED_BYTES / 20000 && b.used <= PARSED_BYTES, "%zu lines of 10,000 bytes fit", n);
	ok(b.lines[0].row.values[EVENT_CONTENT].text[1] == '\t' &&
		   b.lines[n - 1].row.values[EVENT_CONTENT].text[1] == '\t',
	   "with what was unescaped of them");
	parsed_empty(&b);
	for (n = 0; parsed_has_room(&b, 1); n++)
		add(&b, LINES_LINE, "x");
	is_int((int64_t)n, PARSED_LINES, "so many lines fit, however short");
	parsed_empty(&b);
	ok(!parsed_has_room(&b, PARSED_BYTES), "a large line does not");
	is_int(add(&b, LINES_LINE, large)->verdict, PARSED_EVENT, "it is taken all the same");
	ok(b.lines[0].text == large, "but not copied");
	is_int(b.lines[0].row.values[EVENT_CONTENT].text[1], '\t', "what was unescaped has its own place");
	ok(b.urgent && !parsed_has_room(&b, 0), "nothing fits beside it, and it is in haste");
	parsed_empty(&b);
	ok(!b.large && parsed_has_room(&b, 0), "then its place is given back");
	parsed_release(&b);
	free(line);
	free(large);
}

int main(void)
{
	test_event();
	test_verdicts();
	test_room();
	parser_release(&parser);
	return tap_done();
}
