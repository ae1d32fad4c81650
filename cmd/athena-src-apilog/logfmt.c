/* SPDX-License-Identifier: ISC */
#include "logfmt.h"

#include "unquote.h"

static bool in_key(char c)
{
	return (unsigned char)c > ' ' && c != '=' && c != '"' && c != '\x7f';
}

/* The text in quotes at s, unescaped in work's text where need be. Returns what follows, NULL where it is not
 * ended. */
static const char *quoted(struct work *w, const char *s, const char *end, struct token *t)
{
	const char *p = ++s;
	bool escaped = false;

	for (; p < end && *p != '"'; p++)
		if (*p == '\\') {
			escaped = true;
			p++;
		}
	if (p >= end)
		return NULL;
	*t = (struct token){.p = s, .n = (size_t)(p - s), .type = TOKEN_TEXT};
	if (escaped) {
		char *to = w->text.data + w->text.len;

		t->n = unquote(s, t->n, to);
		t->p = to;
		w->text.len += t->n;
	}
	return p + 1;
}

bool logfmt_pairs(struct work *w, const char *s, size_t n)
{
	const char *end = s + n;
	bool any = false;

	while (s < end) {
		struct token t = {.p = "true", .n = 4, .type = TOKEN_WORD};
		const char *first = s;
		uint32_t i;

		while (s < end && in_key(*s))
			s++;
		i = s > first ? work_member(w, first, (size_t)(s - first)) : 0;
		if (!i)
			return false;
		if (s < end && *s == '=') {
			any = true;
			first = ++s;
			if (s < end && *s == '"') {
				s = quoted(w, s, end, &t);
				if (!s)
					return false;
			} else {
				while (s < end && (unsigned char)*s > ' ' && *s != '"')
					s++;
				t = (struct token){.p = first, .n = (size_t)(s - first), .type = TOKEN_TEXT};
			}
		}
		if (s < end && *s != ' ' && *s != '\t')
			return false;
		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		if (!members_first(&w->members, i, w->object))
			continue;
		w->dialects |= 1u << w->members.items[i].meaning.dialect;
		if (w->members.items[i].meaning.field)
			fields_put(w, i, &t);
		else
			work_extra(w, i, &t);
	}
	return any;
}

bool logfmt_line(struct work *w, const char *line, size_t n, const char **why)
{
	while (n && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	if (!logfmt_pairs(w, line, n)) {
		*why = "no key=value pairs";
		return false;
	}
	return fields_finish(w, why);
}
