/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"

bool text_bool(const char *s, bool *value)
{
	static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off",
										    "0"};

	if (!s)
		return *value = true;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (!strcasecmp(s, yes[i]))
			return *value = true;
		if (!strcasecmp(s, no[i])) {
			*value = false;
			return true;
		}
	}
	return false;
}

static bool cont(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Like text_utf8_len(); where ill-formed, *bad is the length of the maximal ill-formed part. */
static size_t utf8_step(const unsigned char *s, size_t n, size_t *bad)
{
	unsigned char c = s[0], lo = 0x80, hi = 0xbf;
	size_t len;

	*bad = 1;
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (c == 0xe0)
		lo = 0xa0;
	else if (c == 0xed)
		hi = 0x9f;
	else if (c == 0xf0)
		lo = 0x90;
	else if (c == 0xf4)
		hi = 0x8f;
	if (n < 2 || s[1] < lo || s[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++) {
		*bad = i;
		if (n <= i || !cont(s[i]))
			return 0;
	}
	return len;
}

size_t text_utf8_len(const char *s, size_t n)
{
	size_t bad;

	return utf8_step((const unsigned char *)s, n, &bad);
}

/* Number of leading bytes that are plain ASCII without NUL. */
static size_t ascii_run(const char *s, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		/* a high bit, or a zero byte (which borrows into its high bit) */
		if ((w | (w - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && (unsigned char)(s[i] - 1) < 0x7f)
		i++;
	return i;
}

bool text_is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return false;
	return true;
}

bool text_has_control(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

bool text_valid(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t step = ascii_run(s + i, n - i);

		i += step;
		if (i == n)
			break;
		if (!s[i] || !(step = text_utf8_len(s + i, n - i)))
			return false;
		i += step;
	}
	return true;
}

size_t text_repair(struct buf *out, const char *s, size_t n)
{
	size_t repaired = 0, start = 0, i = 0;

	while (i < n) {
		size_t bad = 1, step;

		i += ascii_run(s + i, n - i);
		if (i == n)
			break;
		step = s[i] ? utf8_step((const unsigned char *)s + i, n - i, &bad) : 0;
		if (step) {
			i += step;
			continue;
		}
		buf_add(out, s + start, i - start);
		buf_add(out, "\xEF\xBF\xBD", 3);
		repaired++;
		i += bad;
		start = i;
	}
	if (start < n)
		buf_add(out, s + start, n - start);
	return repaired;
}

size_t text_clip(const char *s, size_t n, size_t max)
{
	size_t cut = max;

	if (n <= max)
		return n;
	while (cut && max - cut < 3 && cont((unsigned char)s[cut]))
		cut--;
	return cont((unsigned char)s[cut]) ? max
					   : cut; /* no character is that long: not UTF-8, cut anywhere */
}

void text_percent(struct buf *out, const char *s, size_t n, const char *also)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c > 0x20 && c < 0x7f && c != '%' && !strchr(also, c)) {
			buf_addc(out, (char)c);
		} else {
			buf_addc(out, '%');
			buf_addc(out, hex[c >> 4]);
			buf_addc(out, hex[c & 15]);
		}
	}
}

void text_unpercent(struct buf *out, const char *s)
{
	const char *end = s + strlen(s);
	struct buf bytes = {0};

	while (s < end) {
		int value = *s == '%' ? bytes_hex(s + 1, end, 2) : -1;

		buf_addc(&bytes, value < 0 ? *s : (char)value);
		s += value < 0 ? 1 : 3;
	}
	text_repair(out, buf_cstr(&bytes), bytes.len);
	buf_release(&bytes);
}

/* Are the bytes of this character to be shown as such? */
static bool is_printable(const unsigned char *s, size_t len)
{
	unsigned c;

	if (len < 2)
		return len && s[0] >= 0x20 && s[0] != 0x7f;
	if (len == 2)
		return !(s[0] == 0xc2 && s[1] < 0xa0) && !(s[0] == 0xd8 && s[1] == 0x9c); /* C1, U+061C */
	if (len == 4)
		return true;
	c = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	return !(c >= 0x200e && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2066 && c <= 0x2069) && c != 0xfeff;
}

void text_show_json(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		const unsigned char *c = (const unsigned char *)s + i;
		size_t step = text_utf8_len(s + i, n - i);

		if (*c == '\n' || step == 4 || is_printable(c, step))
			buf_add(out, s + i, step + !step);
		else if (step == 3)
			buf_addf(out, "\\u%04x", (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu));
		else if (step == 2)
			buf_addf(out, "\\u%04x", (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu));
		else
			buf_addf(out, step ? "\\u%04x" : "\\ufffd", *c);
		i += step + !step;
	}
}

void text_show(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t step = text_utf8_len(s + i, n - i);

		if (is_printable((const unsigned char *)s + i, step)) {
			buf_add(out, s + i, step);
			i += step;
			continue;
		}
		for (step += !step; step; step--, i++)
			buf_addf(out, "\\x%02X", (unsigned char)s[i]);
	}
}
