/* SPDX-License-Identifier: ISC */
#include "commit.h"

#include <string.h>

static const char *line_end(const char *s, const char *end)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));

	return nl ? nl : end;
}

/* A line "word <oid>"; moves *s past it. */
static bool oid_line(const char **s, const char *end, const char *word, git_oid *oid)
{
	size_t n = strlen(word);
	const char *eol;

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0 || !oid_from_hex(oid, *s + n, end))
		return false;
	eol = line_end(*s + n, end);
	if (eol != *s + n + GIT_OID_HEXSZ)
		return false;
	*s = eol < end ? eol + 1 : end;
	return true;
}

/* The time and zone after the mail address; text that is none leaves `dated` false. */
static void parse_date(struct person *p, const char *s, const char *end)
{
	bool minus, plus;
	uint64_t v = 0;
	int zone = 0;

	while (s < end && *s == ' ')
		s++;
	p->date = s;
	minus = s < end && *s == '-';
	for (s += minus; s < end && (unsigned)(*s - '0') <= 9; s++)
		v = v > (uint64_t)INT64_MAX / 10 - 1 ? (uint64_t)INT64_MAX : v * 10 + (uint64_t)(*s - '0');
	p->dated = s > p->date + minus && (s == end || *s == ' ') && v < (uint64_t)INT64_MAX;
	p->seconds = s == p->date + minus ? 0 : minus ? -(int64_t)v : (int64_t)v;
	p->date_len = (size_t)((p->dated ? s : end) - p->date);
	while (s < end && *s == ' ')
		s++;
	plus = s < end && *s == '+';
	if (end - s < 5 || (!plus && *s != '-'))
		return;
	for (int i = 1; i <= 4; i++) {
		if ((unsigned)(s[i] - '0') > 9)
			return;
		zone = zone * 10 + (s[i] - '0');
	}
	zone = zone / 100 * 60 + zone % 100;
	p->zone = plus ? zone : -zone;
}

static void trim(const char **s, size_t *n)
{
	while (*n && (**s == ' ' || **s == '\t')) {
		++*s;
		--*n;
	}
	while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
		--*n;
}

static void parse_person(struct person *p, const char *s, const char *end)
{
	const char *open = memchr(s, '<', (size_t)(end - s)), *close = memrchr(s, '>', (size_t)(end - s));

	*p = (struct person){.name = s, .date = end, .mail = end};
	if (!open || !close || close < open) {
		p->name_len = (size_t)(end - s); /* a mangled line: all of it is better than nothing */
	} else {
		p->name_len = (size_t)(open - s);
		p->mail = open + 1;
		p->mail_len = (size_t)(close - open - 1);
		parse_date(p, close + 1, end);
	}
	trim(&p->name, &p->name_len);
	trim(&p->mail, &p->mail_len);
}

/* The line "word ..." at *s, of which value is the rest; moves *s past it. */
static bool header(const char **s, const char *end, const char *word, const char **value,
		   const char **value_end)
{
	size_t n = strlen(word);

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
		return false;
	*value = *s + n;
	*value_end = line_end(*value, end);
	*s = *value_end < end ? *value_end + 1 : end;
	return true;
}

bool commit_parse_links(struct commit_links *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	struct person who = {0};
	git_oid parent;

	out->parents.n = 0;
	if (!oid_line(&s, end, "tree ", &out->tree))
		return false;
	while (oid_line(&s, end, "parent ", &parent))
		oid_list_add(&out->parents, &parent);
	header(&s, end, "author ", &value, &stop);
	if (header(&s, end, "committer ", &value, &stop)) {
		const char *close = memrchr(value, '>', (size_t)(stop - value));

		if (close)
			parse_date(&who, close + 1, stop);
	}
	out->date = who.seconds;
	return true;
}

static const char *signature_kind(const char *s, const char *end)
{
	static const char *const kinds[][2] = {{"-----BEGIN PGP", "openpgp"},
					       {"-----BEGIN SSH", "ssh"},
					       {"-----BEGIN SIGNED MESSAGE", "x509"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((size_t)(end - s) >= strlen(kinds[i][0]) && !memcmp(s, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	return "unknown";
}

bool commit_parse(struct commit *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	git_oid parent;

	if (!oid_line(&s, end, "tree ", &out->tree))
		return false;
	while (oid_line(&s, end, "parent ", &parent))
		oid_list_add(&out->parents, &parent);
	while (s < end && *s != '\n') {
		if (!out->author.name && header(&s, end, "author ", &value, &stop)) {
			parse_person(&out->author, value, stop);
		} else if (!out->committer.name && header(&s, end, "committer ", &value, &stop)) {
			parse_person(&out->committer, value, stop);
		} else if (!out->encoding && header(&s, end, "encoding ", &value, &stop)) {
			out->encoding = value;
			out->encoding_len = (size_t)(stop - value);
		} else if (!out->signature && header(&s, end, "gpgsig ", &value, &stop)) {
			out->signature = signature_kind(value, stop);
		} else {
			stop = line_end(s, end); /* a header not wanted, or the continuation of one */
			s = stop < end ? stop + 1 : end;
		}
	}
	if (s < end)
		s++;
	out->message = s;
	out->message_len = (size_t)(end - s);
	return true;
}

bool tag_parse(struct tag *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	char word[16];

	if (!oid_line(&s, end, "object ", &out->target))
		return false;
	out->target_type = GIT_OBJECT_INVALID;
	if (header(&s, end, "type ", &value, &stop) && (size_t)(stop - value) < sizeof(word)) {
		memcpy(word, value, (size_t)(stop - value));
		word[stop - value] = '\0';
		out->target_type = git_object_string2type(word);
	}
	while (s < end && *s != '\n') {
		if (!out->tagger.name && header(&s, end, "tagger ", &value, &stop)) {
			parse_person(&out->tagger, value, stop);
		} else {
			stop = line_end(s, end);
			s = stop < end ? stop + 1 : end;
		}
	}
	if (s < end)
		s++;
	out->message = s;
	out->message_len = (size_t)(end - s);
	return true;
}
