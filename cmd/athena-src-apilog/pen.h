/* SPDX-License-Identifier: ISC
 *
 * pen - JSON written through a bare pointer, where the room was made before: what jsonout and
 * buf do, without asking at each byte. Every function returns where to write on.
 *
 *	buf_reserve(out, PEN_TEXT(n) + 64);
 *	p = pen_lit(p, ",\"path\":\"");
 *	p = pen_text(p, path, n);            the same bytes as jsonout_string(), without quotes
 *	p = pen_lit(p, "\"");
 */
#ifndef PEN_H
#define PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

#define PEN_TEXT(n) (6 * (n)) /* the most bytes that a text of n becomes: \u001f */

#define pen_lit(p, s) pen_bytes(p, s, sizeof(s) - 1)

static inline char *pen_bytes(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

/* These need room for 32 bytes, what is written behind the number included. */
char *pen_number(char *p, uint64_t v);
char *pen_hex(char *p, uint64_t v);    /* 16 digits */
char *pen_digits(char *p, uint64_t v); /* the last 16 of v, with zeros in front */

/* The rest of a text in which the next bytes may need an escape or a repair. */
char *pen_careful(char *p, const char *s, const char *end);

/* May a byte of the word not stand for itself in a JSON string? Yes too often, never no. */
static inline bool pen_special(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);

	return ((w | (w - ones * 0x20) | ((w ^ (ones * '"')) - ones) | ((w ^ (ones * '\\')) - ones)) &
		highs) != 0;
}

/* The same of sixteen bytes. */
static inline bool pen_special16(const char *s)
{
	return bytes_find_special(s, s + 16) < s + 16;
}

static inline uint64_t pen_word(const char *s)
{
	uint64_t w;

	memcpy(&w, s, 8);
	return w;
}

/* A text of fewer than 16 bytes: words that overlap, of which each is plain. */
static inline char *pen_short(char *p, const char *s, size_t n)
{
	const char *end = s + n;
	uint64_t low, high;

	if (n >= 8) {
		low = pen_word(s);
		high = pen_word(end - 8);
		if (pen_special(low) || pen_special(high))
			return pen_careful(p, s, end);
		memcpy(p, &low, 8);
		memcpy(p + n - 8, &high, 8);
	} else if (n >= 4) {
		uint32_t first, last;

		memcpy(&first, s, 4);
		memcpy(&last, end - 4, 4);
		if (pen_special((uint64_t)last << 32 | first))
			return pen_careful(p, s, end);
		memcpy(p, &first, 4);
		memcpy(p + n - 4, &last, 4);
	} else {
		for (; s < end; s++) {
			unsigned char c = (unsigned char)*s;

			if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
				return pen_careful(p, s, end);
			*p++ = (char)c;
		}
		return p;
	}
	return p + n;
}

/* The bytes of a text of which it is known that they stand for themselves. */
static inline char *pen_plain(char *p, const char *s, size_t n)
{
	const char *end = s + n;

	if (n >= 16) {
		memcpy(p, s, n);
	} else if (n >= 8) {
		memcpy(p, s, 8);
		memcpy(p + n - 8, end - 8, 8);
	} else if (n >= 4) {
		memcpy(p, s, 4);
		memcpy(p + n - 4, end - 4, 4);
	} else {
		for (size_t i = 0; i < n; i++)
			p[i] = s[i];
	}
	return p + n;
}

/* The bytes of a text within a JSON string: escaped, ill-formed UTF-8 and NUL replaced by U+FFFD. */
static inline char *pen_text(char *p, const char *s, size_t n)
{
	const char *end = s + n;

	if (n < 16)
		return pen_short(p, s, n);
	for (; end - s >= 16; s += 16, p += 16) {
		if (pen_special16(s))
			return pen_careful(p, s, end);
		memcpy(p, s, 16);
	}
	/* the last sixteen bytes again, of which the first ones stand there already */
	if (pen_special16(end - 16))
		return pen_careful(p, s, end);
	memcpy(p + (end - s) - 16, end - 16, 16);
	return p + (end - s);
}

enum { PEN_AHEAD = 32 };

/*
 * At most PEN_AHEAD bytes of a text, where so many can be read and written whatever n is. `plain`: it is known
 * that they stand for themselves.
 */
static inline char *pen_ahead(char *p, const char *s, size_t n, bool plain)
{
#ifdef __SSE2__
	__m128i low = bytes_load(s), high = bytes_load(s + 16);

	if (!plain && (bytes_special(low) | (uint64_t)bytes_special(high) << 16) & ((UINT64_C(1) << n) - 1))
		return pen_careful(p, s, s + n);
	_mm_storeu_si128((__m128i *)(void *)p, low);
	_mm_storeu_si128((__m128i *)(void *)(p + 16), high);
	return p + n;
#else
	return plain ? pen_plain(p, s, n) : pen_text(p, s, n);
#endif
}

#endif
