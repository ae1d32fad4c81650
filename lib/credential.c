/* SPDX-License-Identifier: ISC */
#include "credential.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "file.h"
#include "log.h"

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

bool credential_host_is(const char *url, const char *name)
{
	size_t n, len = strlen(name);
	const char *host = host_of(url, &n);

	if (*name != '.')
		return n == len && !strncasecmp(host, name, n);
	return n > len && !strncasecmp(host + n - len, name, len);
}

bool credential_is_here(const char *url)
{
	return credential_host_is(url, "127.0.0.1") || credential_host_is(url, "localhost") ||
	       credential_host_is(url, "[::1]");
}

/* As athena-sync hands over what token-command printed, and a shell <(command). */
static bool is_pipe(const char *file)
{
	return !strncmp(file, "/dev/fd/", 8);
}

const char *credential_from(const char *file)
{
	return is_pipe(file) ? "the command that prints it" : file;
}

int credential_check(char *token, const char *from)
{
	token[strcspn(token, " \t\r\n")] = '\0';
	for (const char *c = token; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
			return log_error(EX_CONFIG, "%s: holds what is no token", from);
	return *token ? 0
		      : log_error(EX_CONFIG, "%s: the token is empty%s", from,
				  is_pipe(from) ? ": did the command that prints it fail?" : "");
}

int credential_read(const char *file, char **token)
{
	struct buf text;

	buf_init(&text, TOKEN_MAX);
	if (file_read_secret(file, &text)) {
		int why = errno;

		buf_release(&text);
		return log_error(EX_CONFIG, "--token-file %s: %s%s", file,
				 why == EPERM    ? "others can read it; chmod 600 it"
				 : why == EINVAL ? "is no file and no pipe"
						 : strerror(why),
				 why == ENOENT ? "; write the token into it, and chmod 600 it" : "");
	}
	*token = buf_detach(&text);
	return credential_check(*token, file);
}
