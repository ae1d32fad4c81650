/* SPDX-License-Identifier: ISC */
#include "prose.h"

#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "secret.h"

enum { TOKEN_LEAST = 8 /* bytes of what follows Bearer: fewer are a word of the text */ };

struct mask {
	struct buf *out;
	const char *first, *copied, *p, *end;
	size_t start;
	bool masked;
};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

static bool is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool in_name(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

static bool in_token(char c)
{
	return in_name(c) || c == '+' || c == '/' || c == '=' || c == '~' || c == '%';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* ---- at a glance ---- */

/* At a space or a colon: is there the end of a scheme, or of a name, before it? */
static bool tells(const char *p, const char *first)
{
	if (*p == ' ') {
		char last = p > first ? (char)(p[-1] | 0x20) : 0;

		if ((last == 'r' || last == 'c') && p - first >= 5)
			return !strncasecmp(p - 5, "earer", 5) || !strncasecmp(p - 5, "basic", 5);
		if (last != ':' || p[-1] != ':')
			return false;
		p--;
	}
	p -= *p == ':' && p > first && is_quote(p[-1]);
	p -= p - first > 1 && p[-1] == '\\';
	return p - first >= 3 && secret_ends_so(p - 3);
}

static bool bytes_tell(const char *p, const char *end, const char *first, bool colons)
{
	for (; p < end; p++)
		if ((*p == ' ' || (colons && *p == ':')) && tells(p, first))
			return true;
	return false;
}

bool prose_may(struct slice s, bool colons)
{
	const char *p = s.p, *end = s.p + s.n;

#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		__m128i v = bytes_load(p);
		unsigned at = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

		if (colons)
			at |= (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(':')));
		for (; at; at &= at - 1)
			if (tells(p + __builtin_ctz(at), s.p))
				return true;
	}
#endif
	return bytes_tell(p, end, s.p, colons);
}

/* ---- */

/* What is between the two is secret. */
static bool hide(struct mask *m, const char *from, const char *to)
{
	if (from >= to || (to - from == 3 && !memcmp(from, "***", 3)))
		return false;
	buf_add(m->out, m->copied, (size_t)(from - m->copied));
	buf_add(m->out, "***", 3);
	m->copied = m->p = to;
	return m->masked = true;
}

/* Digits, or what no word has. */
static bool looks_secret(const char *p, const char *end)
{
	for (const char *first = p; p < end; p++)
		if (is_digit(*p) || *p == '=' || (p > first && *p >= 'A' && *p <= 'Z' && in_token(p[-1])))
			return true;
	return false;
}

/* "Bearer abcdef0123": at its first letter. */
static bool scheme(struct mask *m)
{
	const char *p = m->p + strlen("bearer "), *to;

	if (m->p > m->first && in_name(m->p[-1]))
		return false;
	if (m->end - m->p > 6 && !strncasecmp(m->p, "basic ", 6))
		p--;
	else if (m->end - m->p <= 7 || strncasecmp(m->p, "bearer ", 7) != 0)
		return false;
	for (to = p; to < m->end && in_token(*to); to++)
		;
	return to - p >= TOKEN_LEAST && looks_secret(p, to) && hide(m, p, to);
}

/* How long the quote at p is, with a backslash before it or not; 0: there is none. */
static size_t quote_at(const char *p, const char *end)
{
	if (p < end && is_quote(*p))
		return 1;
	return end - p > 1 && *p == '\\' && is_quote(p[1]) ? 2 : 0;
}

/* Behind the quote of n bytes at p: where the same stands again. */
static const char *closing(const char *p, size_t n, const char *end)
{
	const char *q = p + n;

	while (q < end && ((size_t)(end - q) < n || memcmp(q, p, n) != 0))
		q += *q == '\\' && n == 1 && end - q > 1 ? 2 : 1;
	return q < end ? q : end;
}

static bool ends_so(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !strncasecmp(p + n - len, with, len);
}

/* The value of a header that has several words goes up to where the text goes on. */
static const char *bare_end(const char *p, const char *end, bool words)
{
	while (p < end && (unsigned char)*p >= ' ' && !is_quote(*p) && *p != '\\' &&
	       (words || !strchr(" ,;<>()[]{}&", *p)))
		p++;
	return p;
}

/* At the colon behind a name. */
static bool label(struct mask *m)
{
	const char *name_end = m->p, *name, *value = m->p + 1, *to;
	size_t quote;
	bool words;

	if (name_end > m->first && is_quote(name_end[-1]))
		name_end -= 1 + (name_end - m->first > 1 && name_end[-2] == '\\');
	for (name = name_end; name > m->first && in_name(name[-1]); name--)
		;
	if (name == name_end || !secret_member(name, (size_t)(name_end - name)))
		return false;
	while (value < m->end && *value == ' ')
		value++;
	quote = quote_at(value, m->end);
	if (quote)
		return hide(m, value + quote, closing(value, quote, m->end));
	words = ends_so(name, (size_t)(name_end - name), "authorization") ||
		ends_so(name, (size_t)(name_end - name), "cookie");
	to = bare_end(value, m->end, words);
	return looks_secret(value, to) && hide(m, value, to);
}

/* At the equals sign of a captured header: of a cookie it is where NAME begins the header, or follows another. */
static bool cookie(struct mask *m)
{
	const char *name = m->p, *to = m->p + 1;

	while (name > m->first && in_name(name[-1]))
		name--;
	if (name == m->p || (name > m->first && !strchr("|{\" ;", name[-1])))
		return false;
	while (to < m->end && !strchr("|}\"; \\", *to))
		to++;
	return hide(m, m->p + 1, to);
}

struct slice prose_mask(struct buf *work, struct slice s, bool cookies)
{
	struct mask m = {work, s.p, s.p, s.p, s.p + s.n, work->len, false};

	while (m.p < m.end) {
		char c = *m.p;

		if (!(c == ':' && label(&m)) && !((c | 0x20) == 'b' && scheme(&m)) &&
		    !(c == '=' && cookies && cookie(&m)))
			m.p++;
	}
	if (!m.masked)
		return s;
	buf_add(work, m.copied, (size_t)(m.end - m.copied));
	return (struct slice){work->data + m.start, work->len - m.start};
}
