/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <stdbool.h>
#include <string.h>

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

size_t route_fold(char *to, const char *path, size_t n)
{
	const char *end = path + n, *copied = path;
	char *start = to;

	for (const char *p = path; p < end; p++) {
		const char *segment = p;
		unsigned seen = 0;
		size_t id;

		for (; p < end && *p != '/'; p++)
			seen |= class_of(*p);
		id = seen & (DIGIT | OTHER) ? id_length(segment, (size_t)(p - segment), seen) : 0;
		if (id) {
			memcpy(to, copied, (size_t)(segment - copied));
			to += segment - copied;
			memcpy(to, ":id", 3);
			to += 3;
			copied = segment + id;
		}
	}
	memcpy(to, copied, (size_t)(end - copied));
	return (size_t)(to - start) + (size_t)(end - copied);
}
