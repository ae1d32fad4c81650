/* SPDX-License-Identifier: ISC */
#include "glob.h"

#include <string.h>

/* A piece of a pattern or of a path. */
struct span {
	const char *p;
	const char *end;
};

/* git takes "./src" for "src", and "." for everything. */
static struct span whole(const char *pattern)
{
	while (pattern[0] == '.' && (pattern[1] == '/' || !pattern[1])) {
		pattern++;
		while (*pattern == '/')
			pattern++;
	}
	return (struct span){pattern, pattern + strlen(pattern)};
}

static const char *const class_names[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
					  "lower", "print", "punct", "space", "upper", "xdigit"};

/* Is c in the class of that name? -1 where there is no such class. The ASCII ones, whatever the locale. */
static int in_class(const char *name, size_t n, unsigned char c)
{
	bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
	bool graph = c > 0x20 && c < 0x7f, hex = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	const bool is[] = {lower || upper || digit,
			   lower || upper,
			   c == ' ' || c == '\t',
			   c < 0x20 || c == 0x7f,
			   digit,
			   graph,
			   lower,
			   graph || c == ' ',
			   graph && !lower && !upper && !digit,
			   c == ' ' || (c >= '\t' && c <= '\r'),
			   upper,
			   digit || hex};

	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++)
		if (strlen(class_names[i]) == n && !memcmp(class_names[i], name, n))
			return is[i];
	return -1;
}

/* One byte of a bracket expression, which `\` quotes; false where the pattern ends. */
static bool bracket_byte(const char **p, const char *end, unsigned char *c)
{
	if (*p < end && **p == '\\')
		(*p)++;
	if (*p == end)
		return false;
	*c = (unsigned char)*(*p)++;
	return true;
}

/*
 * The bracket expression at p, whose '[' is already behind: its end (behind the ']'), with *hit telling
 * whether c is in it. NULL where it is not ended, or names a class that does not exist.
 */
static const char *bracket(const char *p, const char *end, unsigned char c, bool *hit)
{
	bool negated = p < end && (*p == '!' || *p == '^'), in = false;
	const char *first;

	p += negated;
	for (first = p; p < end && (*p != ']' || p == first);) {
		unsigned char lo, hi;

		if (p + 1 < end && p[0] == '[' && p[1] == ':') {
			const char *name = p + 2, *close = memchr(name, ']', (size_t)(end - name));
			int is;

			if (!close)
				return NULL;
			if (close > name && close[-1] == ':') {
				is = in_class(name, (size_t)(close - 1 - name), c);
				if (is < 0)
					return NULL;
				in |= is;
				p = close + 1;
				continue;
			}
		}
		if (!bracket_byte(&p, end, &lo))
			return NULL;
		hi = lo;
		if (p + 1 < end && p[0] == '-' && p[1] != ']') {
			p++;
			if (!bracket_byte(&p, end, &hi))
				return NULL;
		}
		in |= c >= lo && c <= hi;
	}
	if (p == end)
		return NULL;
	*hit = in != negated;
	return p + 1;
}

/* The end of the pattern component at p: a slash, quoted or not, but none within brackets. */
static const char *component_end(const char *p, const char *end)
{
	while (p < end && *p != '/') {
		const char *after = NULL;
		bool hit;

		if (*p == '\\' && p + 1 < end) {
			if (p[1] == '/')
				return p;
			after = p + 2;
		} else if (*p == '[') {
			after = bracket(p + 1, end, 0, &hit);
		}
		p = after ? after : p + 1;
	}
	return p;
}

static const char *path_component_end(const char *p, const char *end)
{
	const char *slash = memchr(p, '/', (size_t)(end - p));

	return slash ? slash : end;
}

/* Does the component consist of two or more stars and nothing else? */
static bool is_doublestar(struct span c)
{
	for (const char *p = c.p; p < c.end; p++)
		if (*p != '*')
			return false;
	return c.end - c.p >= 2;
}

/* A pattern component against a path component: stars give up one byte more at a time, the last one first. */
static bool match_component(struct span pat, struct span text)
{
	const char *p = pat.p, *s = text.p, *star = NULL, *star_s = NULL;

	while (s < text.end) {
		bool hit = false;
		const char *next = p + 1;

		if (p < pat.end && *p == '*') {
			star = ++p;
			star_s = s;
			continue;
		}
		if (p == pat.end) {
			hit = false;
		} else if (*p == '?') {
			hit = true;
		} else if (*p == '[') {
			next = bracket(p + 1, pat.end, (unsigned char)*s, &hit);
			if (!next)
				return false;
		} else if (*p == '\\') {
			hit = p + 1 < pat.end && p[1] == *s;
			next = p + 2;
		} else {
			hit = *p == *s;
		}
		if (hit) {
			p = next;
			s++;
		} else if (star) {
			p = star;
			s = ++star_s;
		} else {
			return false;
		}
	}
	while (p < pat.end && *p == '*')
		p++;
	return p == pat.end;
}

/* The component at *p of a pattern, and *p on behind its slash; false at the end. */
static bool next_component(const char **p, const char *end, struct span *c, bool *slash)
{
	if (*p == end)
		return false;
	c->p = *p;
	c->end = component_end(*p, end);
	*p = c->end;
	if (*p < end && **p == '\\')
		(*p)++;
	*slash = *p < end;
	*p += *slash;
	return true;
}

/*
 * A pattern against a path, component by component: `**` gives up one component more at a
 * time. With `below` it must be a `**` at the end that matches the last components, or none:
 * then all below this path matches, too.
 */
static bool match_wild(struct span pat, struct span path, bool below)
{
	const char *p = pat.p, *s = path.p, *star = NULL, *star_s = NULL;
	struct span c;
	bool slash;

	for (;;) {
		const char *next = p, *s_end;

		if (s > path.end && !below)
			return p == pat.end;
		if (s > path.end)
			return next_component(&next, pat.end, &c, &slash) && is_doublestar(c) && !slash;
		s_end = path_component_end(s, path.end);
		if (next_component(&next, pat.end, &c, &slash)) {
			if (is_doublestar(c)) {
				if (!slash || next == pat.end)
					return !slash;
				star = p = next;
				star_s = s;
				continue;
			}
			/* a slash at the end of the pattern asks for one more component, which is empty */
			if (match_component(c, (struct span){s, s_end}) && !(slash && next == pat.end)) {
				p = next;
				s = s_end + 1;
				continue;
			}
		}
		if (!star)
			return false;
		s = star_s = path_component_end(star_s, path.end) + 1;
		p = star;
	}
}

/* As git does before it looks at any wildcard: the path itself, or a folder that it is in, byte for byte. */
static bool match_literal(struct span pat, struct span path)
{
	size_t n = (size_t)(pat.end - pat.p), len = (size_t)(path.end - path.p);

	if (!n)
		return true;
	if (n > len || memcmp(pat.p, path.p, n))
		return false;
	return n == len || path.p[n] == '/' || pat.end[-1] == '/';
}

/* Length of the part of a pattern that is free of wildcards. */
static size_t literal_len(struct span pat)
{
	const char *p = pat.p;

	while (p < pat.end && !memchr("*?[\\", *p, 4))
		p++;
	return (size_t)(p - pat.p);
}

/*
 * The rest of the pattern, behind its literal part, against the rest of the path. That git cuts here too is
 * to be seen: `src/a**` goes below src/ab, `src/?b**` does not.
 */
static bool match_rest(struct span pat, struct span path, bool below)
{
	size_t n = literal_len(pat);

	if (pat.p + n == pat.end || n > (size_t)(path.end - path.p) || memcmp(pat.p, path.p, n))
		return false;
	return match_wild((struct span){pat.p + n, pat.end}, (struct span){path.p + n, path.end}, below);
}

bool glob_match(const char *pattern, const char *path, size_t len)
{
	struct span pat = whole(pattern), text = {path, path + len};

	return match_literal(pat, text) || match_rest(pat, text, false);
}

bool glob_may_match_below(const char *pattern, const char *dir, size_t len)
{
	struct span pat = whole(pattern), text = {dir, dir + len}, c;
	size_t n = literal_len(pat);
	const char *p = pat.p + n, *s = dir + n;
	bool slash;

	if (!len || match_literal(pat, text))
		return true;
	if ((size_t)(pat.end - pat.p) > len && !memcmp(pat.p, dir, len) && pat.p[len] == '/')
		return true; /* taken literally, it leads there */
	if (n > len || memcmp(pat.p, dir, n))
		return false;
	for (; s <= text.end; s = path_component_end(s, text.end) + 1) {
		if (!next_component(&p, pat.end, &c, &slash))
			return false;
		if (is_doublestar(c))
			return true;
		if (!slash || !match_component(c, (struct span){s, path_component_end(s, text.end)}))
			return false;
	}
	return p < pat.end;
}

/* Does the pattern match everything below the folder? A false no costs time, nothing else. */
static bool matches_all_below(const char *pattern, const char *dir, size_t len)
{
	struct span pat = whole(pattern), text = {dir, dir + len};

	if (match_literal(pat, text))
		return true;
	if ((size_t)(pat.end - pat.p) == len + 1 && pat.end[-1] == '/' && !memcmp(pat.p, dir, len))
		return true;
	return pat.end - pat.p > 2 && pat.end[-1] == '*' && pat.end[-2] == '*' && match_rest(pat, text, true);
}

bool glob_set_match(const struct glob_set *set, const char *path, size_t len)
{
	bool in = !set->n_include;

	for (size_t i = 0; i < set->n_include && !in; i++)
		in = glob_match(set->include[i], path, len);
	for (size_t i = 0; i < set->n_exclude && in; i++)
		in = !glob_match(set->exclude[i], path, len);
	return in;
}

bool glob_set_may_match_below(const struct glob_set *set, const char *dir, size_t len)
{
	bool may = !set->n_include;

	for (size_t i = 0; i < set->n_include && !may; i++)
		may = glob_may_match_below(set->include[i], dir, len);
	for (size_t i = 0; i < set->n_exclude && may; i++)
		may = !matches_all_below(set->exclude[i], dir, len);
	return may;
}
