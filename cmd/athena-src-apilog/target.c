/* SPDX-License-Identifier: ISC */
#include "target.h"

#include <string.h>

#include "bytes.h"

enum { METHOD_MAX = 32 };

static bool in_method(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26 || c == '-' || c == '_';
}

/* How many bytes at s may be of a method; beyond METHOD_MAX it does not matter. */
static size_t method_length(const char *s, size_t n)
{
	size_t i = 0;

#ifdef __SSE2__
	if (n >= 16) {
		__m128i v = bytes_load(s), letter = _mm_or_si128(v, _mm_set1_epi8(0x20));
		__m128i may = _mm_and_si128(_mm_cmpgt_epi8(letter, _mm_set1_epi8('a' - 1)),
					    _mm_cmplt_epi8(letter, _mm_set1_epi8('z' + 1)));
		unsigned others = ~(unsigned)_mm_movemask_epi8(may);

		i = (size_t)__builtin_ctz(others);
	}
#endif
	while (i < n && i < METHOD_MAX && in_method(s[i]))
		i++;
	return i;
}

/* The length of "http://" or of another scheme and "://" at s, 0 where there is none. */
static size_t scheme(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && i < 16 && ((unsigned)((s[i] | 0x20) - 'a') < 26 || s[i] == '+'))
		i++;
	return i && n - i >= 3 && !memcmp(s + i, "://", 3) ? i + 3 : 0;
}

bool target_scheme(struct record *r, const char *s, size_t n)
{
	if ((n != 4 && n != 5) || memcmp(s, "https", n))
		return false;
	if (!r->scheme.p)
		r->scheme = (struct slice){s, n};
	return true;
}

static void set(struct slice *at, const char *p, size_t n)
{
	if (!at->p)
		*at = (struct slice){p, n};
}

void target_url(struct record *r, const char *s, size_t n)
{
	size_t skip = n && *s != '/' ? scheme(s, n) : 0;
	const char *query;

	if (skip) {
		size_t host = skip;

		while (host < n && s[host] != '/' && s[host] != '?')
			host++;
		target_scheme(r, s, skip - 3);
		if (host > skip)
			set(&r->host, s + skip, host - skip);
		s += host;
		n -= host;
		if (!n) {
			set(&r->path, "/", 1);
			return;
		}
	}
	query = bytes_find(s, s + n, '?');
	if (query < s + n) {
		set(&r->query, query + 1, (size_t)(s + n - query) - 1);
		n = (size_t)(query - s);
	}
	set(&r->path, s, n);
}

/* The length of " HTTP/1.1" at the end, 0 where there is none. */
static size_t protocol(const char *s, size_t n)
{
	if (n > 9 && s[n - 9] == ' ' && !memcmp(s + n - 8, "HTTP/", 5))
		return 9;
	for (size_t i = 1; i < 12 && i < n; i++)
		if (s[n - i] == ' ')
			return i > 5 && !memcmp(s + n - i + 1, "HTTP/", 5) ? i : 0;
	return 0;
}

bool target_request(struct record *r, const char *s, size_t n)
{
	size_t method = method_length(s, n), tail;

	if (!method || method + 1 >= n || s[method] != ' ' || (method == 1 && *s == '-'))
		return false; /* `- - HTTP/1.1` is what Envoy writes where nothing was asked for */
	tail = protocol(s, n);
	if (method + 1 + tail >= n || (!tail && s[method + 1] != '/'))
		return false; /* without a protocol, as of HTTP/0.9, only a path is a target */
	r->method = (struct slice){s, method};
	if (tail)
		r->protocol = (struct slice){s + n - tail + 1, tail - 1};
	s += method + 1;
	n -= method + 1 + tail;
	if (method == 7 && !memcmp(r->method.p, "CONNECT", 7)) {
		set(&r->host, s, n);
		set(&r->path, s, n);
	} else {
		target_url(r, s, n);
	}
	return true;
}
