/* SPDX-License-Identifier: ISC */
#include "redact.h"

#include <string.h>

#include "bytes.h"
#include "pen.h"
#include "prose.h"
#include "jsontext.h"
#include "secret.h"

/* Where a text stands says how a value ends in it. */
enum where { IN_QUERY, IN_TEXT, IN_JSON };

struct scrub {
	struct buf *out;
	const char *copied; /* what stands before it is in out, or was left out */
	const char *p, *end;
	size_t start; /* of the copy, in out */
	enum where where;
	bool encoded; /* there are percent signs */
	bool masked;
};

static void mask(struct scrub *c, const char *from, const char *to)
{
	buf_add(c->out, c->copied, (size_t)(from - c->copied));
	buf_add(c->out, "***", 3);
	c->copied = to;
	c->p = to;
	c->masked = true;
}

static struct slice finish(struct scrub *c, struct slice whole)
{
	if (!c->masked)
		return whole;
	buf_add(c->out, c->copied, (size_t)(c->end - c->copied));
	return (struct slice){c->out->data + c->start, c->out->len - c->start};
}

/* ---- at a glance ---- */

/* At the equals sign: does what stands before it end as the name of a secret may? */
static inline bool tells(const char *equals, const char *start)
{
	return equals - start >= 3 && secret_ends_so(equals - 3);
}

/* One byte after the other. */
static bool byte_hides(const char *p, const char *end, const char *start)
{
	for (; p < end; p++)
		if (*p == '@' || *p == '%' || (*p == '=' && tells(p, start)))
			return true;
	return false;
}

/* Is one of eight bytes a '=', '@' or '%'? */
static inline bool word_hides(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t equals, at, percent;

	equals = w ^ (ones * '=');
	at = w ^ (ones * '@');
	percent = w ^ (ones * '%');
	return (((equals - ones) & ~equals) | ((at - ones) & ~at) | ((percent - ones) & ~percent)) &
	       (ones * 0x80);
}

/* Each of the 1 to 7 bytes at p, some of them twice. */
static inline uint64_t short_word(const char *p, size_t n)
{
	uint32_t first, last;

	if (n < 4)
		return (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
		       (unsigned char)p[n - 1];
	memcpy(&first, p, 4);
	memcpy(&last, p + n - 4, 4);
	return (uint64_t)last << 32 | first;
}

#ifdef __SSE2__
enum { BLOCK = 16 };

static inline bool block_hides(const char *p, const char *start)
{
	__m128i v = bytes_load(p);
	unsigned equals = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
	__m128i other =
		_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('@')), _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));

	if (_mm_movemask_epi8(other))
		return true;
	for (; equals; equals &= equals - 1)
		if (tells(p + __builtin_ctz(equals), start))
			return true;
	return false;
}
#endif

/*
 * Could anything in it be secret? A parameter has an equals sign behind a name that ends as those of secrets
 * do; a user part has an @; and a percent sign may hide all of them. Most texts are through with this.
 */
static bool may_hide(struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;

#ifdef __SSE2__
	for (; end - p >= BLOCK; p += BLOCK)
		if (block_hides(p, s.p))
			return true;
	if (s.n >= BLOCK)
		return p < end && block_hides(end - BLOCK, s.p);
#endif
	if (s.n >= 8 ? !word_hides(pen_word(p)) && !word_hides(pen_word(end - 8))
		     : !word_hides(short_word(p, s.n)))
		return false;
	return byte_hides(p, end, s.p);
}

/* ---- parameters ---- */

/* The character at p, percent-decoded as often as it was encoded; *step is its length. In JSON \u0026 is one. */
static unsigned char character(const struct scrub *c, const char *p, size_t *step)
{
	const char *start = p;
	int v = (unsigned char)*p++, low;

	if (v == '\\' && c->where == IN_JSON && c->end - p >= 5 && !memcmp(p, "u00", 3) &&
	    (low = bytes_hex(p + 3, c->end, 2)) >= 0) {
		v = low;
		p += 5;
	}
	while (v == '%' && (low = bytes_hex(p, c->end, 2)) >= 0) {
		v = low;
		p += 2;
	}
	*step = (size_t)(p - start);
	return (unsigned char)v;
}

/* Behind the value at p, which is as long as it can be: more is masked rather than less. */
static const char *value_end(const struct scrub *c, const char *p)
{
	if (c->where == IN_QUERY) {
		const char *end = memchr(p, '&', (size_t)(c->end - p));

		return end ? end : c->end;
	}
	for (; p < c->end; p++) {
		if (*p == '&' || (unsigned char)*p <= ' ' || *p == '"' || *p == '\'' || *p == '<' ||
		    *p == '>')
			break;
		if (c->where == IN_JSON && *p == '\\') {
			size_t step;
			unsigned char is = character(c, p, &step);

			if (is == '&' || is <= ' ' || is == '<' || is == '>' ||
			    (step == 1 && strchr("\"nrt", p[1])))
				break;
			p += step > 1 ? step - 1 : 1;
		}
	}
	return p < c->end ? p : c->end;
}

static bool separates(unsigned char c)
{
	return c == '&' || c == ';' || c == '?' || c == '#';
}

/*
 * At the equals sign, whose value begins at `value`: masks it where the name is a secret's. In a text a
 * name that is in no query, which no separator tells, must be one that is secret everywhere.
 */
static void pair(struct scrub *c, const char *name, const char *value, bool in_query)
{
	size_t n = (size_t)(c->p - name);
	const char *end;

	c->p = value;
	if (!(in_query ? secret_parameter(name, n, c->encoded) : secret_member(name, n)))
		return;
	if (c->where != IN_QUERY) {
		if (c->where == IN_JSON && c->end - value > 1 && *value == '\\' && value[1] == '"')
			value += 2;
		else if (value < c->end && (*value == '"' || *value == '\''))
			value++;
	}
	end = value_end(c, value);
	if (end > value)
		mask(c, value, end);
}

/* Every parameter, encoded or not. */
static void parameters(struct scrub *c)
{
	const char *name = c->p;
	bool in_query = c->where == IN_QUERY;

	while (c->p < c->end) {
		size_t step;
		unsigned char is = character(c, c->p, &step);
		const char *next = c->p + step;

		if (is == '=') {
			pair(c, name, next, in_query);
			name = c->p;
		} else {
			c->p = next;
			if (separates(is) || is <= ' ') {
				name = next;
				in_query = is > ' ' || c->where == IN_QUERY;
			}
		}
	}
}

/* The same where nothing is encoded: from one equals sign to the next. */
static void plain_parameters(struct scrub *c)
{
	const char *first = c->p, *equals;
	bool in_query = c->where == IN_QUERY;

	while ((equals = memchr(c->p, '=', (size_t)(c->end - c->p)))) {
		const char *name = equals;

		while (name > first && !separates((unsigned char)name[-1]) && (unsigned char)name[-1] > ' ')
			name--;
		if (name > first)
			in_query = (unsigned char)name[-1] > ' ' || c->where == IN_QUERY;
		c->p = equals;
		pair(c, name, equals + 1, in_query);
		first = c->p;
	}
}

/* Adds what s is with its secret parameters masked. */
static struct slice scrub_parameters(struct buf *work, struct slice s, enum where where)
{
	struct scrub c = {
		.out = work, .copied = s.p, .p = s.p, .end = s.p + s.n, .start = work->len, .where = where};

	c.encoded = memchr(s.p, '%', s.n) || (where == IN_JSON && memchr(s.p, '\\', s.n));
	if (c.encoded)
		parameters(&c);
	else
		plain_parameters(&c);
	return finish(&c, s);
}

/* ---- the user part of URLs ---- */

/* Behind `://`: the @ that ends the user part, NULL where there is none. */
static const char *user_end(const char *p, const char *end)
{
	const char *at = NULL;

	for (; p < end && *p != '/' && *p != '?' && *p != '#' && *p != '\\' && *p != '"' &&
	       (unsigned char)*p > ' ';
	     p++)
		if (*p == '@')
			at = p;
	return at;
}

static struct slice scrub_users(struct buf *work, struct slice s)
{
	struct scrub c = {.out = work, .copied = s.p, .p = s.p, .end = s.p + s.n, .start = work->len};

	if (!memchr(s.p, '@', s.n))
		return s;
	while ((c.p = memchr(c.p, ':', (size_t)(c.end - c.p)))) {
		const char *at;

		c.p++;
		if (c.end - c.p > 2 && c.p[0] == '/' && c.p[1] == '/')
			c.p += 2;
		else if (c.end - c.p > 4 && !memcmp(c.p, "\\/\\/", 4))
			c.p += 4; /* as some write it in JSON */
		else
			continue;
		at = user_end(c.p, c.end);
		if (at && at > c.p)
			mask(&c, c.p, at);
	}
	return finish(&c, s);
}

/* ---- texts ---- */

struct slice redact_query(struct buf *work, struct slice s)
{
	return s.n && may_hide(s) ? scrub_parameters(work, scrub_users(work, s), IN_QUERY) : s;
}

struct slice redact_text(struct buf *work, struct slice s)
{
	return s.n && may_hide(s) ? scrub_parameters(work, scrub_users(work, s), IN_TEXT) : s;
}

struct slice redact_message(struct buf *work, struct slice s)
{
	s = redact_text(work, s);
	return prose_may(s, true) ? prose_mask(work, s, false) : s;
}

/* ---- JSON ---- */

/* Is that what HAProxy has captured of headers? */
static bool is_captured(const char *name, size_t n)
{
	return n >= 8 && !memcmp(name, "captured", 8);
}

/* Adds the string value from p to its end, what is secret in it masked. */
static void scrub_string(struct scrub *c, const char *p, const char *end, bool captured)
{
	struct slice raw = {p + 1, (size_t)(end - p) - 2}, all;
	size_t mark;

	buf_add(c->out, c->copied, (size_t)(p + 1 - c->copied));
	c->copied = p + 1;
	mark = c->out->len;
	all = raw.n ? scrub_users(c->out, raw) : raw;
	all = raw.n ? scrub_parameters(c->out, all, IN_JSON) : raw;
	all = raw.n ? prose_mask(c->out, all, captured) : raw;
	if (all.p == raw.p)
		return;
	memmove(c->out->data + mark, all.p, all.n);
	c->out->len = mark + all.n;
	c->copied = end - 1;
	c->masked = true;
}

/* At the `":` of a member, or at the first letter behind any quote: the name of a secret? */
static inline bool name_tells(const char *quote, const char *start)
{
	return quote - start > 3 && secret_ends_so(quote - 3);
}

/* cookie_NAME, and what HAProxy has captured. */
static inline bool begins_so(const char *p, const char *end)
{
	return end - p > 3 && (p[0] | 0x20) == 'c' &&
	       (((p[1] | 0x20) == 'o' && (p[2] | 0x20) == 'o') || (p[1] == 'a' && p[2] == 'p'));
}

static bool byte_shows(const char *p, const char *end, const char *start)
{
	for (; p < end; p++)
		if (*p == '\\' || (*p == '"' && end - p > 1 &&
				   (p[1] == ':' ? name_tells(p, start) : begins_so(p + 1, end))))
			return true;
	return false;
}

/*
 * Could a member's name be that of a secret, or does an escape hide what may_hide() looks for? A name
 * ends in `":` and nothing between. Blocks overlap by a byte, so that each pair is in one.
 */
static bool may_show(struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;

#ifdef __SSE2__
	for (; end - p >= BLOCK; p += BLOCK - 1) {
		__m128i v = bytes_load(p), letters = _mm_or_si128(v, _mm_set1_epi8(0x20));
		unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
		unsigned colons = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(':')));
		unsigned cs = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(letters, _mm_set1_epi8('c')));

		if (_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))))
			return true;
		for (unsigned names = quotes & colons >> 1; names; names &= names - 1)
			if (name_tells(p + __builtin_ctz(names), s.p))
				return true;
		for (unsigned first = quotes & cs >> 1; first; first &= first - 1)
			if (begins_so(p + __builtin_ctz(first) + 1, end))
				return true;
	}
#endif
	return byte_shows(p, end, s.p);
}

struct slice redact_members(struct buf *work, struct slice s)
{
	struct scrub c = {.out = work, .copied = s.p, .p = s.p, .start = work->len};
	bool captured = false;

	if (!s.n || (!may_hide(s) && !may_show(s) && !prose_may(s, false)))
		return s;
	c.end = s.p + s.n;
	while (c.p < c.end) {
		const char *start = c.p, *end;

		if (*start != '"') {
			c.p++;
			continue;
		}
		c.p = end = jsontext_string_end(start, c.end);
		if (end < c.end && *end == ':') {
			const char *value = end + 1, *after = jsontext_value_end(value, c.end);

			if (after - value > 2 && *value != 't' && *value != 'f' && *value != 'n' &&
			    secret_member(start + 1, (size_t)(end - start) - 2)) {
				buf_add(c.out, c.copied, (size_t)(value - c.copied));
				buf_add(c.out, "\"***\"", 5);
				c.copied = c.p = after;
				c.masked = true;
			} else {
				captured = is_captured(start + 1, (size_t)(end - start) - 2);
				c.p = value;
			}
		} else {
			scrub_string(&c, start, end, captured);
			captured = false;
		}
	}
	return finish(&c, s);
}
