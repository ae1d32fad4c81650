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
	*from = file ? credential_from(file) : NULL;
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

const char *token_kind(const char *token, bool *reads)
{
	static const struct {
		const char *begins, *kind;
		bool reads;
	} kinds[] = {
		{"xoxb-", "bot token", true},
		{"xoxp-", "user token", true},
		{"xoxe.xoxb-", "rotating bot token, good for 12 hours", true},
		{"xoxe.xoxp-", "rotating user token, good for 12 hours", true},
		{"xoxa-", "legacy workspace token", true},
		{"xoxe-", "refresh token", false},
		{"xoxr-", "legacy refresh token", false},
		{"xapp-", "app-level token", false},
		{"xoxc-", "token of a browser's session", false},
		{"xoxs-", "token of a browser's session", false},
		{"xoxd-", "cookie of a browser's session", false},
	};

	*reads = true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(token, kinds[i].begins, strlen(kinds[i].begins))) {
			*reads = kinds[i].reads;
			return kinds[i].kind;
		}
	return "token of an unknown kind";
}
