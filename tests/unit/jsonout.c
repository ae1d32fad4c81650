/* SPDX-License-Identifier: ISC */
#include "jsonout.h"

#include "tap.h"

static struct buf out;

static const char *string_of(const char *s, size_t n)
{
	buf_reset(&out);
	jsonout_string(&out, s, n);
	return buf_cstr(&out);
}

static void test_strings(void)
{
	is_str(string_of("", 0), "\"\"", "an empty string");
	is_str(string_of("plain text of more than eight bytes", 35),
	       "\"plain text of more than eight bytes\"", "plain text");
	is_str(string_of("a\"b\\c/d", 7), "\"a\\\"b\\\\c/d\"",
	       "quote and backslash are escaped, the slash is not");
	is_str(string_of("\b\t\n\v\f\r\x1f\x7f", 8), "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"",
	       "control bytes");
	is_str(string_of("a\0b", 3),
	       "\"a\xEF\xBF\xBD"
	       "b\"",
	       "NUL becomes U+FFFD");
	is_str(string_of("caf\xC3\xA9 \xF0\x9F\x98\x80", 10), "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"",
	       "UTF-8 stays");
	is_str(string_of("caf\xE9 au lait", 12), "\"caf\xEF\xBF\xBD au lait\"", "Latin-1 becomes U+FFFD");
	is_str(string_of("\xED\xA0\x80", 3), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", "a surrogate too");
	for (size_t at = 0; at < 20; at++) {
		char text[24], want[40];

		memset(text, 'x', sizeof(text));
		text[at] = '\n';
		snprintf(want, sizeof(want), "\"%.*s\\n%.*s\"", (int)at, text, (int)(23 - at), text + at + 1);
		is_str(string_of(text, 24), want, "an escape at byte %zu", at);
	}
}

static void test_structure(void)
{
	struct jsonout j = {.out = &out};

	buf_reset(&out);
	jsonout_open(&j, '{');
	jsonout_member(&j, "a", "x");
	jsonout_member(&j, "absent", NULL);
	jsonout_name(&j, "b");
	jsonout_open(&j, '[');
	jsonout_int(&j, -1);
	jsonout_bool(&j, true);
	jsonout_null(&j);
	jsonout_open(&j, '{');
	jsonout_close(&j, '}');
	jsonout_open(&j, '[');
	jsonout_close(&j, ']');
	jsonout_close(&j, ']');
	jsonout_raw(&j, "", 0);
	jsonout_raw(&j, "\"c\":1,\"d\":2", 11);
	jsonout_member_int(&j, "e", INT64_C(9007199254740992));
	jsonout_member_int(&j, "f", INT64_C(9007199254740993));
	jsonout_member_int(&j, "g", INT64_MIN);
	jsonout_close(&j, '}');
	is_str(buf_cstr(&out),
	       "{\"a\":\"x\",\"b\":[-1,true,null,{},[]],\"c\":1,\"d\":2,\"e\":9007199254740992,"
	       "\"f\":\"9007199254740993\",\"g\":\"-9223372036854775808\"}",
	       "commas where they belong, integers beyond 2^53 as strings");
}

int main(void)
{
	test_strings();
	test_structure();
	buf_release(&out);
	return tap_done();
}
