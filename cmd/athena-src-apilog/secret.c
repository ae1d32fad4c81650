/* SPDX-License-Identifier: ISC */
#include "secret.h"

#include <string.h>

#include "bytes.h"

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

/*
 * The part of a name that counts, in lower case: its last component, percent-decoded (twice, where it is
 * encoded twice), without `_`, `-` and digits at the end. Of a very long name its end.
 */
static size_t core(const char *s, size_t n, char out[NAME_MAX_LEN])
{
	size_t len = 0;
	bool fresh = true;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i], lower;
		int code;

		for (; c == '%' && (code = bytes_hex(s + i + 1, s + n, 2)) >= 0; i += 2)
			c = (unsigned char)code;
		lower = c | 0x20;
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

static bool is_secret(const char *s, size_t n)
{
	return (listed(endings, COUNT(endings), s, n, false) || listed(names, COUNT(names), s, n, true)) &&
	       !listed(harmless, COUNT(harmless), s, n, false);
}

bool secret_member(const char *name, size_t n)
{
	static const char cookie[] = "cookie"; /* cookie_session, as nginx calls each by its name */
	char text[NAME_MAX_LEN];

	if (n < 3 || (!secret_ends_so(name + n - 3) && (name[0] | 0x20) != 'c'))
		return false;
	n = core(name, n, text);
	return is_secret(text, n) || (n > sizeof(cookie) - 1 && !memcmp(text, cookie, sizeof(cookie) - 1));
}

bool secret_parameter(const char *name, size_t n, bool encoded)
{
	char text[NAME_MAX_LEN];

	if (!encoded && (n < 3 || !secret_ends_so(name + n - 3)))
		return false;
	n = core(name, n, text);
	return is_secret(text, n) || listed(parameters, COUNT(parameters), text, n, true);
}
