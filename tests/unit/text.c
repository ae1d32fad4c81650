/* SPDX-License-Identifier: ISC */
#include "text.h"

#include "tap.h"

#define BYTES(s) s, sizeof(s) - 1
#define R        "\xEF\xBF\xBD"

/* clang-format off */
static const struct {
	const char *in; size_t n;
	const char *want; size_t want_n;
	size_t repaired;
	const char *what;
} table[] = {
	{BYTES(""), BYTES(""), 0, "nothing"},
	{BYTES("plain text, longer than eight bytes"), BYTES("plain text, longer than eight bytes"), 0, "ASCII"},
	{BYTES("\x01\t\n\x1f\x7f"), BYTES("\x01\t\n\x1f\x7f"), 0, "control characters are text"},
	{BYTES("\xc2\x80\xdf\xbf"), BYTES("\xc2\x80\xdf\xbf"), 0, "first and last of two bytes"},
	{BYTES("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), BYTES("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), 0, "edges of three bytes"},
	{BYTES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), BYTES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), 0, "first and last of four bytes"},
	{BYTES("a\0b"), BYTES("a" R "b"), 1, "NUL"},
	{BYTES("\0\0"), BYTES(R R), 2, "two NULs"},
	{BYTES("1234567\0abcdefgh\0"), BYTES("1234567" R "abcdefgh" R), 2, "NUL at the end of eight bytes"},
	{BYTES("\x80" "a\xbf"), BYTES(R "a" R), 2, "lone continuation bytes"},
	{BYTES("\xc0\xaf"), BYTES(R R), 2, "overlong, two bytes"},
	{BYTES("\xc1\xbf"), BYTES(R R), 2, "overlong, C1"},
	{BYTES("\xe0\x80\xaf"), BYTES(R R R), 3, "overlong, three bytes"},
	{BYTES("\xe0\x9f\xbf"), BYTES(R R R), 3, "overlong, the last of three bytes"},
	{BYTES("\xf0\x80\x80\xaf"), BYTES(R R R R), 4, "overlong, four bytes"},
	{BYTES("\xf0\x8f\xbf\xbf"), BYTES(R R R R), 4, "overlong, the last of four bytes"},
	{BYTES("\xed\xa0\x80"), BYTES(R R R), 3, "first surrogate"},
	{BYTES("\xed\xbf\xbf"), BYTES(R R R), 3, "last surrogate"},
	{BYTES("\xf4\x90\x80\x80"), BYTES(R R R R), 4, "beyond U+10FFFF"},
	{BYTES("\xf5\x80\x80\x80"), BYTES(R R R R), 4, "F5 begins nothing"},
	{BYTES("\xf8\x88\x80\x80\x80"), BYTES(R R R R R), 5, "five bytes"},
	{BYTES("\xfe\xff"), BYTES(R R), 2, "FE FF"},
	{BYTES("\xc3"), BYTES(R), 1, "cut after one of two"},
	{BYTES("\xe2\x82"), BYTES(R), 1, "cut after two of three is one replacement"},
	{BYTES("\xf0\x9f\x98"), BYTES(R), 1, "cut after three of four is one"},
	{BYTES("\xf0\x9f"), BYTES(R), 1, "cut after two of four is one"},
	{BYTES("\xe2\x82" "abc"), BYTES(R "abc"), 1, "what breaks off before a letter leaves the letter"},
	{BYTES("\xe2\x82\xe2\x82\xac"), BYTES(R "\xe2\x82\xac"), 1, "... or a whole character"},
	{BYTES("\xe2\xe2\x82\xac"), BYTES(R "\xe2\x82\xac"), 1, "... after its first byte"},
	/* the example of the Unicode standard, table 3-11 */
	{BYTES("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), BYTES(R R R R "A"), 4, "maximal subparts"},
	{BYTES("caf\xe9 na\xefve, in Latin-1"), BYTES("caf" R " na" R "ve, in Latin-1"), 2, "Latin-1"},
};
/* clang-format on */

static void test_repair(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf b = {0};

		is_int((int64_t)text_repair(&b, table[i].in, table[i].n), (int64_t)table[i].repaired,
		       "%s: replacements", table[i].what);
		is_bytes(b.data, b.len, table[i].want, table[i].want_n, "%s", table[i].what);
		is_int(text_valid(table[i].in, table[i].n), !table[i].repaired, "%s: valid or not",
		       table[i].what);
		ok(text_valid(b.data, b.len), "%s: valid after", table[i].what);
		buf_release(&b);
	}
}

/* Whatever is wrong is found wherever it lies within the eight bytes looked at together. */
static void test_positions(void)
{
	size_t missed = 0;

	for (size_t at = 0; at < 24; at++) {
		static const unsigned char bad[] = {0x00, 0x80, 0xc3, 0xff};
		char text[24];

		for (size_t k = 0; k < sizeof(bad); k++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)bad[k];
			missed += text_valid(text, sizeof(text));
			text[at] = '\x7f';
			missed += !text_valid(text, sizeof(text));
		}
	}
	is_int((int64_t)missed, 0, "a bad byte is found at any place");
}

/* Every sequence of two and three bytes, against the ranges of RFC 3629 written down anew. */
static void test_exhaustive(void)
{
	size_t wrong = 0;

	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			bool tail = b >= 0x80 && b <= 0xbf;
			bool three = a >= 0xe0 && a <= 0xef && tail && (a != 0xe0 || b >= 0xa0) &&
				     (a != 0xed || b <= 0x9f);
			bool four = a >= 0xf0 && a <= 0xf4 && tail && (a != 0xf0 || b >= 0x90) &&
				    (a != 0xf4 || b <= 0x8f);
			size_t want = a < 0x80                         ? 1
				      : a >= 0xc2 && a <= 0xdf && tail ? 2
				      : three                          ? 3
				      : four                           ? 4
								       : 0;
			const char text[] = {(char)a, (char)b, '\x80', '\xbf'};

			wrong += text_utf8_len(text, 4) != want;
			for (size_t n = 1; n < 4; n++)
				wrong += text_utf8_len(text, n) != (n >= want ? want : 0);
		}
	}
	is_int((int64_t)wrong, 0, "all beginnings of characters, whole and cut");
}

static void test_clip(void)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

	for (size_t max = 0; max < sizeof(want) / sizeof(want[0]); max++)
		is_int((int64_t)text_clip(text, sizeof(text) - 1, max), (int64_t)want[max], "cut at %zu",
		       max);
}

static void test_percent(void)
{
	struct buf b = {0};

	text_percent(&b, BYTES("a/b c%d\n\xc3\xa9\0~"), "");
	is_str(buf_cstr(&b), "a/b%20c%25d%0A%C3%A9%00~", "percent-encoded");
	buf_reset(&b);
	buf_reset(&b);
	text_unpercent(&b, "a/b%20c%25d%0a%C3%A9~%FF%4%");
	is_str(buf_cstr(&b), "a/b c%d\n\xc3\xa9~\xef\xbf\xbd%4%", "and back");
	buf_reset(&b);
	text_percent(&b, BYTES("v1/x..y"), "/.");
	is_str(buf_cstr(&b), "v1%2Fx%2E%2Ey", "with more bytes");
	buf_release(&b);
}

static void test_show(void)
{
	struct buf b = {0};

	text_show(&b, BYTES("\x1b[31m\xc3\xa9\xc2\x9b\x7f\xff\ttab"));
	is_str(buf_cstr(&b), "\\x1B[31m\xc3\xa9\\xC2\\x9B\\x7F\\xFF\\x09tab",
	       "nothing that a terminal obeys");
	buf_reset(&b);
	text_show(&b, BYTES("a\xe2\x80\xae\xc3\xa9\xe6\x97\xa5")); /* NOLINT(misc-misleading-bidirectional) */
	is_str(buf_cstr(&b), "a\\xE2\\x80\\xAE\xc3\xa9\xe6\x97\xa5", "nothing that turns a line around");
	buf_reset(&b);
	/* NOLINTNEXTLINE(misc-misleading-bidirectional) */
	text_show_json(
		&b, BYTES("{\"a\":\"\xc2\x9b\x7f \xe2\x80\xae\xd8\x9c\xc3\xa9\xf0\x9f\x98\x80\\n\xff\"}\n"));
	is_str(buf_cstr(&b), "{\"a\":\"\\u009b\\u007f \\u202e\\u061c\xc3\xa9\xf0\x9f\x98\x80\\n\\ufffd\"}\n",
	       "as JSON");
	buf_release(&b);
}

static void test_blank(void)
{
	ok(text_is_blank("", 0) && text_is_blank(" \t\r", 3), "blank lines");
	ok(!text_is_blank(" x", 2) && !text_is_blank("\0", 1) && !text_is_blank("\n", 1), "others");
}

int main(void)
{
	struct buf small;

	test_repair();
	test_positions();
	test_exhaustive();
	test_clip();
	test_percent();
	test_show();
	ok(text_valid(NULL, 0), "nothing is valid");
	buf_init(&small, 2);
	text_repair(&small, "abc", 3);
	ok(small.over, "what does not fit is seen");
	buf_release(&small);
	test_blank();
	return tap_done();
}
