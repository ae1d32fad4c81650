/* SPDX-License-Identifier: ISC */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "credential.h"
#include "xalloc.h"

bool token_is_github(const char *base)
{
	return credential_host_is(base, "github.com") || credential_host_is(base, ".github.com") ||
	       credential_host_is(base, ".ghe.com");
}

int token_find(const char *base, const char *file, char **token, const char **from)
{
	static const char *const names[] = {"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN",
					    "GITHUB_ENTERPRISE_TOKEN"};
	bool ours = token_is_github(base), any = credential_is_here(base);
	const char *value;

	*token = NULL;
	*from = file ? credential_from(file) : NULL;
	if (file)
		return credential_read(file, token);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!any && (i < 2) != ours)
			continue;
		value = getenv(names[i]);
		if (value && *value) {
			*token = xstrdup(value);
			*from = names[i];
			return credential_check(*token, names[i]);
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
