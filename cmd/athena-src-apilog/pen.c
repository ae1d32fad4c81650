/* SPDX-License-Identifier: ISC */
#include "pen.h"

#include <endian.h>

#include "text.h"

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

/* Eight digits, each a byte: halves, quarters and eighths of the number side by side. */
static char *eight(char *p, uint64_t v)
{
	uint64_t high;

	v = v / 10000 | v % 10000 << 32;
	high = v * 10486 >> 20 & UINT64_C(0x7f0000007f);
	v = high | (v - high * 100) << 16;
	high = v * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	v = high | (v - high * 10) << 8;
	v = htole64(v | UINT64_C(0x3030303030303030));
	memcpy(p, &v, 8);
	return p + 8;
}

char *pen_digits(char *p, uint64_t v)
{
	return eight(eight(p, v / 100000000 % 100000000), v % 100000000);
}

/* Eight hexadecimal digits the same way. */
static char *eight_hex(char *p, uint32_t v)
{
	uint64_t w = __builtin_bswap32(v), letters;

	w = (w | w << 16) & UINT64_C(0x0000ffff0000ffff);
	w = (w | w << 8) & UINT64_C(0x00ff00ff00ff00ff);
	w = (w >> 4 & UINT64_C(0x000f000f000f000f)) | (w & UINT64_C(0x000f000f000f000f)) << 8;
	letters = (w + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
	w = htole64(w + UINT64_C(0x3030303030303030) + letters * ('a' - '9' - 1));
	memcpy(p, &w, 8);
	return p + 8;
}

char *pen_hex(char *p, uint64_t v)
{
	return eight_hex(eight_hex(p, (uint32_t)(v >> 32)), (uint32_t)v);
}

/* Digits of a number below 10^8. */
static size_t digits_of(uint32_t v)
{
	size_t n = 1;

	for (uint32_t limit = 10; v >= limit; limit *= 10)
		n++;
	return n;
}

char *pen_number(char *p, uint64_t v)
{
	const uint64_t eights = 100000000;
	uint32_t low;
	char *end;

	if (v >= eights)
		return eight(pen_number(p, v / eights), v % eights);
	low = (uint32_t)v;
	end = p + digits_of(low);
	for (p = end; low >= 100; low /= 100) {
		p -= 2;
		memcpy(p, pairs + low % 100 * 2, 2);
	}
	if (low >= 10)
		memcpy(p - 2, pairs + low * 2, 2);
	else
		p[-1] = (char)('0' + low);
	return end;
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
