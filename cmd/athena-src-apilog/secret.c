/* SPDX-License-Identifier: ISC
 *
 * Which names are those of secrets.
 */
#include <string.h>

#include "redact.h"

enum { NAME_MAX_LEN = 64 };

/* A name ends so: it is secret wherever it stands. Lower case, letters only. */
static const char *const endings[] = {
	"token",         "secret",          "password",  "passwd",     "pwd",
	"passphrase",    "passcode",        "signature", "credential", "credentials",
	"authorization", "cookie",          "cookies",   "apikey",     "secretkey",
	"privatekey",    "accesskey",       "authkey",   "sessionkey", "signingkey",
	"encryptionkey", "subscriptionkey", "jwt",       "jsessionid", "phpsessid"};

/* Whole names. */
static const char *const names[] = {
	"pass",         "creds",       "bearer",          "otp",           "totp", "csrf", "xsrf",
	"samlresponse", "samlrequest", "clientassertion", "awsaccesskeyid"};

/* Whole names that are secret in a query only: members and headers of that name mean something else. */
static const char *const parameters[] = {"key",     "code",      "auth",   "sig", "sid",
					 "session", "sessionid", "sessid", "pin"};

/* ...and endings that are no secret, though one of the above. */
static const char *const harmless[] = {"pagetoken", "nexttoken", "continuationtoken", "paginationtoken",
				       "synctoken"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool listed(const char *const *list, size_t count, const char *s, size_t n, bool whole)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(list[i]);

		if ((whole ? n == len : n >= len) && !memcmp(s + n - len, list[i], len))
			return true;
	}
	return false;
}

static int hex(char c)
{
	unsigned digit = (unsigned)(c - '0'), letter = (unsigned)((c | 0x20) - 'a');

	return digit <= 9 ? (int)digit : letter <= 5 ? (int)letter + 10 : -1;
}

/*
 * The part of a name that counts, in lower case: its last component, percent-decoded (twice, where it is
 * encoded twice), without `_`, `-` and digits at the end. Of a very long name its end.
 */
static size_t core(const char *s, size_t n, char out[NAME_MAX_LEN])
{
	size_t len = 0;
	bool fresh = true;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i], lower = c | 0x20;

		while (c == '%' && n - i > 2 && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
			c = (unsigned char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			lower = c | 0x20;
			i += 2;
		}
		if (c == '_' || c == '-')
			continue;
		if ((unsigned)(lower - 'a') > 25 && (unsigned)(c - '0') > 9) {
			fresh = true;
			continue;
		}
		if (fresh)
			len = 0;
		fresh = false;
		if (len == NAME_MAX_LEN) {
			len /= 2;
			memmove(out, out + len, len);
		}
		out[len++] = (char)lower;
	}
	while (len && (unsigned)(out[len - 1] - '0') <= 9)
		len--;
	return len;
}

static bool secret(const char *s, size_t n)
{
	if (n >= 6 && !memcmp(s, "cookie", 6))
		return true; /* cookie_session, as nginx calls each by its name */
	return (listed(endings, COUNT(endings), s, n, false) || listed(names, COUNT(names), s, n, true)) &&
	       !listed(harmless, COUNT(harmless), s, n, false);
}

#define LAST(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/* False at a glance for most names: one of ours ends in these three letters, or begins as `cookie`. */
static bool may_be(const char *s, size_t n)
{
	if (n < 3)
		return false;
	if ((unsigned)((s[n - 1] | 0x20) - 'a') > 25 ||
	    LAST(s[0] | 0x20, s[1] | 0x20, s[2] | 0x20) == LAST('c', 'o', 'o'))
		return true; /* brackets, digits, escapes */
	switch (LAST(s[n - 3] | 0x20, s[n - 2] | 0x20, s[n - 1] | 0x20)) {
	case LAST('k', 'e', 'n'):
	case LAST('r', 'e', 't'):
	case LAST('o', 'r', 'd'):
	case LAST('s', 'w', 'd'):
	case LAST('p', 'w', 'd'):
	case LAST('a', 's', 'e'):
	case LAST('o', 'd', 'e'):
	case LAST('u', 'r', 'e'):
	case LAST('i', 'a', 'l'):
	case LAST('a', 'l', 's'):
	case LAST('i', 'o', 'n'):
	case LAST('k', 'i', 'e'):
	case LAST('i', 'e', 's'):
	case LAST('k', 'e', 'y'):
	case LAST('j', 'w', 't'):
	case LAST('n', 'i', 'd'):
	case LAST('s', 'i', 'd'):
	case LAST('a', 's', 's'):
	case LAST('e', 'd', 's'):
	case LAST('r', 'e', 'r'):
	case LAST('o', 't', 'p'):
	case LAST('s', 'r', 'f'):
	case LAST('n', 's', 'e'):
	case LAST('e', 's', 't'):
	case LAST('y', 'i', 'd'):
	case LAST('u', 't', 'h'):
	case LAST('s', 'i', 'g'):
	case LAST('p', 'i', 'n'):
		return true;
	default:
		/* a separator that hides such an ending */
		return s[n - 2] == '_' || s[n - 2] == '-' || s[n - 3] == '_' || s[n - 3] == '-';
	}
}

bool redact_member(const char *name, size_t n)
{
	char text[NAME_MAX_LEN];

	if (!may_be(name, n))
		return false;
	n = core(name, n, text);
	return secret(text, n);
}

bool redact_parameter(const char *name, size_t n, bool encoded)
{
	char text[NAME_MAX_LEN];

	if (!encoded && !may_be(name, n))
		return false;
	n = core(name, n, text);
	return secret(text, n) || listed(parameters, COUNT(parameters), text, n, true);
}
