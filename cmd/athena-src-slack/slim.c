/* SPDX-License-Identifier: ISC */
#include "slim.h"

#include <stdbool.h>
#include <string.h>

enum { MEMBERS_MAX = 64 };

struct member {
	size_t name, name_len;   /* between its quotes */
	size_t value, value_len; /* as it stands */
	size_t elements;         /* of an array */
};

struct scan {
	const char *p;
	size_t n, at;
	struct member members[MEMBERS_MAX];
	size_t count;
};

static void skip_blank(struct scan *s)
{
	while (s->at < s->n && strchr(" \t\r\n", s->p[s->at]) && s->p[s->at])
		s->at++;
}

static bool next_is(struct scan *s, char c)
{
	skip_blank(s);
	if (s->at == s->n || s->p[s->at] != c)
		return false;
	s->at++;
	return true;
}

/* From the byte after the opening quote to the one after the closing. */
static bool skip_string(struct scan *s)
{
	while (s->at < s->n) {
		const char *p = s->p + s->at, *quote = memchr(p, '"', s->n - s->at);
		size_t slashes = 0;

		if (!quote)
			return false;
		s->at = (size_t)(quote - s->p) + 1;
		while (quote - slashes > p && quote[-1 - (ptrdiff_t)slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return true;
	}
	return false;
}

/* An array or an object; elements is how many there are at its first level. */
static bool skip_nested(struct scan *s, size_t *elements)
{
	size_t depth = 0, commas = 0;
	bool any = false;

	while (s->at < s->n) {
		char c = s->p[s->at++];

		switch (c) {
		case '"':
			any = true;
			if (!skip_string(s))
				return false;
			break;
		case '[':
		case '{':
			any = any || depth;
			depth++;
			break;
		case ']':
		case '}':
			if (--depth)
				break;
			*elements = any ? commas + 1 : 0;
			return true;
		case ',':
			commas += depth == 1;
			break;
		default:
			any = any || !strchr(" \t\r\n", c);
		}
	}
	return false;
}

static bool skip_value(struct scan *s, struct member *m)
{
	bool whole = true;

	skip_blank(s);
	m->value = s->at;
	if (s->at == s->n)
		return false;
	if (s->p[s->at] == '"') {
		s->at++;
		whole = skip_string(s);
	} else if (s->p[s->at] == '[' || s->p[s->at] == '{') {
		whole = skip_nested(s, &m->elements);
	} else {
		while (s->at < s->n && !strchr(",} \t\r\n", s->p[s->at]))
			s->at++;
	}
	m->value_len = s->at - m->value;
	return whole && m->value_len;
}

static bool scan_members(struct scan *s)
{
	if (!next_is(s, '{'))
		return false;
	while (s->count < MEMBERS_MAX) {
		struct member *m = &s->members[s->count++];

		if (!next_is(s, '"'))
			return false;
		m->name = s->at;
		if (!skip_string(s))
			return false;
		m->name_len = s->at - 1 - m->name;
		if (!next_is(s, ':') || !skip_value(s, m))
			return false;
		if (next_is(s, '}'))
			return true;
		if (!next_is(s, ','))
			return false;
	}
	return false;
}

static bool is_named(const struct scan *s, const struct member *m, const char *name)
{
	return m->name_len == strlen(name) && !memcmp(s->p + m->name, name, m->name_len);
}

/* The last of that name is the one that counts. */
static const struct member *find(const struct scan *s, const char *name)
{
	for (size_t i = s->count; i--;)
		if (is_named(s, &s->members[i], name))
			return &s->members[i];
	return NULL;
}

/* A text with a letter, a digit or the like in it: no blank one. Escapes count for nothing. */
static bool says_something(const struct scan *s)
{
	const struct member *m = find(s, "text");

	if (!m || s->p[m->value] != '"')
		return false;
	for (size_t i = 1; i + 1 < m->value_len; i++) {
		unsigned char c = (unsigned char)s->p[m->value + i];

		if (c == '\\')
			i += s->p[m->value + i + 1] == 'u' ? 5 : 1;
		else if (c > ' ')
			return true;
	}
	return false;
}

static bool knows_writer(const struct scan *s, const struct slack_names *names)
{
	const struct member *m = find(s, "user");
	char id[NAMES_ID_MAX + 1];

	if (!m || m->value_len < 3 || m->value_len - 2 > NAMES_ID_MAX)
		return false;
	memcpy(id, s->p + m->value + 1, m->value_len - 2);
	id[m->value_len - 2] = '\0';
	return names_user(names, id) != NULL;
}

static bool is_needless(const struct scan *s, const struct member *m, bool writer_is_known)
{
	static const char *const names[] = {"replies",   "reply_users", "client_msg_id",
					    "user_team", "source_team", "root"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_named(s, m, names[i]))
			return true;
	return writer_is_known && is_named(s, m, "user_profile");
}

/* [{...},{...}] -> [0,0], which is never longer */
static size_t zeros(char *to, size_t n)
{
	size_t len = 0;

	to[len++] = '[';
	for (size_t i = 0; i < n; i++) {
		to[len++] = '0';
		to[len++] = i + 1 < n ? ',' : ']';
	}
	if (!n)
		to[len++] = ']';
	return len;
}

size_t slim_message(char *text, size_t n, const struct slack_names *names)
{
	struct scan s = {.p = text, .n = n};
	size_t len = 1;
	bool said, known;

	if (!scan_members(&s))
		return n;
	text[0] = '{';
	said = says_something(&s);
	known = knows_writer(&s, names);
	for (size_t i = 0; i < s.count; i++) {
		const struct member *m = &s.members[i];
		bool counted = said && text[m->value] == '[' &&
			       (is_named(&s, m, "blocks") || is_named(&s, m, "attachments"));

		if (is_needless(&s, m, known))
			continue;
		if (len > 1)
			text[len++] = ',';
		memmove(text + len, text + m->name - 1, m->name_len + 2);
		len += m->name_len + 2;
		text[len++] = ':';
		if (counted) {
			len += zeros(text + len, m->elements);
		} else {
			memmove(text + len, text + m->value, m->value_len);
			len += m->value_len;
		}
	}
	text[len++] = '}';
	return len;
}
