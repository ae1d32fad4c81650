/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
/*
 * The way round the interpreter becomes the same as the interpreter, on lines with every byte of them changed, left
 * out and doubled: a format with a `#` before it has no such way.
 */
#include "parse.h"

#include "record-text.h"
#include "tap.h"

#define COMMON   "$remote_addr $remote_ident $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
#define COMBINED COMMON " \"$http_referer\" \"$http_user_agent\""
#define AT       "[10/Oct/2000:13:55:36 -0700]"

static struct parser *quick, *slow;
static size_t compared, taken;

/* Reads `#` and a line. */
static bool is_same(const char *line, size_t n)
{
	struct parse_state state = {0};
	char *first = xstrdup(record_text(quick, &state, line + 1, n - 1));
	const char *second = record_text(slow, &state, line, n);
	bool same = !strcmp(first, second);

	if (!same)
		printf("# %.*s\n# %s\n# %s\n", (int)n, line, first, second);
	compared++;
	taken += strncmp(first, "{\"reject\"", 9) != 0;
	free(first);
	return same;
}

/* Every byte but the first: another one in its place or before it, and without it. */
static bool all_same(const char *line)
{
	static const char others[] = " \"\\[]-:/?#@%A09\x01\x80";
	size_t n = strlen(line);
	char changed[512];

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < sizeof(others); k++) {
			char c = others[k]; /* NUL, too */

			memcpy(changed, line, n);
			changed[i] = c;
			if (!is_same(changed, n))
				return false;
			memcpy(changed + i + 1, line + i, n - i);
			if (!is_same(changed, n + 1))
				return false;
			memcpy(changed + i, line + i + 1, n - i - 1);
			if (!is_same(changed, n - 1))
				return false;
		}
	for (size_t i = 1; i < n; i++)
		if (!is_same(line, i))
			return false;
	return is_same(line, n);
}

static void with(const char *format, const char *const *lines)
{
	char *behind = xasprintf("#%s", format);

	ok(!parser_new(&quick, format, NULL, 0) && !parser_new(&slow, behind, NULL, 0), "%s", format);
	for (; *lines; lines++)
		ok(all_same(*lines), "%s", *lines);
	parser_free(quick);
	parser_free(slow);
	free(behind);
}

int main(void)
{
	static const char *const common[] = {
		"#127.0.0.1 - frank " AT " \"GET /apache_pb.gif?a=1&b HTTP/1.0\" 200 2326",
		"#h - John Doe " AT " \"GET /p HTTP/1.1\" 200 -",
		"#- - \"\" " AT " \"GET http://h.example/p HTTP/1.1\" 404 123456789012345",
		"#h ident bob " AT " \"CONNECT h:443 HTTP/1.1\" 000 0",
		"#h - - " AT " \"-\" 408 0",
		"#h - - " AT " \"\\x16\\x03\" 400 150",
		NULL,
	};
	static const char *const combined[] = {
		"#2001:db8::1 - - " AT
		" \"POST /a/b HTTP/2.0\" 503 1 \"https://e.example/?q=1\" \"Mozilla/5.0 (X11)\"",
		"#h - - " AT " \"GET / HTTP/1.1\" 200 1234567890123456 \"-\" \"-\"",
		"#h - - " AT " \"GET / HTTP/1.1\" 200 123456789012345678901234567890 \"-\" \"-\"",
		NULL,
	};

	with(COMMON, common);
	with(COMBINED, combined);
	with(COMMON "|$http_host",
	     (const char *const[]){"#h - - " AT " \"GET / HTTP/1.1\" 200 7|example.org", NULL});
	ok(compared > 25000 && taken > compared / 4, "%zu lines, of which %zu are taken", compared, taken);
	return tap_done();
}
