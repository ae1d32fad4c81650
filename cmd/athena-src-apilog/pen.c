/* SPDX-License-Identifier: ISC */
#include "pen.h"

#include <endian.h>

#include "text.h"

enum { EIGHT = 100000000 };

/* The digits of v < 10^8, a byte each, the first one lowest: halves, quarters and eighths side by side. */
static inline uint64_t eight(uint32_t v)
{
	uint64_t w = v / 10000 | (uint64_t)(v % 10000) << 32, high;

	high = w * 10486 >> 20 & UINT64_C(0x7f0000007f);
	w = high | (w - high * 100) << 16;
	high = w * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	return high | (w - high * 10) << 8;
}

static char *put_eight(char *p, uint64_t digits)
{
	digits = htole64(digits | UINT64_C(0x3030303030303030));
	memcpy(p, &digits, 8);
	return p + 8;
}

char *pen_digits(char *p, uint64_t v)
{
	uint64_t high = v / EIGHT;

	p = put_eight(p, high ? eight((uint32_t)(high % EIGHT)) : 0);
	return put_eight(p, eight((uint32_t)(v % EIGHT)));
}

char *pen_number(char *p, uint64_t v)
{
	uint64_t digits;
	int zeros;

	if (v >= EIGHT)
		return put_eight(pen_number(p, v / EIGHT), eight((uint32_t)(v % EIGHT)));
	digits = eight((uint32_t)v);
	zeros = digits ? __builtin_ctzll(digits) / 8 : 7;
	return put_eight(p, digits >> zeros * 8) - zeros; /* what stands behind the end is written over */
}

#ifdef __SSE2__
char *pen_hex(char *p, uint64_t v)
{
	const __m128i low = _mm_set1_epi8(15), nine = _mm_set1_epi8(9);
	const uint64_t ordered = __builtin_bswap64(v);
	__m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)&ordered);
	__m128i nibbles = _mm_and_si128(_mm_unpacklo_epi8(_mm_srli_epi64(bytes, 4), bytes), low);
	__m128i letters = _mm_and_si128(_mm_cmpgt_epi8(nibbles, nine), _mm_set1_epi8('a' - '9' - 1));

	nibbles = _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters);
	_mm_storeu_si128((__m128i *)(void *)p, nibbles);
	return p + 16;
}
#else
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
#endif

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
