/* SPDX-License-Identifier: ISC */
#include "refs.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MOST = 9 };

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool is_hex(char c)
{
	return isdigit((unsigned char)c) || (c >= 'a' && c <= 'f');
}

bool refs_next_oid(const char *s, size_t n, size_t least, size_t *at, const char **oid, size_t *len)
{
	size_t i = *at;

	while (i < n) {
		size_t from = i, digits = 0;

		while (i < n && is_hex(s[i]))
			digits += isdigit((unsigned char)s[i++]) != 0;
		*len = i - from;
		if (*len >= least && *len <= REFS_OID && (digits || *len == REFS_OID) &&
		    (i == n || !is_word(s[i]))) {
			*oid = s + from;
			*at = i;
			return true;
		}
		while (i < n && is_word(s[i]))
			i++;
		while (i < n && !is_word(s[i]))
			i++;
	}
	*at = n;
	return false;
}

/* Digits at s that are a number of their own; the bytes they take, 0 where they are none. */
static size_t parse_number(const char *s, size_t n, int64_t *number)
{
	size_t i = 0;

	for (*number = 0; i < n && isdigit((unsigned char)s[i]); i++) {
		if (i == DIGITS_MOST)
			return 0;
		*number = *number * 10 + (s[i] - '0');
	}
	return !*number || (i < n && is_word(s[i])) ? 0 : i;
}

/* owner/name that ends before `end`: where it begins, or NULL. */
static const char *repo_before(const char *s, const char *end)
{
	const char *p = end, *slash;

	while (p > s && is_name(p[-1]))
		p--;
	if (p == end || p == s || p[-1] != '/')
		return NULL;
	slash = --p;
	while (p > s && is_name(p[-1]))
		p--;
	return p == slash ? NULL : p;
}

/* What stands before the digits at s + i decides whether they are meant. */
static bool is_reference(const char *s, size_t i, struct refs_number *found)
{
	static const char *const addresses[] = {"/pull/", "/issues/"};
	const char *here = s + i;

	found->repo = NULL;
	if (i && s[i - 1] == '#') {
		found->repo = repo_before(s, here - 1);
		found->repo_len = found->repo ? (size_t)(here - 1 - found->repo) : 0;
		return found->repo || i == 1 || !is_word(s[i - 2]);
	}
	if (i >= 3 && !strncasecmp(here - 3, "GH-", 3))
		return i == 3 || !is_word(s[i - 4]);
	for (size_t a = 0; a < 2; a++) {
		size_t len = strlen(addresses[a]);

		if (i < len || memcmp(here - len, addresses[a], len))
			continue;
		found->repo = repo_before(s, here - len);
		found->repo_len = found->repo ? (size_t)(here - len - found->repo) : 0;
		return found->repo;
	}
	return false;
}

bool refs_next_number(const char *s, size_t n, size_t *at, struct refs_number *found)
{
	for (size_t i = *at; i < n; i++) {
		size_t len;

		if (!isdigit((unsigned char)s[i]) || (i && isdigit((unsigned char)s[i - 1])))
			continue;
		len = parse_number(s + i, n - i, &found->number);
		if (len && is_reference(s, i, found)) {
			*at = i + len;
			return true;
		}
	}
	*at = n;
	return false;
}

const char *refs_repo(const char *source_id)
{
	const char *p = source_id + strlen(source_id);

	if (!strncmp(source_id, "github:", 7))
		return strchr(source_id, '/') ? source_id + 7 : NULL;
	if (strncmp(source_id, "git:", 4) || source_id[4] == '/')
		return NULL;
	for (int slashes = 0; p > source_id + 4; p--)
		if (p[-1] == '/' && ++slashes == 2)
			return p;
	return NULL;
}

static bool same_repo(const char *a, size_t n, const char *repo)
{
	return strlen(repo) == n && !strncasecmp(a, repo, n);
}

bool refs_mentions(const char *s, size_t n, const char *source_id, const char *repo, int64_t number)
{
	const char *own = refs_repo(source_id);
	struct refs_number found;

	for (size_t at = 0; refs_next_number(s, n, &at, &found);) {
		if (found.number != number)
			continue;
		if (found.repo ? same_repo(found.repo, found.repo_len, repo)
			       : own && same_repo(own, strlen(own), repo))
			return true;
	}
	return false;
}
