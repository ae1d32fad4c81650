/* SPDX-License-Identifier: ISC
 *
 * bytes - looking for bytes, sixteen at a time: what the scanners of lines share. None reads
 * at or behind `end`.
 *
 *	p = bytes_find(p, end, '"');          the first of them, or end
 */
#ifndef BYTES_H
#define BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i bytes_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}
#endif

/* The first byte that is c. */
static inline const char *bytes_find(const char *p, const char *end, char c)
{
#ifdef __SSE2__
	const __m128i want = _mm_set1_epi8(c);
	const char *low = p;

	for (; end - p >= 16; p += 16) {
		int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes_load(p), want));

		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
	if (end - low >= 16 && p < end) {
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes_load(end - 16), want));

		mask >>= 16 - (end - p);
		return mask ? p + __builtin_ctz(mask) : end;
	}
#endif
	while (p < end && *p != c)
		p++;
	return p;
}

/* What bytes_find_either() has looked at: bytes_seen_init() comes first. */
struct bytes_seen {
#ifdef __SSE2__
	__m128i plain; /* all bits are set: nothing but ASCII, and no control bytes */
#else
	bool odd;
#endif
};

static inline void bytes_seen_init(struct bytes_seen *seen)
{
#ifdef __SSE2__
	seen->plain = _mm_set1_epi8(-1);
#else
	seen->odd = false;
#endif
}

static inline bool bytes_seen_plain(const struct bytes_seen *seen)
{
#ifdef __SSE2__
	return _mm_movemask_epi8(seen->plain) == 0xffff;
#else
	return !seen->odd;
#endif
}

/*
 * The first byte that is a or b. From `low` on bytes can be read, so that the last few need no loop. What stands
 * before it was seen, and perhaps some bytes behind it or before p.
 */
static inline const char *bytes_find_either(const char *low, const char *p, const char *end, char a, char b,
					    struct bytes_seen *seen)
{
#ifdef __SSE2__
	/* signed: everything above 0x7f is below a control byte */
	const __m128i one = _mm_set1_epi8(a), two = _mm_set1_epi8(b), control = _mm_set1_epi8(0x1f);

	for (; end - p >= 16; p += 16) {
		__m128i v = bytes_load(p);
		int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, one), _mm_cmpeq_epi8(v, two)));

		seen->plain = _mm_and_si128(seen->plain, _mm_cmpgt_epi8(v, control));
		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
	if (end - low >= 16 && p < end) {
		__m128i v = bytes_load(end - 16);
		int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, one), _mm_cmpeq_epi8(v, two)));

		seen->plain = _mm_and_si128(seen->plain, _mm_cmpgt_epi8(v, control));
		mask >>= 16 - (end - p);
		return mask ? p + __builtin_ctz((unsigned)mask) : end;
	}
	seen->plain = _mm_setzero_si128();
#else
	(void)low;
	seen->odd = true;
#endif
	while (p < end && *p != a && *p != b)
		p++;
	return p;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that does not stand for itself in a JSON string. */
static inline unsigned bytes_special(__m128i v)
{
	__m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

	/* signed: control bytes and everything above 0x7f are below a space */
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(quotes, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20))));
}
#endif

/* The first byte that does not stand for itself in a JSON string: a quote, a backslash, a control byte, or no ASCII. */
static inline const char *bytes_find_special(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		unsigned mask = bytes_special(bytes_load(p));

		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* Do the n bytes at `want`, with sixteen readable in any case, stand at p? */
static inline bool bytes_at(const char *p, const char *end, const char *want, size_t n)
{
	if ((size_t)(end - p) < n)
		return false;
#ifdef __SSE2__
	if (n <= 16 && end - p >= 16) {
		unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes_load(p), bytes_load(want)));

		return (~same & ((1u << n) - 1)) == 0;
	}
#endif
	return !memcmp(p, want, n);
}

/* How many of the eight bytes at p are digits, up to the first that is none; as a number they are *v. */
static inline size_t bytes_digits(const char *p, int64_t *v)
{
	uint64_t w, others;
	size_t n;

	memcpy(&w, p, 8);
	w = le64toh(w) ^ UINT64_C(0x3030303030303030); /* a digit is its value, all else is above 9 */
	others = ((w & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7676767676767676)) | w;
	others &= UINT64_C(0x8080808080808080);
	n = others ? (size_t)__builtin_ctzll(others) / 8 : 8;
	w = n ? w << (64 - 8 * n) : 0; /* the last digit on top, zeros in front */
	/* tens, hundreds, and so on, side by side */
	w = (w * 10 + (w >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	w = (w * 100 + (w >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*v = (int64_t)((w * 10000 + (w >> 32)) & UINT64_C(0xffffffff));
	return n;
}

/* The n hexadecimal digits at p as a number, -1 where they are none. */
static inline int bytes_hex(const char *p, const char *end, int n)
{
	int v = 0;

	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		unsigned digit = (unsigned)(p[i] - '0'), letter = (unsigned)((p[i] | 0x20) - 'a');

		if (digit > 9 && letter > 5)
			return -1;
		v = v << 4 | (int)(digit <= 9 ? digit : letter + 10);
	}
	return v;
}

#endif
