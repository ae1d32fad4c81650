/* SPDX-License-Identifier: ISC */
#include "jsonlog.h"

#include "bytes.h"
#include "text.h"

/*
 * The place in the line goes through the functions by value and comes back from them, NULL after
 * fail(), so that it stays in a register: through memory the same takes half as long again.
 */
struct scan {
	struct work *w;
	const char *end;
	const char *why;
	bool exact; /* the last name stood in the line as extra has it */
	unsigned depth;
	unsigned mute; /* within a duplicate or an array: nothing there has a meaning */
};

static const char *object(struct scan *c, const char *p, uint32_t parent);

static const char *fail(struct scan *c, const char *why)
{
	c->why = why;
	return NULL;
}

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static inline const char *skip_space(const char *p, const char *end)
{
	return p < end && (unsigned char)*p <= ' ' ? skip_spaces(p, end) : p;
}

/* ---- strings ---- */

/* At the backslash. */
static const char *escape(struct scan *c, const char *p, struct token *t)
{
	int unit, low;

	t->escaped = true;
	if (c->end - p < 2)
		return fail(c, "JSON with an unfinished string");
	if (p[1] != 'u') {
		if (!p[1] || !strchr("\"\\/bfnrt", p[1]))
			return fail(c, "JSON with an unknown escape");
		return p + 2;
	}
	unit = bytes_hex(p + 2, c->end, 4);
	if (unit < 0)
		return fail(c, "JSON with \\u and no four hexadecimal digits");
	p += 6;
	if (unit >= 0xd800 && unit <= 0xdbff && c->end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
	    (low = bytes_hex(p + 2, c->end, 4)) >= 0xdc00 && low <= 0xdfff)
		return p + 6;
	if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff))
		t->odd = true;
	return p;
}

/* Within a string that has something special at p. */
static const char *special_string(struct scan *c, const char *p, struct token *t)
{
	c->w->r->plain = false;
	for (;; p = bytes_find_special(p, c->end)) {
		if (p == c->end)
			return fail(c, "JSON with an unfinished string");
		if (*p == '"') {
			t->n = (size_t)(p - t->p);
			return p + 1;
		}
		if (*p == '\\') {
			p = escape(c, p, t);
			if (!p)
				return NULL;
		} else if ((unsigned char)*p < 0x20) {
			return fail(c, "JSON with a control character in a string");
		} else {
			size_t step = text_utf8_len(p, (size_t)(c->end - p));

			t->odd |= !step;
			p += step ? step : 1;
		}
	}
}

/* At the opening quote. Returns what follows the closing one. */
static inline const char *string(struct scan *c, const char *p, struct token *t)
{
	const char *stop = bytes_find_special(++p, c->end);

	*t = (struct token){.p = p, .n = (size_t)(stop - p), .type = TOKEN_JSON};
	return stop < c->end && *stop == '"' ? stop + 1 : special_string(c, stop, t);
}

/* ---- numbers and words ---- */

static inline const char *digits(const char *p, const char *end)
{
	while (p < end && (unsigned)(*p - '0') <= 9)
		p++;
	return p;
}

/* Is it more than a double holds exactly? `whole` are n digits before the point. */
static bool too_large(const char *whole, size_t n, bool integer)
{
	static const char limit[] = "9007199254740992";
	int order = n < sizeof(limit) - 1 ? -1 : n >= sizeof(limit) ? 1 : memcmp(whole, limit, n);

	return integer ? order > 0 : order >= 0;
}

/* What follows the whole part: a fraction, an exponent. */
static const char *number_rest(struct scan *c, const char *p, struct token *t)
{
	const char *first, *end = c->end;

	if (*p == '.') {
		first = ++p;
		p = digits(p, end);
		if (p == first)
			return fail(c, "JSON with a fraction without digits");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		bool minus;

		p++;
		minus = p < end && *p == '-';
		first = p += minus || (p < end && *p == '+');
		p = digits(p, end);
		if (p == first)
			return fail(c, "JSON with an exponent without digits");
		t->odd = !minus; /* how large it is nobody computes */
	}
	return p;
}

static const char *number(struct scan *c, const char *p, struct token *t)
{
	const char *first = p, *whole, *stop;
	bool integer = true;

	*t = (struct token){.p = p, .type = TOKEN_NUMBER};
	whole = p += *p == '-';
	stop = p = p < c->end && *p == '0' ? p + 1 : digits(p, c->end);
	if (stop == whole)
		return fail(c, "JSON with an unknown word");
	if (p < c->end && (*p == '.' || *p == 'e' || *p == 'E')) {
		integer = false;
		p = number_rest(c, p, t);
		if (!p)
			return NULL;
	}
	t->odd = t->odd || (stop - whole > 15 && too_large(whole, (size_t)(stop - whole), integer));
	t->n = (size_t)(p - first);
	return p;
}

static const char *word(struct scan *c, const char *p, const char *text, size_t n, struct token *t)
{
	if ((size_t)(c->end - p) < n || memcmp(p, text, n))
		return fail(c, "JSON with an unknown word");
	*t = (struct token){.p = p, .n = n, .type = TOKEN_WORD};
	return p + n;
}

/* What is no text and no container. */
static const char *bare(struct scan *c, const char *p, struct token *t)
{
	switch (*p) {
	case 't':
		return word(c, p, "true", 4, t);
	case 'f':
		return word(c, p, "false", 5, t);
	case 'n':
		return word(c, p, "null", 4, t);
	default:
		return number(c, p, t);
	}
}

/* A value that is no container, at its first byte; most are texts. */
static inline const char *scalar(struct scan *c, const char *p, struct token *t)
{
	return *p == '"' ? string(c, p, t) : bare(c, p, t);
}

/* ---- names ---- */

/* The member of a name that is escaped, not ASCII or new; 0 after fail(). */
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
		fail(c, "JSON with too many different names");
	return i;
}

/* A name that was not foreseen, at its quote. Returns what follows its colon, with its member in *i. */
static const char *other_name(struct scan *c, const char *p, uint32_t parent, uint32_t last, uint32_t *i)
{
	uint32_t guess = *i;
	struct token t;

	if (p == c->end || *p != '"')
		return fail(c, "JSON with a member without a name");
	p = string(c, p, &t);
	if (!p)
		return NULL;
	*i = decoded_name(c, parent, guess, &t);
	if (!*i)
		return NULL;
	if (*i != guess)
		members_learn(&c->w->members, parent, last, *i);
	p = skip_space(p, c->end);
	if (p == c->end || *p != ':')
		return fail(c, "JSON with a member without a colon");
	return p + 1;
}

/* `"name":`, its member in *i. Returns where the value begins. */
static inline const char *name(struct scan *c, const char *p, uint32_t parent, uint32_t last, uint32_t *i)
{
	const struct members *m = &c->w->members;
	const struct member *g;

	*i = members_guess(m, parent, last);
	g = &m->items[*i];
	c->exact = *i && g->plain && bytes_at(p, c->end, m->texts.data + g->text, g->text_len);
	if (c->exact)
		p += g->text_len;
	else if (!(p = other_name(c, p, parent, last, i)))
		return NULL;
	p = skip_space(p, c->end);
	return p < c->end ? p : fail(c, "JSON with a member without a value");
}

/* ---- containers ---- */

static inline const char *enter(struct scan *c, const char *p)
{
	if (++c->depth > JSONLOG_DEPTH)
		return fail(c, "JSON that is nested too deeply");
	return skip_space(p + 1, c->end);
}

/* After an element: the next one, or with *closed what follows the bracket. */
static inline const char *separator(struct scan *c, const char *p, char bracket, bool *closed)
{
	p = skip_space(p, c->end);
	if (p == c->end)
		return fail(c, "JSON with an unfinished object or array");
	*closed = *p == bracket;
	if (*closed)
		return p + 1;
	return *p == ',' ? skip_space(p + 1, c->end)
			 : fail(c, "JSON with neither a comma nor a closing bracket");
}

static const char *keep(struct scan *c, const char *p, uint32_t member);

/* At the opening bracket, into extra. */
static const char *array(struct scan *c, const char *p, uint32_t member)
{
	struct buf *out = &c->w->r->extra;
	bool closed;

	p = enter(c, p);
	if (!p)
		return NULL;
	buf_addc(out, '[');
	c->mute++;
	closed = p < c->end && *p == ']';
	p += closed;
	while (!closed) {
		if (p == c->end)
			return fail(c, "JSON with an unfinished object or array");
		p = keep(c, p, member);
		if (!p || !(p = separator(c, p, ']', &closed)))
			return NULL;
		if (!closed)
			buf_addc(out, ',');
	}
	c->mute--;
	c->depth--;
	buf_addc(out, ']');
	return p;
}

/* A value as it goes to extra. */
static const char *keep(struct scan *c, const char *p, uint32_t member)
{
	struct buf *out = &c->w->r->extra;
	struct token t;

	if (*p == '{') {
		buf_addc(out, '{');
		p = object(c, p, member);
		buf_addc(out, '}');
		return p;
	}
	if (*p == '[')
		return array(c, p, member);
	p = scalar(c, p, &t);
	if (p)
		work_value(c->w, &t);
	return p;
}

/* A second member of a name: checked like every other, and left out. */
static const char *drop(struct scan *c, const char *p, uint32_t member)
{
	struct buf *out = &c->w->r->extra;
	size_t mark = out->len;
	bool over = out->over;

	c->mute++;
	p = keep(c, p, member);
	c->mute--;
	out->len = mark;
	out->over = over;
	return p;
}

static bool is_empty_object(const struct scan *c, const char *p)
{
	return *p == '{' && c->end - p > 1 && p[1] == '}';
}

/* Does extra end with an object that has nothing in it? */
static bool ends_empty(const struct buf *out)
{
	return out->len >= 2 && out->data[out->len - 1] == '}' && out->data[out->len - 2] == '{';
}

/* A member of the outermost object did not fit: extra ends at `mark` again, where it began. */
static void give_up(struct work *w, size_t mark)
{
	buf_reset(&w->r->extra);
	w->r->extra.len = mark;
	w->lost = true;
}

/* The comma before a member, where one is due. */
static inline void comma(struct buf *out)
{
	if (out->len && out->data[out->len - 1] != '{')
		buf_addc(out, ',');
}

/* A member whose value is at p, into extra; an object only if not all that it holds has its place elsewhere. */
static const char *keep_member(struct scan *c, const char *p, uint32_t i)
{
	struct work *w = c->w;
	const struct member *x = &w->members.items[i];
	struct buf *out = &w->r->extra;
	size_t mark = out->len;
	bool object_before = *p == '{' && !is_empty_object(c, p);

	if (!x->alias) {
		comma(out);
		buf_add(out, w->members.texts.data + x->text, x->text_len);
	} else if (!work_open(w, i)) {
		return drop(c, p, i);
	}
	p = keep(c, p, i);
	if (out->over && c->depth == 1)
		give_up(w, mark);
	else if (p && object_before && ends_empty(out))
		out->len = mark;
	return p;
}

/* The same of a scalar whose `"name":` begins at `start`, as extra has it: all of it at once, mostly. */
static inline const char *copy_member(struct scan *c, const char *start, const char *p, uint32_t i)
{
	struct buf *out = &c->w->r->extra;
	size_t mark = out->len;
	struct token t;

	p = scalar(c, p, &t);
	if (!p)
		return NULL;
	comma(out);
	if (!t.odd) {
		buf_add(out, start, (size_t)(p - start));
	} else {
		buf_add(out, start, c->w->members.items[i].text_len);
		work_value(c->w, &t);
	}
	if (out->over && c->depth == 1)
		give_up(c->w, mark);
	return p;
}

/* An array of one string, as headers are given: what follows it, with that string; else NULL. */
static const char *only_text(struct scan *c, const char *p, struct token *t)
{
	p = skip_space(p + 1, c->end);
	if (p == c->end || *p != '"' || !(p = string(c, p, t)))
		return NULL;
	p = skip_space(p, c->end);
	return p < c->end && *p == ']' ? p + 1 : NULL;
}

/* The value of member i, whose name has a meaning. */
static inline const char *meant(struct scan *c, const char *p, uint32_t i)
{
	struct token t;

	p = scalar(c, p, &t);
	if (p && (t.type != TOKEN_WORD || *t.p != 'n'))
		fields_put(c->w, i, &t);
	return p;
}

static const char *meant_array(struct scan *c, const char *p, uint32_t i)
{
	struct token t;
	const char *next = only_text(c, p, &t);

	if (!next)
		return keep_member(c, p, i);
	fields_put(c->w, i, &t);
	return next;
}

/* The value of member i, whose name begins at `start`. */
static inline const char *value(struct scan *c, const char *start, const char *p, uint32_t i)
{
	const struct member *x = &c->w->members.items[i];

	if (!c->mute) {
		c->w->dialects |= 1u << x->meaning.dialect;
		if (x->meaning.field && *p != '{')
			return *p == '[' ? meant_array(c, p, i) : meant(c, p, i);
	}
	if (c->exact && !x->alias && *p != '{' && *p != '[' && p == start + x->text_len)
		return copy_member(c, start, p, i);
	return keep_member(c, p, i);
}

/* At the opening brace. Returns what follows the closing one. */
static const char *object(struct scan *c, const char *p, uint32_t parent)
{
	struct members *m = &c->w->members;
	uint64_t id = c->depth ? members_object(m) : c->w->object;
	uint32_t last = 0, i;
	const char *start;
	bool closed;

	p = enter(c, p);
	if (!p)
		return NULL;
	closed = p < c->end && *p == '}';
	p += closed;
	while (!closed) {
		start = p;
		p = name(c, p, parent, last, &i);
		if (!p)
			return NULL;
		p = members_first(m, i, id) ? value(c, start, p, i) : drop(c, p, i);
		if (!p || !(p = separator(c, p, '}', &closed)))
			return NULL;
		last = i;
	}
	c->depth--;
	return p;
}

bool jsonlog_line(struct work *w, const char *line, size_t n, const char **why)
{
	struct scan c = {.w = w, .end = line + n};
	const char *p = skip_space(line, c.end);

	*why = "no JSON object";
	if (p == c.end || *p != '{')
		return false;
	w->r->plain = true;
	p = object(&c, p, 0);
	*why = c.why;
	if (!p)
		return false;
	*why = "JSON with something behind its end";
	return skip_space(p, c.end) == c.end && fields_finish(w, why);
}
