/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

enum {
	DIGIT = 1,
	HEX = 2, /* a letter that is a hexadecimal digit */
	LOWER = 4,
	UPPER = 8,
	DASH = 16,
	MARK = 32, /* the other punctuation of tokens */
	DOT = 64,
	OTHER = 128,

	HEX_MIN = 8,
	ULID_SIZE = 26,
	UUID_SIZE = 36,
	TOKEN_MIN = 16, /* shorter ones could be names */
	SUFFIX_MAX = 5,
};

/* clang-format off */
#define X OTHER
#define L LOWER
#define U UPPER
static const unsigned char classes[256] = {
	X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X,
	X,X,X,X,X,X,X,X, X,X,X,MARK,X,DASH,DOT,X,
	DIGIT,DIGIT,DIGIT,DIGIT,DIGIT,DIGIT,DIGIT,DIGIT, DIGIT,DIGIT,X,X,X,MARK,X,X,
	X,U|HEX,U|HEX,U|HEX,U|HEX,U|HEX,U|HEX,U, U,U,U,U,U,U,U,U, U,U,U,U,U,U,U,U, U,U,U,X,X,X,X,MARK,
	X,L|HEX,L|HEX,L|HEX,L|HEX,L|HEX,L|HEX,L, L,L,L,L,L,L,L,L, L,L,L,L,L,L,L,L, L,L,L,X,X,X,MARK,X,
	X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X,
	X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X,
	X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X,
	X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X, X,X,X,X,X,X,X,X,
};
#undef X
#undef L
#undef U
/* clang-format on */

static inline unsigned class_of(char c)
{
	return classes[(unsigned char)c];
}

static unsigned classes_in(const char *s, size_t n)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++)
		seen |= class_of(s[i]);
	return seen;
}

static bool is_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(class_of(s[i]) & (DIGIT | HEX)))
			return false;
	return true;
}

static bool is_uuid(const char *s, size_t n)
{
	return n == UUID_SIZE && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
	       is_hex(s, 8) && is_hex(s + 9, 4) && is_hex(s + 14, 4) && is_hex(s + 19, 4) &&
	       is_hex(s + 24, 12);
}

static bool is_address(const char *s, size_t n)
{
	const char *at = memchr(s, '@', n), *dot = memrchr(s, '.', n), *end = s + n;

	if (!at || at == s || !dot || dot < at + 2 || end - dot < 3)
		return false;
	return !(classes_in(dot + 1, (size_t)(end - dot - 1)) & ~(unsigned)(LOWER | UPPER | HEX));
}

/* Digits and letters of both cases alternate: a quarter of the neighbours are of different kinds. */
static bool is_token(const char *s, size_t n)
{
	size_t digits = 0, changes = 0;
	unsigned last = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned c = class_of(s[i]) & (DIGIT | LOWER | UPPER);

		digits += c == DIGIT;
		changes += c && last && c != last;
		last = c;
	}
	return digits > 1 && changes * 4 >= n;
}

/* A segment, or what of it stands before its ending, that has a digit; `seen` are its classes. */
static bool is_id(const char *s, size_t n, unsigned seen)
{
	if (!(seen & ~(unsigned)(DIGIT | DASH)))
		return s[0] != '-';
	if (n < HEX_MIN || (seen & (DOT | OTHER)))
		return false;
	if (!(seen & (DASH | MARK)) && (is_hex(s, n) || (n == ULID_SIZE && s[0] <= '7' && !(seen & LOWER))))
		return true;
	return is_uuid(s, n) || (n >= TOKEN_MIN && is_token(s, n));
}

/* Length of an ending like .json, 0 where there is none. */
static size_t suffix(const char *s, size_t n)
{
	for (size_t i = 1; i <= SUFFIX_MAX + 1 && i < n; i++)
		if (s[n - i] == '.')
			return i > 1 && (class_of(s[n - i + 1]) & (LOWER | UPPER)) ? i : 0;
	return 0;
}

/* How much of a segment, from its beginning, is an identifier. */
static size_t id_length(const char *s, size_t n, unsigned seen)
{
	size_t tail = 0;

	if (seen & OTHER)
		return is_address(s, n) ? n : 0;
	if (seen & DOT) {
		tail = suffix(s, n);
		seen = classes_in(s, n - tail);
	}
	return seen & DIGIT && is_id(s, n - tail, seen) ? n - tail : 0;
}

/* Where a route has been written to. */
struct fold {
	char *to;
	const char *copied; /* what stands before it in the path is in the route */
};

static inline void take_id(struct fold *f, const char *segment, size_t n)
{
	memcpy(f->to, f->copied, (size_t)(segment - f->copied));
	f->to += segment - f->copied;
	memcpy(f->to, ":id", 3);
	f->to += 3;
	f->copied = segment + n;
}

static inline void fold_segment(struct fold *f, const char *s, size_t n, unsigned seen)
{
	size_t id = seen & (DIGIT | OTHER) ? id_length(s, n, seen) : 0;

	if (id)
		take_id(f, s, id);
}

static void fold_bytes(struct fold *f, const char *path, const char *end)
{
	for (const char *p = path; p < end; p++) {
		const char *segment = p;
		unsigned seen = 0;

		for (; p < end && *p != '/'; p++)
			seen |= class_of(*p);
		fold_segment(f, segment, (size_t)(p - segment), seen);
	}
}

#ifdef __SSE2__
enum { MARKS = 64, BLOCK = 16 };

/* A bit for each byte of a path. */
struct marks {
	uint64_t slash, digit, at;
};

static inline void mark_block(struct marks *m, __m128i v, size_t at)
{
	const __m128i low = _mm_set1_epi8((char)('0' - 1)), high = _mm_set1_epi8('9' + 1);

	m->slash |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('/'))) << at;
	m->digit |=
		(uint64_t)_mm_movemask_epi8(_mm_and_si128(_mm_cmpgt_epi8(v, low), _mm_cmplt_epi8(v, high)))
		<< at;
	m->at |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('@'))) << at;
}

/* The first and the last eight of 8 to 15 bytes, which overlap. */
static inline uint64_t join(uint64_t marks, size_t n)
{
	return (marks & 0xff) | marks >> 8 << (n - 8);
}

static inline void mark_short(struct marks *m, const char *path, size_t n)
{
	uint64_t word[2];

	memcpy(&word[0], path, 8);
	memcpy(&word[1], path + n - 8, 8);
	mark_block(m, _mm_set_epi64x((long long)word[1], (long long)word[0]), 0);
	*m = (struct marks){join(m->slash, n), join(m->digit, n), join(m->at, n)};
}

/* As v1 is: too short for an identifier that begins with a letter. */
static inline bool is_name(char first, size_t n, bool at)
{
	return n < HEX_MIN && !at && (class_of(first) & (LOWER | UPPER));
}

/* The segments of a path of 8 to 64 bytes that hold a digit or an @: others are no identifiers. */
static void fold_marks(struct fold *f, const char *path, size_t n)
{
	struct marks m = {0, 0, 0};
	uint64_t left;

	if (n < BLOCK) {
		mark_short(&m, path, n);
	} else {
		for (size_t i = 0; i + BLOCK < n; i += BLOCK)
			mark_block(&m, bytes_load(path + i), i);
		mark_block(&m, bytes_load(path + n - BLOCK), n - BLOCK);
	}
	for (left = m.digit | m.at; left;) {
		unsigned at = (unsigned)__builtin_ctzll(left);
		uint64_t before = m.slash & ((UINT64_C(1) << at) - 1), behind = m.slash >> at;
		size_t start = before ? 64 - (size_t)__builtin_clzll(before) : 0;
		size_t end = behind ? at + (size_t)__builtin_ctzll(behind) : n, len = end - start;
		uint64_t segment = (len < 64 ? (UINT64_C(1) << len) - 1 : ~UINT64_C(0)) << start;

		if (!(segment & ~m.digit))
			take_id(f, path + start, len);
		else if (!is_name(path[start], len, segment & m.at))
			fold_segment(f, path + start, len, classes_in(path + start, len));
		left &= ~segment;
	}
}
#endif

size_t route_fold(char *to, const char *path, size_t n)
{
	struct fold f = {to, path};
	size_t rest;

#ifdef __SSE2__
	if (n >= 8 && n <= MARKS)
		fold_marks(&f, path, n);
	else
#endif
		fold_bytes(&f, path, path + n);
	rest = (size_t)(path + n - f.copied);
	memcpy(f.to, f.copied, rest);
	return (size_t)(f.to - to) + rest;
}
