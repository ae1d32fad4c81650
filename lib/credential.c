/* SPDX-License-Identifier: ISC */
#include "credential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "file.h"
#include "httprule.h"
#include "log.h"

enum { TOKEN_MAX = 4096 };

bool credential_host_is(const char *url, const char *name)
{
	char *host = http_host(url);
	size_t n = host ? strlen(host) : 0, len = strlen(name);
	bool same = host &&
		    (*name == '.' ? n > len && !strcasecmp(host + n - len, name) : !strcasecmp(host, name));

	free(host);
	return same;
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
			return log_error(EX_CONFIG, "%s: holds what is no token", credential_from(from));
	if (*token)
		return 0;
	return is_pipe(from) ? log_error(EX_CONFIG,
					 "the command that is to print the token printed none: did it fail?")
			     : log_error(EX_CONFIG, "%s: the token is empty", from);
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
