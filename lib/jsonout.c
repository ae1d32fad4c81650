/* SPDX-License-Identifier: ISC */
#include "jsonout.h"

#include <inttypes.h>
#include <stdio.h>

#include "text.h"

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/*
 * Has any byte of w its high bit set, or is it a control byte, a quote
 * or a backslash? May say yes too often, never no.
 */
static bool needs_care(uint64_t w)
{
	uint64_t quote = w ^ (ONES * '"'), backslash = w ^ (ONES * '\\');

	return ((w | (w - ONES * 0x20) | (quote - ONES) | (backslash - ONES)) & HIGHS) != 0;
}

/* Leading bytes that stand for themselves in a JSON string. */
static size_t plain_run(const char *s, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		if (needs_care(w))
			break;
	}
	while (i < n && (unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x80 && s[i] != '"' &&
	       s[i] != '\\')
		i++;
	return i;
}

static void add_escape(struct buf *out, unsigned char c)
{
	static const char names[] = "btn\0fr"; /* of 8 to 13 */

	if (c == '"' || c == '\\') {
		buf_addc(out, '\\');
		buf_addc(out, (char)c);
	} else if (c >= 8 && c <= 13 && names[c - 8]) {
		buf_addc(out, '\\');
		buf_addc(out, names[c - 8]);
	} else {
		buf_addf(out, "\\u%04x", c);
	}
}

size_t jsonout_string(struct buf *out, const char *s, size_t n)
{
	size_t replaced = 0;

	buf_addc(out, '"');
	for (size_t i = 0; i < n;) {
		size_t run = plain_run(s + i, n - i), step;

		buf_add(out, s + i, run);
		i += run;
		if (i == n)
			break;
		if (s[i] && (unsigned char)s[i] < 0x80) {
			add_escape(out, (unsigned char)s[i++]);
			continue;
		}
		/* a stretch that is not ASCII, or NUL: valid UTF-8 or U+FFFD */
		for (step = 1; i + step < n && (unsigned char)s[i + step] >= 0x80; step++)
			;
		replaced += text_repair(out, s + i, step);
		i += step;
	}
	buf_addc(out, '"');
	return replaced;
}

static void comma(struct jsonout *j)
{
	if (j->more)
		buf_addc(j->out, ',');
	j->more = true;
}

void jsonout_open(struct jsonout *j, char bracket)
{
	comma(j);
	buf_addc(j->out, bracket);
	j->more = false;
}

void jsonout_close(struct jsonout *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->more = true;
}

void jsonout_name(struct jsonout *j, const char *name)
{
	comma(j);
	buf_addc(j->out, '"');
	buf_adds(j->out, name);
	buf_add(j->out, "\":", 2);
	j->more = false;
}

void jsonout_text(struct jsonout *j, const char *s, size_t n)
{
	comma(j);
	jsonout_string(j->out, s, n);
}

void jsonout_int(struct jsonout *j, int64_t v)
{
	const int64_t limit = INT64_C(1) << 53;
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, v);

	if (v < -limit || v > limit)
		jsonout_text(j, digits, (size_t)n);
	else
		jsonout_raw(j, digits, (size_t)n);
}

void jsonout_bool(struct jsonout *j, bool v)
{
	comma(j);
	buf_adds(j->out, v ? "true" : "false");
}

void jsonout_null(struct jsonout *j)
{
	comma(j);
	buf_adds(j->out, "null");
}

void jsonout_raw(struct jsonout *j, const char *s, size_t n)
{
	if (!n)
		return;
	comma(j);
	buf_add(j->out, s, n);
}

void jsonout_member_n(struct jsonout *j, const char *name, const char *s, size_t n)
{
	if (!s)
		return;
	jsonout_name(j, name);
	jsonout_text(j, s, n);
}

void jsonout_member(struct jsonout *j, const char *name, const char *s)
{
	if (s)
		jsonout_member_n(j, name, s, strlen(s));
}

void jsonout_member_int(struct jsonout *j, const char *name, int64_t v)
{
	jsonout_name(j, name);
	jsonout_int(j, v);
}
