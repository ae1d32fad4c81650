/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <stdint.h>
#include <string.h>

enum {
	DIGIT = 1,
	HEX = 2, /* a letter of hexadecimal digits */
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

static unsigned char class_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return DIGIT;
	if (c >= 'a' && c <= 'z')
		return c <= 'f' ? LOWER | HEX : LOWER;
	if (c >= 'A' && c <= 'Z')
		return c <= 'F' ? UPPER | HEX : UPPER;
	if (c == '-')
		return DASH;
	if (c == '_' || c == '~' || c == '=' || c == '+')
		return MARK;
	return c == '.' ? DOT : OTHER;
}

static bool is_uuid(const char *s, size_t n)
{
	if (n != UUID_SIZE)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !(class_of((unsigned char)s[i]) & (DIGIT | HEX)))
			return false;
	}
	return true;
}

static bool is_address(const char *s, size_t n)
{
	const char *at = memchr(s, '@', n), *dot = memrchr(s, '.', n), *end = s + n;

	if (!at || at == s || !dot || dot < at + 2 || end - dot < 3)
		return false;
	for (const char *p = dot + 1; p < end; p++)
		if (!(class_of((unsigned char)*p) & (LOWER | UPPER)))
			return false;
	return true;
}

/* Digits and letters of both cases alternate: a quarter of the neighbours are of different kinds. */
static bool is_token(const char *s, size_t n)
{
	size_t digits = 0, changes = 0;
	unsigned last = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned c = class_of((unsigned char)s[i]) & (DIGIT | LOWER | UPPER);

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
	if (!(seen & (DASH | MARK))) {
		bool hex = true;

		for (size_t i = 0; i < n && hex; i++)
			hex = class_of((unsigned char)s[i]) & (DIGIT | HEX);
		if (hex || (n == ULID_SIZE && s[0] <= '7' && !(seen & LOWER)))
			return true;
	}
	return is_uuid(s, n) || (n >= TOKEN_MIN && is_token(s, n));
}

/* Length of an ending like .json, 0 where there is none. */
static size_t suffix(const char *s, size_t n)
{
	for (size_t i = 1; i <= SUFFIX_MAX + 1 && i < n; i++)
		if (s[n - i] == '.')
			return i > 1 && (class_of((unsigned char)s[n - i + 1]) & (LOWER | UPPER)) ? i : 0;
	return 0;
}

static char *fold_segment(char *to, const char *s, size_t n)
{
	unsigned seen = 0;
	size_t tail = 0;

	for (size_t i = 0; i < n; i++)
		seen |= class_of((unsigned char)s[i]);
	if (seen & DIGIT && seen & DOT && !(seen & OTHER)) {
		tail = suffix(s, n);
		seen = 0;
		for (size_t i = 0; i < n - tail; i++)
			seen |= class_of((unsigned char)s[i]);
	}
	if (n && ((seen & DIGIT && is_id(s, n - tail, seen)) || (seen & OTHER && is_address(s, n)))) {
		memcpy(to, ":id", 3);
		memcpy(to + 3, s + n - tail, tail);
		return to + 3 + tail;
	}
	memcpy(to, s, n);
	return to + n;
}

size_t route_fold(char *to, const char *path, size_t n)
{
	const char *end = path + n;
	char *start = to;

	while (path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path)), *stop = slash ? slash : end;

		to = fold_segment(to, path, (size_t)(stop - path));
		path = stop;
		if (slash) {
			*to++ = '/';
			path++;
		}
	}
	return (size_t)(to - start);
}

bool route_differs(const char *path, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned)(path[i] - '0') <= 9 || path[i] == '@')
			return true;
	return false;
}
