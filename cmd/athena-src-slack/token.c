/* SPDX-License-Identifier: ISC */
#include "token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "credential.h"
#include "log.h"
#include "xalloc.h"

static bool is_slack(const char *base)
{
	static const char *const hosts[] = {"slack.com", ".slack.com", "slack-gov.com", ".slack-gov.com"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (credential_host_is(base, hosts[i]))
			return true;
	return credential_is_here(base);
}

int token_find(const char *base, const char *file, char **token, const char **from)
{
	static const char *const names[] = {"SLACK_BOT_TOKEN", "SLACK_USER_TOKEN", "SLACK_TOKEN"};

	*token = NULL;
	*from = file;
	if (file)
		return credential_read(file, token);
	if (!is_slack(base))
		return log_error(
			EX_CONFIG,
			"--api-url %s is not Slack's: only a token that --token-file names goes there", base);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value) {
			*token = xstrdup(value);
			*from = names[i];
			return credential_check(*token, names[i]);
		}
	}
	return log_error(
		EX_CONFIG,
		"there is no token: set SLACK_BOT_TOKEN, or name a file with --token-file; an export "
		"needs none, see --export");
}

const char *token_kind(const char *token)
{
	static const char *const kinds[][2] = {
		{"xoxb-", "bot token"},
		{"xoxp-", "user token"},
		{"xoxe.xoxb-", "rotating bot token, good for 12 hours"},
		{"xoxe.xoxp-", "rotating user token, good for 12 hours"},
		{"xoxe-", "refresh token, which reads nothing"},
		{"xapp-", "app-level token, which reads nothing"},
		{"xoxc-", "token of a browser's session, which is not supported"},
		{"xoxd-", "cookie of a browser's session, which is no token"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(token, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	return "token";
}
