/* SPDX-License-Identifier: ISC */
#include "unquote.h"

#include <string.h>

#include "bytes.h"
#include "jsonscan.h"

/* The bytes of the escape at s, its backslash, that one character makes; 0 where it is none. */
static size_t one(const char *s, const char *end, char *out)
{
	static const char from[] = "\"\\/bfnrtv'", to[] = "\"\\/\b\f\n\r\t\v'";
	const char *known;
	int v;

	if (end - s < 2 || !s[1])
		return 0;
	if (s[1] == 'x' && (v = bytes_hex(s + 2, end, 2)) >= 0) {
		*out = (char)v;
		return 4;
	}
	known = strchr(from, s[1]);
	if (!known)
		return 0;
	*out = to[known - from];
	return 2;
}

/* The length of \uNNNN at s, of both where they are a pair of surrogates; 0 where it is none. */
static size_t unicode(const char *s, const char *end)
{
	int v = end - s < 2 || s[1] != 'u' ? -1 : bytes_hex(s + 2, end, 4);

	if (v < 0)
		return 0;
	if (v >> 10 == 0xd800 >> 10 && end - s >= 12 && s[6] == '\\' && s[7] == 'u' &&
	    bytes_hex(s + 8, end, 4) >> 10 == 0xdc00 >> 10)
		return 12;
	return 6;
}

size_t unquote(const char *s, size_t n, char *out)
{
	const char *end = s + n;
	char *o = out;

	while (s < end) {
		const char *slash = memchr(s, '\\', (size_t)(end - s)), *stop = slash ? slash : end;
		size_t len;

		memmove(o, s, (size_t)(stop - s));
		o += stop - s;
		s = stop;
		if (s == end)
			break;
		len = one(s, end, o);
		if (len) {
			o++;
		} else if ((len = unicode(s, end))) {
			o += jsonscan_unescape(s, len, o);
		} else {
			*o++ = '\\';
			len = 1;
		}
		s += len;
	}
	return (size_t)(o - out);
}
