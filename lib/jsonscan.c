/* SPDX-License-Identifier: ISC */
#include "jsonscan.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "jsonnames.h"
#include "text.h"
#include "xalloc.h"

enum {
	GRAMMAR_DEPTH = 1 << 20, /* nesting beyond this is refused without looking further */
	NAMES_AT_ONCE = 24,      /* unnumbered ones; an object with more is looked through when it closes */
	INTEGER_DIGITS = 16,     /* of 2^53 */
};

struct name {
	const char *s; /* unescaped; NULL: at `offset` of the arena */
	size_t offset, len;
	uint32_t hash;
};

struct scratch {
	struct jsonnames usual;
	struct name *names; /* of all objects open now: those that have no number */
	size_t n_names, cap_names;
	char *arena; /* names that hold escapes, unescaped */
	size_t arena_len, arena_cap;
	unsigned char *kinds; /* the bracket of each open container */
	size_t cap_kinds;
	size_t base[JSONSCAN_DEPTH + 1];   /* where the names of each open object begin */
	uint64_t seen[JSONSCAN_DEPTH + 1]; /* six bits of their hashes: most names are new at a glance */
	uint64_t met[JSONSCAN_DEPTH + 1];  /* the numbers of its other names, a bit each */
};

struct scan {
	struct jsonscan *out;
	struct scratch *scratch;
	const char *start, *p, *end;
	const char *refused; /* the first I-JSON violation */
	size_t refused_at;
	size_t depth;
	bool object; /* the outermost container is one */
};

/* What the letter of an escape stands for; 0: it is no such letter. */
static const char escapes[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
				  ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

static bool not_json(struct scan *c, const char *why)
{
	c->out->why = why;
	c->out->at = (size_t)(c->p - c->start);
	return false;
}

static void refuse(struct scan *c, const char *at, const char *why)
{
	if (c->refused)
		return;
	c->refused = why;
	c->refused_at = (size_t)(at - c->start);
}

static void skip_spaces(struct scan *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

/* Seldom are there any. */
static inline void skip_space(struct scan *c)
{
	if (c->p < c->end && (unsigned char)*c->p <= ' ')
		skip_spaces(c);
}

/* ---- strings ---- */

/* At the backslash. */
static bool scan_escape(struct scan *c)
{
	const char *at = c->p;
	int unit, low;

	if (c->end - c->p < 2)
		return not_json(c, "an unfinished string");
	if (c->p[1] != 'u') {
		if (!escapes[(unsigned char)c->p[1]])
			return not_json(c, "an unknown escape");
		c->p += 2;
		return true;
	}
	unit = bytes_hex(c->p + 2, c->end, 4);
	if (unit < 0)
		return not_json(c, "\\u without four hexadecimal digits");
	c->p += 6;
	if (unit == 0)
		refuse(c, at, "U+0000 in a string");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	low = unit < 0xdc00 && c->end - c->p >= 6 && c->p[0] == '\\' && c->p[1] == 'u'
		      ? bytes_hex(c->p + 2, c->end, 4)
		      : -1;
	if (low >= 0xdc00 && low <= 0xdfff)
		c->p += 6;
	else
		refuse(c, at, "a lone surrogate in a string");
	return true;
}

/* A string from its first byte on that does not stand for itself. */
static bool scan_special(struct scan *c, bool *escaped)
{
	for (;; c->p = bytes_find_special(c->p, c->end)) {
		if (c->p == c->end)
			return not_json(c, "an unfinished string");
		if (*c->p == '"') {
			c->p++;
			return true;
		}
		if (*c->p == '\\') {
			*escaped = true;
			if (!scan_escape(c))
				return false;
		} else if ((unsigned char)*c->p < 0x20) {
			return not_json(c, "a control character in a string");
		} else {
			size_t step = text_utf8_len(c->p, (size_t)(c->end - c->p));

			if (!step)
				refuse(c, c->p, "a string that is not UTF-8");
			c->p += step ? step : 1;
		}
	}
}

/* At the opening quote; leaves p after the closing one. */
static inline bool scan_string(struct scan *c, bool *escaped)
{
	c->p = bytes_find_special(c->p + 1, c->end);
	*escaped = false;
	if (c->p == c->end || *c->p != '"')
		return scan_special(c, escaped);
	c->p++;
	return true;
}

static char *put_utf8(char *out, unsigned v)
{
	if (v < 0x80) {
		*out++ = (char)v;
	} else if (v < 0x800) {
		*out++ = (char)(0xc0 | v >> 6);
		*out++ = (char)(0x80 | (v & 63));
	} else if (v < 0x10000) {
		*out++ = (char)(0xe0 | v >> 12);
		*out++ = (char)(0x80 | (v >> 6 & 63));
		*out++ = (char)(0x80 | (v & 63));
	} else {
		*out++ = (char)(0xf0 | v >> 18);
		*out++ = (char)(0x80 | (v >> 12 & 63));
		*out++ = (char)(0x80 | (v >> 6 & 63));
		*out++ = (char)(0x80 | (v & 63));
	}
	return out;
}

size_t jsonscan_unescape(const char *s, size_t n, char *out)
{
	const char *end = s + n;
	char *o = out;

	while (s < end) {
		const char *slash = memchr(s, '\\', (size_t)(end - s)), *stop = slash ? slash : end;
		char simple;
		int unit, low;

		memmove(o, s, (size_t)(stop - s));
		o += stop - s;
		s = stop;
		if (end - s < 2)
			break;
		simple = escapes[(unsigned char)s[1]];
		if (simple) {
			*o++ = simple;
			s += 2;
			continue;
		}
		unit = bytes_hex(s + 2, end, 4);
		s += 6;
		if (unit >= 0xd800 && unit <= 0xdbff && end - s >= 6 &&
		    (low = bytes_hex(s + 2, end, 4)) >= 0xdc00 && low <= 0xdfff) {
			unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
			s += 6;
		} else if (unit < 0 || (unit >= 0xd800 && unit <= 0xdfff)) {
			unit = 0xfffd;
		}
		o = put_utf8(o, (unsigned)unit);
	}
	return (size_t)(o - out);
}

/* ---- numbers and words ---- */

static bool digits(struct scan *c)
{
	const char *first = c->p;

	while (c->p < c->end && (unsigned)(*c->p - '0') <= 9)
		c->p++;
	return c->p > first;
}

static bool beyond_2_53(const char *p, size_t n)
{
	static const char limit[] = "9007199254740992";

	return n > INTEGER_DIGITS || (n == INTEGER_DIGITS && memcmp(p, limit, n) > 0);
}

static bool scan_number(struct scan *c)
{
	const char *first = c->p, *whole;
	bool integer = true;

	if (*c->p == '-')
		c->p++;
	whole = c->p;
	if (c->p < c->end && *c->p == '0')
		c->p++;
	else if (!digits(c))
		return not_json(c, c->p > first ? "a number without digits" : "no value begins so");
	if (c->p < c->end && *c->p == '.') {
		integer = false;
		c->p++;
		if (!digits(c))
			return not_json(c, "a fraction without digits");
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		integer = false;
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (!digits(c))
			return not_json(c, "an exponent without digits");
	}
	if (integer && beyond_2_53(whole, (size_t)(c->p - whole)))
		refuse(c, first, "an integer beyond 2^53");
	return true;
}

static bool scan_word(struct scan *c, const char *word, size_t n)
{
	if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n))
		return not_json(c, "an unknown word");
	c->p += n;
	return true;
}

/* ---- names ---- */

static const char *name_text(const struct scratch *x, const struct name *n)
{
	return n->s ? n->s : x->arena + n->offset;
}

static int compare_names(const void *a, const void *b, void *data)
{
	const struct name *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(name_text(data, x), name_text(data, y), x->len);
}

static void unescape_name(struct scratch *x, struct name *name, const char *s, size_t n)
{
	if (x->arena_cap - x->arena_len < n) {
		x->arena_cap = (x->arena_len + n) * 2;
		x->arena = xrealloc(x->arena, x->arena_cap);
	}
	name->s = NULL;
	name->offset = x->arena_len;
	name->len = jsonscan_unescape(s, n, x->arena + x->arena_len);
	x->arena_len += name->len;
}

/* A name that has a number. */
static inline void meet(struct scan *c, const char *at, int number)
{
	uint64_t bit = UINT64_C(1) << number;

	if (c->depth > JSONSCAN_DEPTH)
		return; /* the line is refused anyway */
	if (c->scratch->met[c->depth] & bit)
		refuse(c, at, "a duplicate member");
	c->scratch->met[c->depth] |= bit;
}

/* One that has none, the last of the names that wait. */
static void keep_name(struct scan *c, const char *at)
{
	struct scratch *x = c->scratch;
	struct name *name = &x->names[x->n_names];
	size_t base = x->base[c->depth];
	uint64_t bit = UINT64_C(1) << (name->hash >> 26);

	if (x->seen[c->depth] & bit && x->n_names - base <= NAMES_AT_ONCE)
		for (size_t i = base; i < x->n_names; i++)
			if (x->names[i].hash == name->hash && !compare_names(&x->names[i], name, x))
				refuse(c, at, "a duplicate member");
	x->n_names++;
	x->seen[c->depth] |= bit;
}

/* A name that is not the expected one; its number. */
static int add_name(struct scan *c, const char *s, size_t n, bool escaped)
{
	struct scratch *x = c->scratch;
	struct name *name;
	int number;

	if (c->depth > JSONSCAN_DEPTH || c->refused)
		return JSONNAMES_NONE; /* the line is refused anyway */
	if (x->n_names == x->cap_names) {
		x->cap_names = x->cap_names ? x->cap_names * 2 : 64;
		x->names = xreallocarray(x->names, x->cap_names, sizeof(*x->names));
	}
	name = &x->names[x->n_names];
	name->s = s;
	name->len = n;
	if (escaped)
		unescape_name(x, name, s, n);
	name->hash = jsonnames_hash(name_text(x, name), name->len);
	number = jsonnames_find(&x->usual, name_text(x, name), name->len, name->hash);
	if (number == JSONNAMES_NONE)
		keep_name(c, s);
	else
		meet(c, s, number);
	return number;
}

/* The object that closes has too many names to have been compared one by one: sort them. */
static void check_many(struct scan *c)
{
	struct scratch *x = c->scratch;
	size_t base = x->base[c->depth], n = x->n_names - base;

	if (n <= NAMES_AT_ONCE || c->refused)
		return;
	qsort_r(x->names + base, n, sizeof(*x->names), compare_names, x);
	for (size_t i = base + 1; i < x->n_names; i++)
		if (!compare_names(&x->names[i - 1], &x->names[i], x))
			refuse(c, c->p, "a duplicate member");
}

/* ---- values ---- */

static bool open_container(struct scan *c)
{
	struct scratch *x = c->scratch;

	if (c->depth == x->cap_kinds) {
		if (x->cap_kinds >= GRAMMAR_DEPTH) {
			c->refused = "nested too deeply";
			c->refused_at = (size_t)(c->p - c->start);
			c->p = c->end;
			return false;
		}
		x->cap_kinds *= 2;
		x->kinds = xrealloc(x->kinds, x->cap_kinds);
	}
	x->kinds[c->depth++] = (unsigned char)*c->p;
	if (c->depth > JSONSCAN_DEPTH) {
		refuse(c, c->p, "nested too deeply");
	} else {
		x->base[c->depth] = x->n_names;
		x->seen[c->depth] = x->met[c->depth] = 0;
	}
	c->p++;
	return true;
}

static void close_container(struct scan *c)
{
	struct scratch *x = c->scratch;

	if (c->depth <= JSONSCAN_DEPTH) {
		if (*c->p == '}')
			check_many(c);
		x->n_names = x->base[c->depth];
	}
	c->depth--;
	c->p++;
}

/* Directly within the outermost object. */
static bool at_top(const struct scan *c)
{
	return c->depth == 1 && c->object;
}

static struct jsonscan_member *add_member(struct jsonscan *s)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 32;
		s->members = xreallocarray(s->members, s->cap, sizeof(*s->members));
	}
	return &s->members[s->n++];
}

/* `"name" :` of an object, at its quote. */
static bool scan_name(struct scan *c)
{
	struct jsonnames *usual = &c->scratch->usual;
	const char *first = c->p + 1;
	bool escaped = false;
	int number;
	size_t n;

	if (c->p == c->end || *c->p != '"')
		return not_json(c, "a member without a name");
	number = jsonnames_next(usual, first, c->end);
	if (number != JSONNAMES_NONE) {
		n = usual->items[number].len;
		c->p = first + n + 1;
		meet(c, first, number);
	} else {
		if (!scan_string(c, &escaped))
			return false;
		n = (size_t)(c->p - first) - 1;
		number = add_name(c, first, n, escaped);
	}
	if (at_top(c)) {
		struct jsonscan_member *m = add_member(c->out);

		*m = (struct jsonscan_member){
			.name = first, .name_len = n, .name_escaped = escaped, .number = number};
	}
	skip_space(c);
	if (c->p == c->end || *c->p != ':')
		return not_json(c, "a member without a colon");
	c->p++;
	return true;
}

/* A value that is no container, at its first byte; its type. */
static bool scan_scalar(struct scan *c, enum jsonscan_type *type, bool *escaped)
{
	*escaped = false;
	switch (*c->p) {
	case '"':
		*type = JSONSCAN_STRING;
		return scan_string(c, escaped);
	case 't':
		*type = JSONSCAN_TRUE;
		return scan_word(c, "true", 4);
	case 'f':
		*type = JSONSCAN_FALSE;
		return scan_word(c, "false", 5);
	case 'n':
		*type = JSONSCAN_NULL;
		return scan_word(c, "null", 4);
	default:
		*type = JSONSCAN_NUMBER;
		return scan_number(c);
	}
}

/* After a value: closes what closes, up to the next comma or the end. False: stop, *done tells why. */
static bool after_value(struct scan *c, bool *done)
{
	*done = false;
	for (;;) {
		if (at_top(c)) {
			struct jsonscan_member *m = &c->out->members[c->out->n - 1];

			m->len = (size_t)(c->p - m->value);
		}
		skip_space(c);
		if (!c->depth) {
			*done = c->p == c->end;
			return *done ? false : not_json(c, "something after the end");
		}
		if (c->p == c->end)
			return not_json(c, "an unfinished object or array");
		if (*c->p == ',') {
			c->p++;
			return true;
		}
		if (*c->p != (c->scratch->kinds[c->depth - 1] == '{' ? '}' : ']'))
			return not_json(c, "neither a comma nor a closing bracket");
		close_container(c);
	}
}

/* The grammar, without recursion. True when the whole line is JSON. */
static bool scan_all(struct scan *c)
{
	enum jsonscan_type type;
	bool escaped, done, fresh = true; /* fresh: a container was opened just now, or nothing yet */

	for (;;) {
		skip_space(c);
		if (c->p == c->end)
			return not_json(c, c->depth ? "an unfinished object or array"
						    : "nothing but white space");
		if (c->depth && fresh && *c->p == (c->scratch->kinds[c->depth - 1] == '{' ? '}' : ']')) {
			close_container(c);
		} else {
			if (c->depth && c->scratch->kinds[c->depth - 1] == '{') {
				if (!scan_name(c))
					return false;
				skip_space(c);
				if (c->p == c->end)
					return not_json(c, "a member without a value");
			}
			if (at_top(c)) {
				c->out->members[c->out->n - 1].value = c->p;
				c->out->members[c->out->n - 1].type =
					*c->p == '{' ? JSONSCAN_OBJECT : JSONSCAN_ARRAY;
			}
			if (*c->p == '{' || *c->p == '[') {
				if (!open_container(c))
					return true;
				fresh = true;
				continue;
			}
			if (!c->depth)
				refuse(c, c->p, "no object");
			if (!scan_scalar(c, &type, &escaped))
				return false;
			if (at_top(c)) {
				c->out->members[c->out->n - 1].type = type;
				c->out->members[c->out->n - 1].escaped = escaped;
			}
		}
		fresh = false;
		if (!after_value(c, &done))
			return done;
	}
}

enum jsonscan_result jsonscan_line(struct jsonscan *s, const char *line, size_t n)
{
	struct scan c = {.out = s, .start = line, .p = line, .end = line + n};

	if (!s->work) {
		s->work = xcalloc(1, sizeof(struct scratch));
		c.scratch = s->work;
		c.scratch->cap_kinds = 256;
		c.scratch->kinds = xmalloc(c.scratch->cap_kinds);
		jsonnames_init(&c.scratch->usual, s->usual, s->n_usual);
	}
	c.scratch = s->work;
	c.scratch->n_names = 0;
	c.scratch->arena_len = 0;
	s->n = 0;
	s->why = NULL;
	s->at = 0;
	skip_space(&c);
	c.object = c.p < c.end && *c.p == '{';
	if (c.p < c.end && *c.p == '[')
		refuse(&c, c.p, "no object");
	if (!scan_all(&c))
		return JSONSCAN_NOT_JSON;
	if (!c.refused)
		return JSONSCAN_OK;
	s->why = c.refused;
	s->at = c.refused_at;
	return JSONSCAN_REFUSED;
}

void jsonscan_release(struct jsonscan *s)
{
	struct scratch *x = s->work;

	if (x) {
		free(x->names);
		free(x->arena);
		free(x->kinds);
		free(x);
	}
	free(s->members);
	*s = (struct jsonscan){.usual = s->usual, .n_usual = s->n_usual};
}
