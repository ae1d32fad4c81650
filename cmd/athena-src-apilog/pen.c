/* SPDX-License-Identifier: ISC */
#include "pen.h"

#include "text.h"

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

char *pen_digits(char *p, uint64_t v, int n)
{
	for (int i = n - 2; i >= 0; i -= 2, v /= 100)
		memcpy(p + i, pairs + v % 100 * 2, 2);
	return p + n;
}

char *pen_number(char *p, uint64_t v)
{
	char digits[20], *d = digits + sizeof(digits);

	for (; v >= 100; v /= 100) {
		d -= 2;
		memcpy(d, pairs + v % 100 * 2, 2);
	}
	if (v >= 10) {
		d -= 2;
		memcpy(d, pairs + v * 2, 2);
	} else {
		*--d = (char)('0' + v);
	}
	return pen_bytes(p, d, (size_t)(digits + sizeof(digits) - d));
}

static char *escape(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef", names[] = "btn\0fr"; /* of 8 to 13 */

	*p++ = '\\';
	if (c == '"' || c == '\\') {
		*p++ = (char)c;
	} else if (c >= 8 && c <= 13 && names[c - 8]) {
		*p++ = names[c - 8];
	} else {
		p = pen_lit(p, "u00");
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	return p;
}

/* NUL, or a stretch that is not ASCII: valid UTF-8, or U+FFFD. */
static char *foreign(char *p, const char **s, const char *end)
{
	size_t step = **s ? text_utf8_len(*s, (size_t)(end - *s)) : 0;
	struct buf repaired = {0};

	if (step) {
		p = pen_bytes(p, *s, step);
		*s += step;
		return p;
	}
	for (step = 1; *s + step < end && (unsigned char)(*s)[step] >= 0x80; step++)
		;
	text_repair(&repaired, *s, step);
	p = pen_bytes(p, repaired.data, repaired.len);
	buf_release(&repaired);
	*s += step;
	return p;
}

char *pen_careful(char *p, const char *s, const char *end)
{
	while (s < end) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			*p++ = (char)c;
			s++;
		} else if (c && c < 0x80) {
			p = escape(p, c);
			s++;
		} else {
			p = foreign(p, &s, end);
		}
		while (end - s >= 8 && !pen_special(pen_word(s))) {
			p = pen_bytes(p, s, 8);
			s += 8;
		}
	}
	return p;
}
