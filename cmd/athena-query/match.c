/* SPDX-License-Identifier: ISC */
#include "match.h"

#include <ctype.h>
#include <string.h>

#include "text.h"

/* A letter or a digit; beyond ASCII the tokenizer knows. */
static bool has_word(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80 || isalnum((unsigned char)s[i]))
			return true;
	return false;
}

/* A string of FTS5: in quotes nothing has a meaning, and a quote within is doubled. */
static void add_string(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s[i]);
	}
	buf_addc(out, '"');
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Adds the word or phrase at s, and returns what follows it. */
static const char *add_term(struct buf *out, const char *s, bool *any)
{
	bool phrase = *s == '"', prefix;
	const char *from = s + phrase, *to = from;
	size_t n;

	while (*to && (phrase ? *to != '"' : !is_space(*to)))
		to++;
	s = to + (phrase && *to);
	n = (size_t)(to - from);
	prefix = phrase ? *s == '*' : n && to[-1] == '*';
	s += phrase && prefix;
	if (!has_word(from, n))
		return s;
	if (*any)
		buf_addc(out, ' ');
	add_string(out, from, n);
	if (prefix)
		buf_adds(out, " *");
	*any = true;
	return s;
}

bool match_expression(struct buf *out, const char *text)
{
	struct buf sound = {0};
	bool any = false;

	text_repair(&sound, text, strlen(text));
	for (const char *s = buf_cstr(&sound); *s;)
		s = is_space(*s) ? s + 1 : add_term(out, s, &any);
	buf_release(&sound);
	return any;
}
