/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/pen.c */
/* What is read or written sixteen bytes at a time, beyond what is asked for too, is the same as one byte after the other. */
#include "pen.h"

#include <stdlib.h>

#include "tap.h"

enum { LONGEST = 70 };

static const char last[] = "x\"\\\x01\x80\x7f";

/* A text of n bytes, the last of which is c, and quotes behind it. */
static char *text(size_t n, char c)
{
	char *s = malloc(LONGEST + PEN_AHEAD);

	memset(s, 'a', n);
	memset(s + n, '"', LONGEST + PEN_AHEAD - n);
	if (n)
		s[n - 1] = c;
	return s;
}

static void test_ahead(void)
{
	bool same = true;

	for (size_t n = 0; n <= PEN_AHEAD; n++)
		for (size_t i = 0; last[i]; i++) {
			char *s = text(n, last[i]), one[PEN_TEXT(LONGEST)], other[PEN_TEXT(LONGEST)];
			size_t len = (size_t)(pen_text(one, s, n) - one);

			same &= pen_ahead(other, s, n, false) == other + len && !memcmp(one, other, len);
			if (last[i] == 'x')
				same &= pen_ahead(other, s, n, true) == other + n &&
					pen_plain(one, s, n) == one + n && !memcmp(one, s, n) &&
					!memcmp(other, s, n);
			free(s);
		}
	ok(same, "a text that is read with what stands behind it");
}

static void test_find(void)
{
	bool same = true;

	for (size_t n = 0; n < LONGEST; n++)
		for (size_t at = 0; at <= n; at++) {
			char *s = text(n, 'a');

			if (at < n)
				s[at] = '?';
			if (at + 1 < n)
				s[n - 1] = '?';
			same &= bytes_find(s, s + n, '?') == s + at;
			free(s);
		}
	ok(same, "the first of several bytes, or none before the end");
}

static void test_digits(void)
{
	static const char others[] = "/:a \x01\xb0";
	bool same = true;

	for (size_t n = 0; n <= 8; n++)
		for (size_t i = 0; others[i]; i++) {
			char s[9] = "90817263";
			int64_t v, want = 0;

			for (size_t k = 0; k < n; k++)
				want = want * 10 + (s[k] - '0');
			s[n] = others[i];
			same &= bytes_digits(s, &v) == n && v == want;
		}
	ok(same, "digits up to what is none");
}

int main(void)
{
	test_ahead();
	test_find();
	test_digits();
	return tap_done();
}
