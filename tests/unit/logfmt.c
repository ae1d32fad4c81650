/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
#include "parse.h"

#include "record-text.h"
#include "tap.h"

#define T "{\"time\":\"2026-11-24T03:04:02Z\","

static struct parser *parser;
static struct parse_state state;

static void becomes(const char *line, const char *want)
{
	is_str(record_text(parser, &state, line, strlen(line)), want, "%.70s", line);
}

int main(void)
{
	static const char none[] = "{\"reject\":\"no key=value pairs\"}";

	ok(parser_new(&parser, "logfmt", NULL, 0) == 0, "a parser");
	becomes("ts=1795489442 msg=m", T "\"message\":\"m\"}");
	becomes("\tts=1795489442  msg=\"a \\\"b\\\"\\n\\u00e9\\x41\" ",
		T "\"message\":\"a \\\"b\\\"\\n\xc3\xa9"
		  "A\"}");
	becomes("ts=1795489442 msg=m dry a= b=\"\" c=x=y d=\"true\"",
		T "\"message\":\"m\",\"extra\":{\"dry\":true,\"a\":\"\",\"b\":\"\",\"c\":\"x=y\",\"d\":"
		  "\"true\"}}");
	becomes("ts=1795489442 status=200 http.method=GET path=/p?q duration=12.5ms",
		T "\"method\":\"GET\",\"path\":\"/p\",\"query\":\"q\",\"status\":200,\"duration_us\":12500}");
	becomes("ts=1795489442 status=200 a=1 a=2 status=404 route=/x",
		T "\"status\":200,\"extra\":{\"a\":\"1\",\"route_raw\":\"/x\"}}");
	becomes("ts=1795489442 msg=\xff k\xfe=\xfd k\xfd=2",
		T "\"message\":\"\xef\xbf\xbd\",\"extra\":{\"k\xef\xbf\xbd\":\"\xef\xbf\xbd\"}}");
	becomes("ts=1795489442 level=info", "{\"reject\":\"neither a request nor a message in the line\"}");
	becomes("msg=m", "{\"reject\":\"no time in the line\"}");
	becomes("ts=now msg=m", "{\"reject\":\"the time cannot be read, or has no zone\"}");
	becomes("", none);
	becomes("only words here", none);
	becomes("ts=1795489442 msg=\"open", none);
	becomes("ts=1795489442 msg=\"open\\\"", none);
	becomes("ts=1795489442 msg=\"a\"b", none);
	becomes("ts=1795489442 msg=a\"b", none);
	becomes("ts=1795489442 =m msg=m", none);
	becomes("ts=1795489442 \"k\"=v msg=m", none);
	becomes("ts=1795489442 msg=m k\x01=v", none);
	parser_free(parser);
	return tap_done();
}
