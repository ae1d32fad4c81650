/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c */
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
	becomes("h - - " AT " \"\" 400 0", TIME "\"status\":400,\"bytes\":0,\"remote\":\"h\"}");
}

int main(void)
{
	test_common();
	parser_free(parser);
	return tap_done();
}
