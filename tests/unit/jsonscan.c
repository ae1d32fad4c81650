/* SPDX-License-Identifier: ISC */
#include "jsonscan.h"

#include "buf.h"
#include "tap.h"
#include "xalloc.h"

static struct jsonscan scan;

static const char *verdict_n(const char *line, size_t n)
{
	static const char *const names[] = {"ok", "refused", "not json"};
	/* a copy without anything behind it, so that a sanitizer sees a read past the end */
	char *copy = xmemdup(line, n);
	enum jsonscan_result r = jsonscan_line(&scan, copy, n);

	free(copy);
	return names[r];
}

static void is(const char *line, const char *want)
{
	is_str(verdict_n(line, strlen(line)), want, "%s: %s", want, line);
}

static void test_grammar(void)
{
	static const char *const good[] = {
		"{}",
		" \t{ \"a\" : 1 , \"b\" : [ ] }\r ",
		"{\"a\":[1,-0,0.5,1e9,1E-9,1.5e+3,true,false,null,\"\",{},[]]}",
		"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}",
		"{\"a\":\"\x7f\"}",
		"{\"\":\"\"}",
		"{\"a\":9007199254740992,\"b\":-9007199254740992,\"c\":1e400,\"d\":12345678901234567890.5}",
		"{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}",
	};
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{,}",
		"{\"a\" 1}",
		"{a:1}",
		"{'a':1}",
		"[1,]",
		"[,1]",
		"{\"a\":[1}",
		"{\"a\":{]}",
		"{} {}",
		"{}x",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":-}",
		"{\"a\":.5}",
		"{\"a\":1.}",
		"{\"a\":1e}",
		"{\"a\":1e+}",
		"{\"a\":0x1}",
		"{\"a\":NaN}",
		"{\"a\":Infinity}",
		"{\"a\":tru}",
		"{\"a\":True}",
		"{\"a\":nul",
		"{\"a\":\"",
		"{\"a\":\"\\",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\u123",
		"{\"a\":\"\t\"}",
		"{\"a\":\"\x01\"}",
		"{\"a\":1 \"b\":2}",
		"\xEF\xBB\xBF{}",
		"{\"a\":1}}",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		is(good[i], "ok");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		is(bad[i], "not json");
	is_str(verdict_n("{\"a\0\":1}", 8), "not json", "a raw NUL in a name");
	is_str(verdict_n("{\"a\n\":1}", 8), "not json", "a raw newline in a name");
	is_str(verdict_n("{}\0", 3), "not json", "a NUL behind the object");
}

static void test_refused(void)
{
	static const char *const lines[] = {
		"1",
		"\"a\"",
		"null",
		"[]",
		"[{\"a\":1}]",
		"{\"a\":\"\\u0000\"}",
		"{\"\\u0000\":1}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\"}",
		"{\"a\":\"\\ud800\\u0041\"}",
		"{\"a\":\"\\ud800\\ud800\"}",
		"{\"a\":9007199254740993}",
		"{\"a\":-9007199254740993}",
		"{\"a\":[{\"b\":99999999999999999999}]}",
		"{\"a\":1,\"a\":1}",
		"{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
		"{\"a\":1,\"\\u0061\":2}",
		"{\"x\":[[{\"\\u0061\":1,\"a\":2}]]}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"{\"a\":\"\xf4\x90\x80\x80\"}",
		"{\"a\":\"\xe2\x82\"}",
		"{\"\xff\":1}",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		is(lines[i], "refused");
	/* a syntax error anywhere wins: it is damage, not a fault of the writer */
	is("{\"a\":\"\\u0000\",\"a\":}", "not json");
	is("{\"a\":\"\xff\"", "not json");
	is("{\"a\":1,\"a\":1}{\"b\":2}", "not json");
	is("1 2", "not json");
	is_str(verdict_n("{\"a\":1,\"b\":2,\"a\":3}", 19), "refused", "a duplicate");
	is_str(scan.why, "a duplicate member", "is called so");
	is_int((int64_t)scan.at, 14, "where the second one is");
}

static const char *nested(size_t depth, char open, char close, const char *inner)
{
	struct buf b = {0};
	const char *verdict;

	buf_adds(&b, "{\"a\":");
	for (size_t i = 1; i < depth; i++)
		buf_addc(&b, open);
	buf_adds(&b, inner);
	for (size_t i = 1; i < depth; i++)
		buf_addc(&b, close);
	buf_adds(&b, "}");
	verdict = verdict_n(b.data, b.len);
	buf_release(&b);
	return verdict;
}

static void test_depth(void)
{
	is_str(nested(128, '[', ']', ""), "ok", "128 levels are allowed");
	is_str(nested(129, '[', ']', ""), "refused", "129 are not");
	is_str(scan.why, "nested too deeply", "and the reason is named");
	is_str(nested(129, '[', '}', ""), "not json", "below them the grammar still counts");
	is_str(nested(500000, '[', ']', ""), "refused", "half a million levels");
	is_str(nested(2000000, '[', ']', ""), "refused", "two million, where looking ends");
	is_str(nested(1, 0, 0, "{\"b\":1}"), "ok", "and after that a plain line");
}

/* n members m0, m1 ...; the last one is called like the first where `twice`. */
static const char *wide(int n, bool twice, bool escaped)
{
	struct buf b = {0};
	const char *verdict;

	buf_adds(&b, "{\"x\":{");
	for (int i = 0; i < n; i++) {
		bool again = twice && i == n - 1;

		buf_addf(&b, "%s\"%s%d\":%d", i ? "," : "", again && escaped ? "\\u006d" : "m", again ? 0 : i,
			 i);
	}
	buf_adds(&b, "}}");
	verdict = verdict_n(b.data, b.len);
	buf_release(&b);
	return verdict;
}

static void test_wide(void)
{
	static const int sizes[] = {2, 23, 24, 25, 26, 27, 1000, 100000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		is_str(wide(sizes[i], false, false), "ok", "%d members", sizes[i]);
		is_str(wide(sizes[i], true, false), "refused", "%d members, one twice", sizes[i]);
		is_str(wide(sizes[i], true, true), "refused", "%d members, one twice in other letters",
		       sizes[i]);
	}
}

/* Whatever was read before, and whether a name was expected or not, a line is the same. */
static void test_expected(void)
{
	static const char *const usual[] = {"id", "kind", "code_event_type"};
	static const char *const lines[][2] = {
		{"{\"id\":1,\"kind\":2,\"code_event_type\":3,\"more\":4}", "ok"},
		{"{\"id\":1,\"kind\":2,\"id\":3}", "refused"},
		{"{\"kind\":{\"id\":1,\"kind\":2},\"id\":[{\"id\":1},{\"id\":2}]}", "ok"},
		{"{\"kind\":{\"id\":1,\"id\":2}}", "refused"},
		{"{\"k\\u0069nd\":1,\"id\":2}", "ok"},
		{"{\"k\\u0069nd\":1,\"kind\":2}", "refused"},
		{"{\"id\":1,\"i\\u0064\":2}", "refused"},
		{"{\"kin\":1,\"kind\":2,\"kinds\":3}", "ok"},
		{"{\"i\\\"d\":1,\"i\":2}", "ok"},
		{"{\"i\\\"d\":1,\"i\"d\":2}", "not json"},
		{"{\"a name of sixteen\":1,\"a name of sixteen\":2}", "refused"},
		{"{\"code_event_type\":1,\"code_event_type\":2}", "refused"},
		{"{\"\u00e9\":1,\"\\u00e9\":2}", "refused"},
		{"{\"i\xff\":1}", "refused"},
		{"{\"id\"}", "not json"},
		{"{\"id", "not json"},
	};
	size_t n = sizeof(lines) / sizeof(*lines), wrong = 0;

	for (int seeded = 0; seeded < 2; seeded++) {
		jsonscan_release(&scan);
		scan.usual = usual;
		scan.n_usual = seeded ? 3 : 0;
		for (size_t before = 0; before < n; before++) {
			for (size_t i = 0; i < n; i++) {
				verdict_n(lines[before][0], strlen(lines[before][0]));
				wrong +=
					strcmp(verdict_n(lines[i][0], strlen(lines[i][0])), lines[i][1]) != 0;
			}
		}
		is_int((int64_t)wrong, 0, "every line after every other, %s names that are usual",
		       seeded ? "with" : "without");
	}
	is("{\"kind\":1,\"x\":2,\"code_event_t\\u0079pe\":3}", "ok");
	is_int(scan.members[0].number, 1, "a usual name has its number");
	is_int(scan.members[2].number, 2, "also with an escape");
	ok(scan.members[1].number == -1 || scan.members[1].number > 2, "another has none of theirs");
	is_str(wide(200, false, false), "ok", "more names than can be numbered");
	is_str(wide(200, true, false), "refused", "one of them twice");
	is("{\"m199\":1,\"m199\":2}", "refused");
	is("{\"m1\":1,\"m199\":2,\"m1\":2}", "refused");
	is("{\"m199\":1,\"m1\":2,\"m199\":2}", "refused");
	is("{\"m199\":1,\"m1\":2,\"m2\":2}", "ok");
	jsonscan_release(&scan);
	scan.usual = NULL;
	scan.n_usual = 0;
}

static void test_members(void)
{
	static const char line[] =
		" {\"a\" : \"x\\ny\", \"\\u0062\": {\"c\":[1, 2]} ,\"d\":-1.50e1,\"e\":null,\"f\":true,"
		"\"g\":[ ] }";
	char text[16];

	is_int(jsonscan_line(&scan, line, sizeof(line) - 1), JSONSCAN_OK, "a line with every type");
	is_int((int64_t)scan.n, 6, "has six members");
	is_bytes(scan.members[0].value, scan.members[0].len, "\"x\\ny\"", 6, "a string, as written");
	is_int(scan.members[0].escaped, 1, "with an escape");
	is_bytes(text, jsonscan_unescape(scan.members[0].value + 1, 4, text), "x\ny", 3,
		 "that stands for a newline");
	is_bytes(scan.members[1].name, scan.members[1].name_len, "\\u0062", 6, "a name, as written");
	is_int(scan.members[1].name_escaped, 1, "with an escape too");
	is_bytes(scan.members[1].value, scan.members[1].len, "{\"c\":[1, 2]}", 12,
		 "an object without the space behind it");
	is_bytes(scan.members[2].value, scan.members[2].len, "-1.50e1", 7, "a number by its text");
	is_int(scan.members[0].type == JSONSCAN_STRING && scan.members[1].type == JSONSCAN_OBJECT &&
		       scan.members[2].type == JSONSCAN_NUMBER && scan.members[3].type == JSONSCAN_NULL &&
		       scan.members[4].type == JSONSCAN_TRUE && scan.members[5].type == JSONSCAN_ARRAY,
	       1, "the types are told");
	is_bytes(text, jsonscan_unescape("\\ud83d\\ude00", 12, text), "\xF0\x9F\x98\x80", 4,
		 "a pair of surrogates");
	is_bytes(text, jsonscan_unescape("\\/\\\"\\\\\\b\\f\\r\\t", 14, text), "/\"\\\b\f\r\t", 7,
		 "the short escapes");
}

int main(void)
{
	test_grammar();
	test_refused();
	test_depth();
	test_wide();
	test_members();
	test_expected();
	jsonscan_release(&scan);
	return tap_done();
}
