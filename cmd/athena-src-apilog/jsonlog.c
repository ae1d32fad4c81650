/* SPDX-License-Identifier: ISC */
#include "jsonlog.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "jsonscan.h"
#include "jsonout.h"
#include "text.h"

struct scan {
	struct work *w;
	const char *p, *end;
	const char *why;
	unsigned depth;
	unsigned mute; /* within a duplicate or an array: nothing there has a meaning */
};

static bool object(struct scan *c, uint32_t parent);

static bool fail(struct scan *c, const char *why)
{
	c->why = why;
	return false;
}

static inline void skip_space(struct scan *c)
{
	while (c->p < c->end && (unsigned char)*c->p <= ' ' &&
	       (*c->p == ' ' || *c->p == '\t' || *c->p == '\r' || *c->p == '\n'))
		c->p++;
}

/* ---- strings ---- */

/* The first byte from p on that is a quote, a backslash, a control byte or not ASCII. */
static inline const char *plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'),
		      space = _mm_set1_epi8(0x20);

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: control bytes and everything above 0x7f are below a space */
		int mask = _mm_movemask_epi8(
			_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
				     _mm_cmplt_epi8(v, space)));

		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The four digits after \u, or -1. */
static int hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if ((unsigned)(c - '0') <= 9)
			v = v << 4 | (c - '0');
		else if ((unsigned)((c | 0x20) - 'a') < 6)
			v = v << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* At the backslash. */
static bool escape(struct scan *c, struct token *t)
{
	int unit, low;

	t->escaped = true;
	if (c->end - c->p < 2)
		return fail(c, "JSON with an unfinished string");
	if (c->p[1] != 'u') {
		if (!c->p[1] || !strchr("\"\\/bfnrt", c->p[1]))
			return fail(c, "JSON with an unknown escape");
		c->p += 2;
		return true;
	}
	unit = hex4(c->p + 2, c->end);
	if (unit < 0)
		return fail(c, "JSON with \\u and no four hexadecimal digits");
	c->p += 6;
	if (unit >= 0xd800 && unit <= 0xdbff && c->end - c->p >= 6 && c->p[0] == '\\' && c->p[1] == 'u' &&
	    (low = hex4(c->p + 2, c->end)) >= 0xdc00 && low <= 0xdfff)
		c->p += 6;
	else if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff))
		t->odd = true;
	return true;
}

/* At the opening quote; leaves p after the closing one. */
static bool string(struct scan *c, struct token *t)
{
	t->type = TOKEN_JSON;
	t->escaped = t->odd = false;
	t->p = ++c->p;
	for (;;) {
		c->p = plain_end(c->p, c->end);
		if (c->p == c->end)
			return fail(c, "JSON with an unfinished string");
		if (*c->p == '"') {
			t->n = (size_t)(c->p++ - t->p);
			return true;
		}
		if (*c->p == '\\') {
			if (!escape(c, t))
				return false;
		} else if ((unsigned char)*c->p < 0x20) {
			return fail(c, "JSON with a control character in a string");
		} else {
			size_t step = text_utf8_len(c->p, (size_t)(c->end - c->p));

			t->odd |= !step;
			c->p += step ? step : 1;
		}
	}
}

/* ---- numbers and words ---- */

static inline bool digits(struct scan *c)
{
	const char *first = c->p;

	while (c->p < c->end && (unsigned)(*c->p - '0') <= 9)
		c->p++;
	return c->p > first;
}

/* Is it more than a double holds exactly? `whole` are n digits before the point. */
static bool too_large(const char *whole, size_t n, bool integer)
{
	static const char limit[] = "9007199254740992";
	int order = n < sizeof(limit) - 1 ? -1 : n >= sizeof(limit) ? 1 : memcmp(whole, limit, n);

	return integer ? order > 0 : order >= 0;
}

static bool number(struct scan *c, struct token *t)
{
	const char *whole;
	size_t n;
	bool integer = true;

	*t = (struct token){.p = c->p, .type = TOKEN_NUMBER};
	if (*c->p == '-')
		c->p++;
	whole = c->p;
	if (c->p < c->end && *c->p == '0')
		c->p++;
	else if (!digits(c))
		return fail(c, "JSON with an unknown word");
	n = (size_t)(c->p - whole);
	if (c->p < c->end && *c->p == '.') {
		integer = false;
		c->p++;
		if (!digits(c))
			return fail(c, "JSON with a fraction without digits");
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		bool minus;

		c->p++;
		minus = c->p < c->end && *c->p == '-';
		if (minus || (c->p < c->end && *c->p == '+'))
			c->p++;
		if (!digits(c))
			return fail(c, "JSON with an exponent without digits");
		t->odd = !minus; /* how large it is nobody computes */
	}
	t->odd = t->odd || (n > 15 && too_large(whole, n, integer));
	t->n = (size_t)(c->p - t->p);
	return true;
}

static bool word(struct scan *c, const char *text, size_t n, struct token *t)
{
	if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n))
		return fail(c, "JSON with an unknown word");
	*t = (struct token){.p = c->p, .n = n, .type = TOKEN_WORD};
	c->p += n;
	return true;
}

/* A value that is no container, at its first byte. */
static bool scalar(struct scan *c, struct token *t)
{
	switch (*c->p) {
	case '"':
		return string(c, t);
	case 't':
		return word(c, "true", 4, t);
	case 'f':
		return word(c, "false", 5, t);
	case 'n':
		return word(c, "null", 4, t);
	default:
		return number(c, t);
	}
}

/* ---- containers ---- */

static bool enter(struct scan *c)
{
	c->p++;
	return ++c->depth <= JSONLOG_DEPTH || fail(c, "JSON that is nested too deeply");
}

/* A name that is escaped, not ASCII or new, as the member it is. */
static uint32_t decoded_name(struct scan *c, uint32_t parent, uint32_t guess, const struct token *t)
{
	struct slice s = {t->p, t->n};
	size_t mark = c->w->text.len;
	uint32_t i;

	if (t->escaped || t->odd) {
		s = work_text(c->w, t);
		c->w->text.len = mark;
		buf_reset(&c->w->name);
		text_repair(&c->w->name, s.p, s.n);
		s = (struct slice){c->w->name.data ? c->w->name.data : "", c->w->name.len};
	}
	i = members_find(&c->w->members, parent, guess, s.p, s.n);
	if (!i)
		c->why = "JSON with too many different names";
	return i;
}

/* `"name":` at its quote; leaves p at the value. 0: fail() was called. */
static uint32_t name(struct scan *c, uint32_t parent, uint32_t last)
{
	struct members *m = &c->w->members;
	uint32_t guess = members_guess(m, parent, last), i;
	const struct member *g = &m->items[guess];
	struct token t;

	if (guess && g->plain && (size_t)(c->end - c->p) > g->name_len + 1 && c->p[g->name_len + 1] == '"' &&
	    *c->p == '"' && !memcmp(c->p + 1, m->texts.data + g->name, g->name_len)) {
		c->p += g->name_len + 2;
		i = guess;
	} else {
		if (c->p == c->end || *c->p != '"')
			return fail(c, "JSON with a member without a name");
		if (!string(c, &t))
			return 0;
		i = decoded_name(c, parent, guess, &t);
		if (!i)
			return 0;
		members_learn(m, parent, last, i);
	}
	skip_space(c);
	if (c->p == c->end || *c->p != ':')
		return fail(c, "JSON with a member without a colon");
	c->p++;
	skip_space(c);
	if (c->p == c->end)
		return fail(c, "JSON with a member without a value");
	return i;
}

/* After an element: true at the next one, or with *closed after the bracket. */
static inline bool separator(struct scan *c, char bracket, bool *closed)
{
	skip_space(c);
	if (c->p == c->end)
		return fail(c, "JSON with an unfinished object or array");
	*closed = *c->p == bracket;
	if (!*closed && *c->p != ',')
		return fail(c, "JSON with neither a comma nor a closing bracket");
	c->p++;
	skip_space(c);
	return true;
}

/* True, after the bracket, where the container that was just opened holds nothing. */
static bool empty(struct scan *c, char bracket)
{
	skip_space(c);
	if (c->p == c->end || *c->p != bracket)
		return false;
	c->p++;
	return true;
}

/* A value as it goes to extra. */
static bool keep(struct scan *c, uint32_t member)
{
	struct buf *out = &c->w->r->extra;
	struct token t;
	bool closed = false;

	if (*c->p == '{') {
		buf_addc(out, '{');
		if (!object(c, member))
			return false;
		buf_addc(out, '}');
		return true;
	}
	if (*c->p != '[') {
		if (!scalar(c, &t))
			return false;
		work_value(c->w, &t);
		return true;
	}
	if (!enter(c))
		return false;
	buf_addc(out, '[');
	c->mute++;
	if (!empty(c, ']'))
		while (!closed) {
			if (c->p == c->end)
				return fail(c, "JSON with an unfinished object or array");
			if (!keep(c, member) || !separator(c, ']', &closed))
				return false;
			if (!closed)
				buf_addc(out, ',');
		}
	c->mute--;
	c->depth--;
	buf_addc(out, ']');
	return true;
}

/* A second member of a name: checked like every other, and left out. */
static bool drop(struct scan *c, uint32_t member)
{
	struct buf *out = &c->w->r->extra;
	size_t mark = out->len;
	bool over = out->over, valid;

	c->mute++;
	valid = keep(c, member);
	c->mute--;
	out->len = mark;
	out->over = over;
	return valid;
}

/* A member of an object within extra. */
static bool keep_inner(struct scan *c, uint32_t i)
{
	const struct member *x = &c->w->members.items[i];
	struct buf *out = &c->w->r->extra;
	size_t mark = out->len;
	bool whole;

	if (out->len && out->data[out->len - 1] != '{')
		buf_addc(out, ',');
	buf_add(out, c->w->members.texts.data + x->text, x->text_len);
	whole = *c->p != '{' || (c->end - c->p > 1 && c->p[1] == '}');
	if (!keep(c, i))
		return false;
	if (!whole && out->len - mark >= 2 && out->data[out->len - 2] == '{')
		out->len = mark; /* all that it held has its place elsewhere */
	return true;
}

/* A member of the outermost object, the same way. */
static bool keep_outer(struct scan *c, uint32_t i)
{
	struct work *w = c->w;
	struct buf *out = &w->r->extra;
	size_t mark = out->len;
	bool whole = *c->p != '{' || (c->end - c->p > 1 && c->p[1] == '}');

	if (!work_open(w, i))
		return drop(c, i);
	if (!keep(c, i))
		return false;
	if (out->over) {
		buf_reset(out);
		out->len = mark;
		w->lost = true;
	} else if (!whole && out->data[out->len - 2] == '{') {
		out->len = mark;
	}
	return true;
}

/* An array of one string, as headers are given, as that string; else p stays. */
static bool only_text(struct scan *c, struct token *t)
{
	const char *start = c->p;

	if (*start == '[') {
		c->p++;
		skip_space(c);
		if (c->p < c->end && *c->p == '"' && string(c, t) && empty(c, ']'))
			return true;
	}
	c->p = start;
	return false;
}

/* The value of member i; `fresh`: its object has had none of that name yet. */
static bool member(struct scan *c, uint32_t i, bool fresh)
{
	const struct meaning m = c->w->members.items[i].meaning;
	struct token t;

	if (!fresh)
		return drop(c, i);
	if (!c->mute) {
		c->w->dialects |= 1u << m.dialect;
		bool container = *c->p == '{' || *c->p == '[';

		if (m.field && (!container || only_text(c, &t))) {
			if (!container && !scalar(c, &t))
				return false;
			if (t.type != TOKEN_WORD || *t.p != 'n')
				fields_put(c->w, i, &t);
			return true;
		}
	}
	return c->depth == 1 ? keep_outer(c, i) : keep_inner(c, i);
}

/* At the opening brace; leaves p after the closing one. */
static bool object(struct scan *c, uint32_t parent)
{
	struct members *m = &c->w->members;
	uint64_t id = c->depth ? members_object(m) : c->w->object;
	uint32_t last = 0;
	bool closed = false;

	if (!enter(c))
		return false;
	if (!empty(c, '}'))
		while (!closed) {
			last = name(c, parent, last);
			if (!last || !member(c, last, members_first(m, last, id)) ||
			    !separator(c, '}', &closed))
				return false;
		}
	c->depth--;
	return true;
}

bool jsonlog_line(struct work *w, const char *line, size_t n, const char **why)
{
	struct scan c = {.w = w, .p = line, .end = line + n};

	skip_space(&c);
	*why = "no JSON object";
	if (c.p == c.end || *c.p != '{')
		return false;
	if (object(&c, 0)) {
		skip_space(&c);
		if (c.p == c.end)
			return fields_finish(w, why);
		c.why = "JSON with something behind its end";
	}
	*why = c.why;
	return false;
}
