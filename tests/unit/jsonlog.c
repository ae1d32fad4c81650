/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
#include "parse.h"

#include "record-text.h"
#include "tap.h"

#define T "{\"time\":\"2026-11-24T03:04:02Z\","
#define M T "\"message\":\"m\""

static struct parser *parser;
static struct parse_state state;

static void use(const char *const *fields, size_t n)
{
	parser_free(parser);
	ok(parser_new(&parser, "json", fields, n) == 0, "a parser with %zu fields", n);
}

static void becomes(const char *line, const char *want)
{
	is_str(record_text(parser, &state, line, strlen(line)), want, "%.70s", line);
}

static void rejected(const char *line, const char *why)
{
	char want[256];

	snprintf(want, sizeof(want), "{\"reject\":\"%s\"}", why);
	becomes(line, want);
}

static void test_grammar(void)
{
	rejected("{", "JSON with a member without a name");
	rejected("{}", "no time in the line");
	rejected("[]", "no JSON object");
	rejected("{\"a\"}", "JSON with a member without a colon");
	rejected("{\"a\":", "JSON with a member without a value");
	rejected("{\"a\":1", "JSON with an unfinished object or array");
	rejected("{\"a\":[1", "JSON with an unfinished object or array");
	rejected("{\"a\":[", "JSON with an unfinished object or array");
	rejected("{\"a\":[1,]}", "JSON with an unknown word");
	rejected("{\"a\":1,}", "JSON with a member without a name");
	rejected("{\"a\":1]", "JSON with neither a comma nor a closing bracket");
	rejected("{\"a\":1 \"b\":2}", "JSON with neither a comma nor a closing bracket");
	rejected("{'a':1}", "JSON with a member without a name");
	rejected("{\"a\":01}", "JSON with neither a comma nor a closing bracket");
	rejected("{\"a\":+1}", "JSON with an unknown word");
	rejected("{\"a\":.5}", "JSON with an unknown word");
	rejected("{\"a\":-}", "JSON with an unknown word");
	rejected("{\"a\":1.}", "JSON with a fraction without digits");
	rejected("{\"a\":1e}", "JSON with an exponent without digits");
	rejected("{\"a\":NaN}", "JSON with an unknown word");
	rejected("{\"a\":nul}", "JSON with an unknown word");
	rejected("{\"a\":\"x}", "JSON with an unfinished string");
	rejected("{\"a\":\"x\\", "JSON with an unfinished string");
	rejected("{\"a\":\"\\x41\"}", "JSON with an unknown escape");
	rejected("{\"a\":\"\\u12g4\"}", "JSON with \\\\u and no four hexadecimal digits");
	rejected("{\"a\":\"\t\"}", "JSON with a control character in a string");
	rejected("{\"status\":200,\"time\":1795489442}}", "JSON with something behind its end");
	rejected("{\"error\":{\"message\":\"\t\"}}", "JSON with a control character in a string");
}

static void test_depth(void)
{
	char line[512], *p;

	for (int depth = 62; depth <= 65; depth++) { /* with the object itself one more */
		p = line + sprintf(line, "{\"time\":1795489442,\"msg\":\"m\",\"a\":");
		memset(p, '[', (size_t)depth);
		memset(p + depth, ']', (size_t)depth);
		memcpy(p + 2 * depth, "}", 2);
		ok((strstr(record_text(parser, &state, line, strlen(line)), "nested too deeply") != NULL) ==
			   (depth > 63),
		   "%d arrays", depth);
	}
}

/* What JSON allows and I-JSON does not. */
static void test_repair(void)
{
	becomes("{\"ts\":1795489442,\"msg\":\"a\\u0000b\\ud800\"}", T "\"message\":\"a\xef\xbf\xbd"
								      "b\xef\xbf\xbd\"}");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"n\":-9007199254740993,\"f\":9007199254740992.5,\"e\":"
		"1E2}",
		M ",\"extra\":{\"n\":\"-9007199254740993\",\"f\":\"9007199254740992.5\",\"e\":\"1E2\"}}");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"a\":1,\"\\u0061\":2,\"o\":{\"\xff\":1,\"\xfe\":2}}",
		M ",\"extra\":{\"a\":1,\"o\":{\"\xef\xbf\xbd\":1}}}");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"msg\":\"n\",\"ts\":1}", M "}");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"a\\\"\\n\":\"\\\"\"}",
		M ",\"extra\":{\"a\\\"\\n\":\"\\\"\"}}");
}

/* Members come and go and change places; what an earlier line taught does not matter. */
static void test_order(void)
{
	for (int round = 0; round < 2; round++) {
		becomes("{\"ts\":1795489442,\"msg\":\"m\",\"a\":1,\"b\":{\"c\":1,\"d\":2}}",
			M ",\"extra\":{\"a\":1,\"b\":{\"c\":1,\"d\":2}}}");
		becomes("{\"b\":{\"d\":2,\"c\":1},\"a\":1,\"msg\":\"m\",\"ts\":1795489442}",
			M ",\"extra\":{\"b\":{\"d\":2,\"c\":1},\"a\":1}}");
		becomes("{\"ts\":1795489442,\"b\":{\"d\":2},\"new\":0,\"msg\":\"m\",\"d\":3}",
			M ",\"extra\":{\"b\":{\"d\":2},\"new\":0,\"d\":3}}");
		becomes("{\"ts\":1795489442,\"msg\":\"m\",\"a\":[{\"c\":1,\"c\":2},{\"c\":3}]}",
			M ",\"extra\":{\"a\":[{\"c\":1},{\"c\":3}]}}");
	}
}

static void test_places(void)
{
	/* the better name wins wherever it stands, the other is kept by its path */
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"meta\":{\"user\":\"b\"},\"user\":\"a\"}",
		T "\"user\":\"a\",\"message\":\"m\",\"extra\":{\"meta.user\":\"b\"}}");
	becomes("{\"ts\":1795489442,\"status\":\"ok\",\"statusCode\":404,\"msg\":\"m\"}",
		T "\"status\":404,\"message\":\"m\",\"extra\":{\"status_raw\":\"ok\"}}");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"status\":99,\"size\":-1,\"duration\":3}",
		M ",\"extra\":{\"status_raw\":99,\"duration\":3,\"size\":-1}}");
	becomes("{\"time\":\"soon\",\"timestamp\":1795489442,\"msg\":\"m\"}",
		M ",\"extra\":{\"time\":\"soon\"}}");
	becomes("{\"ts\":1795489442,\"user\":null,\"remote_addr\":\"-\",\"agent\":\"\",\"msg\":\"m\"}",
		M "}");
	rejected("{\"ts\":1795489442,\"level\":\"info\"}", "neither a request nor a message in the line");
	rejected("{\"ts\":\"2026-11-24 03:04:02\",\"msg\":\"m\"}", "the time cannot be read, or has no zone");
}

/* Whose durations are of which unit. */
static void test_dialects(void)
{
	becomes("{\"ts\":1795489442,\"status\":200,\"duration\":0.5,\"resp_headers\":{}}",
		T "\"status\":200,\"duration_us\":500000,\"extra\":{\"resp_headers\":{}}}");
	becomes("{\"ts\":1795489442,\"status\":200,\"duration\":5,\"response_flags\":\"-\"}",
		T "\"status\":200,\"duration_us\":5000,\"extra\":{\"response_flags\":\"-\"}}");
	becomes("{\"ts\":1795489442,\"DownstreamStatus\":200,\"Duration\":5000}",
		T "\"status\":200,\"duration_us\":5}");
	becomes("{\"ts\":1795489442,\"DownstreamStatus\":200,\"Duration\":5000,\"response_flags\":\"-\"}",
		T "\"status\":200,\"extra\":{\"response_flags\":\"-\",\"Duration\":5000}}");
}

static void test_fields(void)
{
	static const char *const fields[] = {"message=a.b", "duration_us=d", "request_id=r", "url=u"};
	static const char *const unknown[] = {"colour=a"}, *const no_path[] = {"time"};
	struct parser *p;

	use(fields, 4);
	becomes("{\"ts\":1795489442,\"msg\":\"n\",\"a\":{\"b\":\"m\",\"c\":1},\"d\":7,\"u\":\"https://h/"
		"p?q\"}",
		T "\"scheme\":\"https\",\"path\":\"/"
		  "p\",\"query\":\"q\",\"duration_us\":7,\"host\":\"h\",\"message\":\"m\","
		  "\"extra\":{\"a\":{\"c\":1},\"msg\":\"n\"}}");
	becomes("{\"ts\":1795489442,\"a.b\":\"m\",\"d\":\"x\"}", M ",\"extra\":{\"d\":\"x\"}}");
	ok(parser_new(&p, "json", unknown, 1) == 64, "an unknown field");
	ok(parser_new(&p, "json", no_path, 1) == 64, "a field without a path");
	ok(parser_new(&p, "xml", NULL, 0) == 64, "an unknown format");
}

static void test_bounds(void)
{
	struct buf line = {0};
	const char *text;

	buf_adds(&line, "{\"ts\":1795489442,\"msg\":\"m\",\"big\":\"");
	for (int i = 0; i < RECORD_EXTRA_MAX; i++)
		buf_addc(&line, 'x');
	buf_adds(&line, "\",\"small\":1}");
	text = record_text(parser, &state, line.data, line.len);
	is_str(text, M ",\"extra\":{\"small\":1},\"over\":\"true\"}",
	       "what does not fit is left out, and that is said");
	buf_reset(&line);
	buf_adds(&line, "{\"ts\":1795489442,\"msg\":\"m\"");
	for (int i = 0; i < 70000; i++)
		buf_addf(&line, ",\"k%d\":%d", i, i);
	buf_adds(&line, "}");
	text = record_text(parser, &state, line.data, line.len);
	is_str(text, "{\"reject\":\"JSON with too many different names\"}", "70,000 names");
	becomes("{\"ts\":1795489442,\"msg\":\"m\",\"k1\":1}", M ",\"extra\":{\"k1\":1}}");
	for (int i = 0; i < 20000; i++) {
		char one[128];

		snprintf(one, sizeof(one),
			 "{\"ts\":1795489442,\"msg\":\"m\",\"%d\":1,\"o\":{\"%d\":1,\"%d\":2}}", i, i, i);
		text = record_text(parser, &state, one, strlen(one));
		if (strncmp(text, M, sizeof(M) - 1) != 0 || !strstr(text, ":1}}}"))
			ok(false, "%s", text);
	}
	buf_release(&line);
}

int main(void)
{
	use(NULL, 0);
	test_grammar();
	test_depth();
	test_repair();
	test_order();
	test_places();
	test_dialects();
	test_bounds();
	test_fields();
	parser_free(parser);
	return tap_done();
}
