/* SPDX-License-Identifier: ISC */
#include "jsontext.h"

#include <stdbool.h>

const char *jsontext_string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\';
	return p < end ? p + 1 : end;
}

const char *jsontext_value_end(const char *p, const char *end)
{
	int depth = 0;

	while (p < end && (depth || (*p != ',' && *p != ']' && *p != '}'))) {
		if (*p == '"') {
			p = jsontext_string_end(p, end);
			continue;
		}
		depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
		p++;
	}
	return p;
}

size_t jsontext_clip_members(const char *s, size_t n, size_t max)
{
	const char *p = s, *end;
	size_t fits = 0;

	if (n <= max)
		return n;
	end = s + n;
	while (p < end && (size_t)(p - s) <= max) {
		p = jsontext_value_end(p,
				       end); /* a name, its colon and its value hold no comma of this depth */
		if ((size_t)(p - s) <= max)
			fits = (size_t)(p - s);
		if (p < end)
			p++;
	}
	return fits;
}
