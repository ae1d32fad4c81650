/* SPDX-License-Identifier: ISC */
#include "token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

enum { TOKEN_MAX = 4096 };

/* The host of a URL, without user and port; `n` its length. */
static const char *host_of(const char *url, size_t *n)
{
	const char *host = strstr(url, "://"), *at;

	host = host ? host + 3 : url;
	*n = strcspn(host, "/?#");
	at = memchr(host, '@', *n);
	if (at) {
		*n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	if (*host == '[')
		*n = strcspn(host, "]") + 1;
	else if (memchr(host, ':', *n))
		*n = strcspn(host, ":");
	return host;
}

static bool host_is(const char *host, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(host, name, n);
}

/* Is it a host below the domain, ".ghe.com"? */
static bool host_below(const char *host, size_t n, const char *domain)
{
	size_t len = strlen(domain);

	return n > len && !strncasecmp(host + n - len, domain, len);
}

bool token_is_github(const char *base)
{
	size_t n;
	const char *host = host_of(base, &n);

	return host_is(host, n, "github.com") || host_below(host, n, ".github.com") ||
	       host_below(host, n, ".ghe.com");
}

static bool is_here(const char *base)
{
	size_t n;
	const char *host = host_of(base, &n);

	return host_is(host, n, "127.0.0.1") || host_is(host, n, "localhost") || host_is(host, n, "[::1]");
}

static int check(char *token, const char *from)
{
	token[strcspn(token, " \t\r\n")] = '\0';
	for (const char *c = token; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
			return log_error(EX_CONFIG, "%s: holds what is no token", from);
	return *token ? 0 : log_error(EX_CONFIG, "%s: the token is empty", from);
}

static int from_file(const char *file, char **token)
{
	struct buf text;

	buf_init(&text, TOKEN_MAX);
	if (file_read_secret(file, &text)) {
		buf_release(&text);
		return log_error(EX_CONFIG, "--token-file %s: %s", file,
				 errno == EPERM ? "others can read it; chmod 600 it" : strerror(errno));
	}
	*token = buf_detach(&text);
	return check(*token, file);
}

int token_find(const char *base, const char *file, char **token, const char **from)
{
	static const char *const names[] = {"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN",
					    "GITHUB_ENTERPRISE_TOKEN"};
	bool ours = token_is_github(base), any = is_here(base);
	const char *value;

	*token = NULL;
	*from = file;
	if (file)
		return from_file(file, token);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!any && (i < 2) != ours)
			continue;
		value = getenv(names[i]);
		if (value && *value) {
			*token = xstrdup(value);
			*from = names[i];
			return check(*token, names[i]);
		}
	}
	return 0;
}

const char *token_kind(const char *token)
{
	static const char *const kinds[][2] = {{"ghp_", "classic personal access token"},
					       {"github_pat_", "fine-grained personal access token"},
					       {"gho_", "OAuth token"},
					       {"ghu_", "user token of an app"},
					       {"ghs_", "installation token of an app"},
					       {"ghr_", "refresh token, which reads nothing"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(token, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	return "token";
}
