/* SPDX-License-Identifier: ISC */
#include "elements.h"

#include <string.h>

enum {
	HEAD_MAX = 64 << 10,
	BLANK_MAX = 1 << 20, /* bytes of white space in a row: it is no JSON that anybody wrote */
	DEPTH_MAX = 2000,    /* jansson's own is 2,048 */
};

enum state { START, NOTHING, HEAD, BETWEEN, INSIDE, ENDED, BROKEN };

void elements_init(struct elements *s, size_t max)
{
	*s = (struct elements){.state = START};
	buf_init(&s->held, max);
	buf_init(&s->head, HEAD_MAX);
}

void elements_release(struct elements *s)
{
	buf_release(&s->held);
	buf_release(&s->head);
}

bool elements_ended(const struct elements *s)
{
	return s->state == ENDED;
}

static enum elements_what broken(struct elements *s, const char *why)
{
	s->state = BROKEN;
	s->why = why;
	return ELEMENTS_BROKEN;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Follows one byte; true while the value goes on. */
static bool follow(struct elements *s, char c)
{
	if (s->in_string) {
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == '"')
			s->in_string = false;
		return true;
	}
	if (c == '"')
		s->in_string = true;
	else if (c == '{' || c == '[')
		s->depth++;
	else if (c == '}' || c == ']')
		s->depth--;
	return s->depth >= 0;
}

/* Up to the `[` of the messages of an object. */
static enum elements_what in_head(struct elements *s, const char *chunk, size_t n, size_t *at)
{
	static const char name[] = "\"messages\"";

	while (*at < n) {
		char c = chunk[(*at)++];

		if (s->depth == 1 && c == '[' && !s->in_string && s->head.len >= s->key + sizeof(name) - 1 &&
		    !memcmp(s->head.data + s->key, name, sizeof(name) - 1)) {
			s->depth = 0;
			s->state = BETWEEN;
			return ELEMENTS_MORE;
		}
		if (s->depth == 1 && c == '"' && !s->in_string)
			s->key = s->head.len;
		if (s->depth == 1 && c == ',' && !s->in_string)
			s->key = s->head.len + 1;
		buf_addc(&s->head, c);
		if (s->head.over)
			return broken(s, "no list of messages in its first 64 KiB");
		if (!follow(s, c) || !s->depth)
			return broken(s, "an object without a list of messages");
		if (s->depth > DEPTH_MAX)
			return broken(s, "nested too deep");
	}
	return ELEMENTS_MORE;
}

/* The length of what may be passed over at once within a string: neither a quote nor a backslash. */
static size_t plain(const char *p, size_t n)
{
	const char *quote = memchr(p, '"', n);
	const char *backslash = memchr(p, '\\', quote ? (size_t)(quote - p) : n);

	return backslash ? (size_t)(backslash - p) : quote ? (size_t)(quote - p) : n;
}

/* Where the element that goes on at p ends, or n. */
static size_t end_of(struct elements *s, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (s->in_string && !s->escaped) {
			i += plain(p + i, n - i);
			if (i == n)
				break;
		} else if (!s->in_string && !s->depth && (p[i] == ',' || p[i] == ']')) {
			break;
		}
		if (!follow(s, p[i]) || s->depth > DEPTH_MAX) {
			broken(s, s->depth > 0 ? "nested too deep" : "brackets that do not match");
			break;
		}
		i++;
	}
	return i;
}

/* An element is whole, at p, or what is held and p behind it. */
static enum elements_what finish(struct elements *s, char *p, size_t len)
{
	bool too_long = s->too_long;

	s->state = BETWEEN;
	s->blank = 0;
	s->done++;
	if (s->held.len || too_long) {
		buf_add(&s->held, p, len);
		too_long = too_long || s->held.over;
		p = s->held.data;
		len = s->held.len;
	} else if (s->held.max && len > s->held.max) {
		too_long = true;
	}
	s->too_long = false;
	if (too_long)
		return ELEMENTS_LONG;
	s->text = p;
	s->len = len;
	return ELEMENTS_ONE;
}

static enum elements_what in_element(struct elements *s, char *chunk, size_t n, size_t *at)
{
	char *p = chunk + *at;
	size_t len = end_of(s, p, n - *at);

	*at += len;
	if (s->state == BROKEN)
		return ELEMENTS_BROKEN;
	if (*at < n)
		return finish(s, p, len);
	if (!s->too_long)
		buf_add(&s->held, p, len);
	if (s->held.over) {
		s->too_long = true;
		buf_reset(&s->held);
	}
	return ELEMENTS_MORE;
}

/* Before the first byte of a value, of whatever kind. */
static enum elements_what between(struct elements *s, const char *chunk, size_t n, size_t *at)
{
	while (*at < n) {
		char c = chunk[*at];

		if (is_blank(c) || c == ',') {
			if (++s->blank > BLANK_MAX)
				return broken(s, "a megabyte of nothing");
			++*at;
		} else if (c == ']') {
			++*at;
			s->state = ENDED;
			return ELEMENTS_MORE;
		} else {
			s->state = INSIDE;
			s->depth = 0;
			buf_reset(&s->held);
			return ELEMENTS_MORE;
		}
	}
	return ELEMENTS_MORE;
}

/* `null` is a list of nothing, as some write it. */
static enum elements_what in_null(struct elements *s, const char *chunk, size_t n, size_t *at)
{
	while (*at < n && s->key < 4)
		if (chunk[(*at)++] != "null"[s->key++])
			return broken(s, "no JSON");
	if (s->key == 4)
		s->state = ENDED;
	return ELEMENTS_MORE;
}

/* What follows the list: nothing, unless it is that of an object. */
static enum elements_what after(struct elements *s, const char *chunk, size_t n, size_t *at)
{
	for (; *at < n && !s->head.len; ++*at)
		if (!is_blank(chunk[*at]))
			return broken(s, "more than one value");
	*at = n;
	return ELEMENTS_MORE;
}

static enum elements_what start(struct elements *s, const char *chunk, size_t n, size_t *at)
{
	while (*at < n) {
		char c = chunk[*at];

		if (c == 'n') {
			s->state = NOTHING;
			return ELEMENTS_MORE;
		}
		++*at;
		if (c == '[' || c == '{') {
			s->state = c == '[' ? BETWEEN : HEAD;
			s->depth = c == '{';
			if (c == '{') {
				buf_addc(&s->head, c);
				s->key = 1;
			}
			return ELEMENTS_MORE;
		}
		/* a byte order mark is no offence */
		if (!is_blank(c) && c != '\xEF' && c != '\xBB' && c != '\xBF')
			return broken(s, "no JSON");
		if (++s->blank > BLANK_MAX)
			return broken(s, "a megabyte of nothing");
	}
	return ELEMENTS_MORE;
}

enum elements_what elements_next(struct elements *s, char *chunk, size_t n, size_t *at)
{
	enum elements_what what = ELEMENTS_MORE;

	while (*at < n && what == ELEMENTS_MORE) {
		switch (s->state) {
		case START:
			what = start(s, chunk, n, at);
			break;
		case NOTHING:
			what = in_null(s, chunk, n, at);
			break;
		case HEAD:
			what = in_head(s, chunk, n, at);
			break;
		case BETWEEN:
			what = between(s, chunk, n, at);
			break;
		case INSIDE:
			what = in_element(s, chunk, n, at);
			break;
		case ENDED:
			what = after(s, chunk, n, at);
			break;
		default:
			return ELEMENTS_BROKEN;
		}
	}
	return what;
}
