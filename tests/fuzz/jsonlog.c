/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c pkg: jansson */
/*
 * JSON lines, against jansson: what we take is JSON for it too, and what it takes we never call broken. Two
 * lines, so that what the first one taught is used on the second; the same line once more becomes the same
 * record.
 */
#include <jansson.h>

#include "record-check.h"
#include "text.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void compare(const char *line, size_t n, bool taken, const char *why)
{
	json_error_t error;
	json_t *tree = json_loadb(line, n, JSON_ALLOW_NUL, &error);
	bool ours = taken || strncmp(why, "JSON", 4) != 0;

	if (json_is_object(tree))
		require(ours || strstr(why, "nested too deeply"));
	else if (taken)
		require(strstr(error.text, "overflow") || strstr(error.text, "too big") ||
			strstr(error.text, "nested") || strstr(error.text, "surrogate") ||
			strstr(error.text, "Unicode"));
	json_decref(tree);
}

static void line(struct parser *p, const char *s, size_t n)
{
	struct parse_state state = {0};
	struct record r = {0}, again = {0};
	const char *why = "", *why_again = "";
	char *exact = xmemdup(s, n);
	bool taken = parser_line(p, &state, exact, n, &r, &why);

	if (taken)
		check_record(&r);
	else
		require(*why);
	/* what a container runtime wrapped, and a byte order mark, are not jansson's */
	if (n && *s == '{' && text_valid(s, n))
		compare(s, n, taken, why);
	require(parser_line(p, &state, exact, n, &again, &why_again) == taken);
	if (taken)
		require(r.time == again.time && r.status == again.status && r.extra.len == again.extra.len &&
			(!r.extra.len || !memcmp(r.extra.data, again.extra.data, r.extra.len)));
	free(exact);
	record_release(&r);
	record_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const fields[] = {"time=t", "status=s.c", "duration_ms=d"};
	const char *s = (const char *)data, *nl = n ? memchr(s, '\n', n) : NULL;
	struct parser *p;

	require(parser_new(&p, "json", fields, 3) == 0);
	line(p, s, nl ? (size_t)(nl - s) : n);
	if (nl)
		line(p, nl + 1, (size_t)(s + n - nl) - 1);
	parser_free(p);
	return 0;
}
