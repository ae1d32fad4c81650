/* SPDX-License-Identifier: ISC */
#include "mask.h"

#include <ctype.h>
#include <string.h>

enum { TOKEN_LEAST = 8 }; /* characters after the prefix */

/* The length of a token's prefix at s, 0 where there is none; within a word there is none: highs_and_lows. */
static size_t token_prefix(const char *start, const char *s)
{
	static const char *const known[] = {"ghp_",        "gho_",   "ghu_",  "ghs_",  "ghr_",
					    "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-",
					    "xoxr-",       "xoxe-",  "xapp-", "xoxc-"};

	if (s > start && isalnum((unsigned char)s[-1]))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(s, known[i], strlen(known[i])))
			return strlen(known[i]);
	return 0;
}

static size_t token_len(const char *s)
{
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
}

static bool is_http(const char *start, const char *s)
{
	return (s - start >= 4 && !memcmp(s - 4, "http", 4)) ||
	       (s - start >= 5 && !memcmp(s - 5, "https", 5));
}

/*
 * At "://user:password@": the bytes up to and with the second colon,
 * and of the password; false for no such thing.
 */
static bool url_password(const char *start, const char *s, size_t *before, size_t *secret)
{
	size_t user, pass;

	if (strncmp(s, "://", 3))
		return false;
	user = strcspn(s + 3, ":/@ \t'\"");
	if (s[3 + user] == '@') {
		/* a token in place of a user */
		*before = 3;
		*secret = user;
		return user >= 20 && is_http(start, s);
	}
	if (s[3 + user] != ':')
		return false;
	pass = strcspn(s + 4 + user, "@/ \t'\"");
	*before = 4 + user;
	*secret = pass;
	return pass && s[4 + user + pass] == '@';
}

size_t mask_secret(const char *start, const char *s, size_t *before)
{
	size_t secret;

	*before = token_prefix(start, s);
	secret = *before ? token_len(s + *before) : 0;
	if (secret >= TOKEN_LEAST || url_password(start, s, before, &secret))
		return secret;
	*before = 1;
	return 0;
}

bool mask_has_secret(const char *s)
{
	size_t before;

	for (const char *start = s; *s; s++)
		if (mask_secret(start, s, &before))
			return true;
	return false;
}

void mask_add(struct buf *out, const char *s)
{
	for (const char *start = s; *s;) {
		size_t before, secret = mask_secret(start, s, &before);

		buf_add(out, s, before);
		if (secret)
			buf_adds(out, MASK);
		s += before + secret;
	}
}
