/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
#include "parse.h"

#include "record-text.h"
#include "tap.h"

static struct parser *parser;
static struct parse_state state;

static void use(const char *format)
{
	parser_free(parser);
	state = (struct parse_state){0};
	ok(parser_new(&parser, format, NULL, 0) == 0, "format %s", format);
}

static void becomes(const char *line, const char *want)
{
	is_str(record_text(parser, &state, line, strlen(line)), want, "%.60s", line);
}

#define AT    "[10/Oct/2000:13:55:36 -0700]"
#define TIME  "{\"time\":\"2000-10-10T20:55:36Z\","
#define GET_P "\"method\":\"GET\",\"path\":\"/p\",\"protocol\":\"HTTP/1.1\",\"status\":200,"

static void test_common(void)
{
	use("auto");
	becomes("127.0.0.1 - frank " AT " \"GET /apache_pb.gif?a=1&b HTTP/1.0\" 200 2326",
		TIME "\"method\":\"GET\",\"path\":\"/apache_pb.gif\",\"query\":\"a=1&b\",\"protocol\":\"HTTP/"
		     "1.0\","
		     "\"status\":200,\"bytes\":2326,\"remote\":\"127.0.0.1\",\"user\":\"frank\"}");
	is_str(parser_format_name(parser, &state), "common", "told");
	becomes("h - John Doe " AT " \"GET /p HTTP/1.1\" 200 -",
		TIME GET_P "\"remote\":\"h\",\"user\":\"John Doe\"}");
	becomes("h ident bob " AT " \"GET /p HTTP/1.1\" 200 1", TIME GET_P
		"\"bytes\":1,\"remote\":\"h\",\"user\":\"bob\",\"extra\":{\"remote_ident\":\"ident\"}}");
	becomes("h ident John Doe " AT " \"GET /p HTTP/1.1\" 200 1",
		"{\"reject\":\"a user with a space in the name\"}");
	becomes("h - - " AT " \"\\x16\\x03\\x01\\x02\" 400 150",
		TIME "\"status\":400,\"bytes\":150,\"remote\":\"h\",\"extra\":{\"request\":"
		     "\"\\u0016\\u0003\\u0001\\u0002\"}}");
	becomes("h - - " AT " \"-\" 408 0", TIME "\"status\":408,\"bytes\":0,\"remote\":\"h\"}");
	becomes("h - - " AT " \"hello world\" 400 0",
		TIME "\"status\":400,\"bytes\":0,\"remote\":\"h\",\"extra\":{\"request\":\"hello world\"}}");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 042 0", "{\"reject\":\"the status is no number\"}");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 100 \"-\" \"-\" 300 159",
		"{\"reject\":\"the size is no number\"}");
	becomes("h - - " AT " \"\" 400 0", TIME "\"status\":400,\"bytes\":0,\"remote\":\"h\"}");
}

static void refused(const char *format)
{
	struct parser *p;

	ok(parser_new(&p, format, NULL, 0) == 64 && !p, "refused: %s", format);
}

static void test_compile(void)
{
	refused("$remote_addr $status");
	refused("$time_local$status");
	refused("$time_local $ $status");
	refused("$time_local ${status");
	refused("$time_local ${}");
}

/* Variables of which each shows where it ends, or begins. */
static void test_ends(void)
{
	use("$time_iso8601 $scheme://$host$request_uri|$upstream_addr|$upstream_status "
	    "$upstream_response_time $foo");
	becomes("2000-10-10T20:55:36+00:00 https://example.org/p?q|10.0.0.1:80, unix:/run/x : "
		"10.0.0.2:80|502, 200 : - 0.1, 0.2 : 0.3 a b",
		TIME
		"\"scheme\":\"https\",\"path\":\"/p\",\"query\":\"q\",\"host\":\"example.org\",\"extra\":{"
		"\"upstream_addr\":\"10.0.0.1:80, unix:/run/x : 10.0.0.2:80\",\"upstream_status\":\"502, 200 "
		": -\","
		"\"upstream_response_time\":\"0.1, 0.2 : 0.3\",\"foo\":\"a b\"}}");
	becomes("2000-10-10T20:55:36+00:00 https://example.org/p|-|- - -",
		TIME "\"scheme\":\"https\",\"path\":\"/p\",\"host\":\"example.org\"}");
	becomes("2000-10-10T20:55:36+00:00 https:example.org/p|-|- - -",
		"{\"reject\":\"the line does not match the format\"}");
	use("<$msec> $request_method $uri$is_args$args ${status}ms [$http_x_request_id]");
	becomes("<971211336.000> GET /p?q=1 200ms [r1]", TIME
		"\"method\":\"GET\",\"path\":\"/p\",\"query\":\"q=1\",\"status\":200,\"request_id\":\"r1\"}");
	becomes("<971211336.000> GET /p 200ms [-]",
		TIME "\"method\":\"GET\",\"path\":\"/p\",\"status\":200}");
	becomes("<971211336.000> GET /p 2000ms [-]", "{\"reject\":\"the status is no number\"}");
	becomes("<971211336.000> GET /p 200ms [-]x", "{\"reject\":\"the line does not match the format\"}");
	becomes("<971211336.000> GET /p 200ms [-", "{\"reject\":\"the line does not match the format\"}");
	becomes("971211336.000> GET /p 200ms [-]", "{\"reject\":\"the line does not match the format\"}");
	becomes("<> GET /p 200ms [-]", "{\"reject\":\"the time cannot be read\"}");
}

/* Several that mean one field: the best has it. */
static void test_shared(void)
{
	use("$time_local $msec $host $http_host $status $status \"$request\" $request_method $bytes_sent "
	    "$body_bytes_sent $cookie_sid");
	becomes("10/Oct/2000:13:55:36 -0700 971211336.250 a b 200 404 \"GET /p HTTP/1.1\" GET 300 100 s3cret",
		"{\"time\":\"2000-10-10T20:55:36.25Z\",\"method\":\"GET\",\"path\":\"/"
		"p\",\"protocol\":\"HTTP/1.1\",\"status\":200,"
		"\"bytes\":100,\"host\":\"b\",\"extra\":{\"time_local\":\"10/Oct/2000:13:55:36 "
		"-0700\",\"host_raw\":\"a\","
		"\"bytes_sent\":\"300\",\"cookie_sid\":\"s3cret\"}}");
}

static void test_json_shape(void)
{
	use("{\"at\":\"$time_iso8601\",\"verb\":\"$request_method\",\"u\":\"$request_uri\",\"s\":$status,"
	    "\"ua\":\"$http_user_agent\"}");
	becomes("{\"at\":\"2000-10-10T20:55:36+00:00\",\"verb\":\"GET\",\"u\":\"/"
		"p\\\"\",\"s\":200,\"ua\":\"caf\\u00e9\"}",
		TIME "\"method\":\"GET\",\"path\":\"/p\\\"\",\"status\":200,\"agent\":\"caf\xc3\xa9\"}");
}

/* A file whose format changes midway goes on, and the last good one is tried first. */
static void test_change(void)
{
	use("auto");
	is_str(parser_format_name(parser, &state), "none yet", "no line yet");
	becomes("nonsense", "{\"reject\":\"no format matches\"}");
	is_str(parser_format_name(parser, &state), "none yet", "a reject tells nothing");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 1", TIME GET_P "\"bytes\":1,\"remote\":\"h\"}");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 2x0 1", "{\"reject\":\"the status is no number\"}");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 1 \"-\" \"-\" 0.001",
		TIME "\"method\":\"GET\",\"path\":\"/p\",\"protocol\":\"HTTP/"
		     "1.1\",\"status\":200,\"duration_us\":1000,\"bytes\":1,\"remote\":\"h\"}");
	is_str(parser_format_name(parser, &state), "combined with request time", "told");
	becomes("{\"ts\":971211336,\"msg\":\"m\"}", TIME "\"message\":\"m\"}");
	is_str(parser_format_name(parser, &state), "json", "told");
	becomes("ts=971211336 msg=m", TIME "\"message\":\"m\"}");
	is_str(parser_format_name(parser, &state), "logfmt", "told");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 1\r", TIME GET_P "\"bytes\":1,\"remote\":\"h\"}");
	is_str(parser_format_name(parser, &state), "common", "told");
	use("combined");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 1",
		"{\"reject\":\"the line does not match the format\"}");
	use("common");
	becomes("h - - " AT " \"GET /p HTTP/1.1\" 200 1", TIME GET_P "\"bytes\":1,\"remote\":\"h\"}");
}

#define JSON(path)                                                                                           \
	"{\"time\":\"2026-11-24T00:00:00Z\",\"method\":\"GET\",\"path\":\"" path "\",\"status\":200}"

/* Is it known that nothing in the record of this line is to be escaped, but for the client and the user? */
static void test_plain(void)
{
	static const struct {
		const char *line;
		bool plain;
	} lines[] = {
		{"h - - " AT " \"GET /p?a=b HTTP/1.1\" 200 1 \"https://e/\" \"a [b] (c); d\"", true},
		{"h\"h - u\"u " AT " \"GET /p HTTP/1.1\" 200 1 \"-\" \"-\"", true},
		{"h - - " AT " \"GET /p HTTP/1.1\" 200 1 \"-\" \"-\" \"10.0.0.1\" 0.012", true},
		{"h - - " AT " \"GET /p HTTP/1.1\" 200 1 \"-\" \"a \\\"b\\\"\"", false},
		{"h - - " AT " \"GET /\\x41 HTTP/1.1\" 200 1 \"-\" \"-\"", false},
		{"h - - " AT " \"GET /p HTTP/1.1\" 200 1 \"-\" \"caf\xc3\xa9\"", false},
		{"h - - " AT " \"GET /p HTTP/1.1\" 200 1 \"a\tb\" \"-\"", false},
		{"h - - " AT " \"GET /p\x01 HTTP/1.1\" 200 1", false},
		{JSON("/a"), true},
		{JSON("/\\u0061"), false},
		{JSON("/a\\\"b"), false},
		{JSON("/caf\xc3\xa9"), false},
		{"ts=2026-11-24T00:00:00Z method=GET path=/ status=200", false},
	};
	static const char unquoted[] = "[2026-11-24T00:00:00Z] 200 an agent \"x\" (end)";
	struct record r = {0};
	const char *why;

	use("auto");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ok(parser_line(parser, &state, lines[i].line, strlen(lines[i].line), &r, &why) &&
			   r.plain == lines[i].plain,
		   "plain or not: %s", lines[i].line);
	use("[$time_iso8601] $status $http_user_agent (end)");
	ok(parser_line(parser, &state, unquoted, strlen(unquoted), &r, &why) && !r.plain,
	   "text without quotes around it may have some");
	record_release(&r);
}

int main(void)
{
	test_common();
	test_compile();
	test_ends();
	test_shared();
	test_json_shape();
	test_change();
	test_plain();
	parser_free(parser);
	return tap_done();
}
