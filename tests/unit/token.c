/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/token.c pkg: libcurl */
/* Which token goes to which host: none of github.com's to another. */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "tap.h"

static bool gets(const char *base, const char *want)
{
	const char *from;
	char *token = NULL;
	bool same = !token_find(base, NULL, &token, &from) &&
		    (token && want ? !strcmp(token, want) : token == want);

	if (!same)
		printf("# %s: %s\n", base, token ? token : "none");
	free(token);
	return same;
}

int main(void)
{
	log_init("token");
	unsetenv("GH_TOKEN");
	unsetenv("GITHUB_TOKEN");
	unsetenv("GH_ENTERPRISE_TOKEN");
	unsetenv("GITHUB_ENTERPRISE_TOKEN");
	ok(gets("https://api.github.com", NULL), "there is none");
	setenv("GITHUB_TOKEN", "second", 1);
	ok(gets("https://api.github.com", "second"), "GITHUB_TOKEN");
	setenv("GH_TOKEN", "first", 1);
	ok(gets("https://api.github.com", "first"), "GH_TOKEN goes first");
	ok(gets("https://api.sub.ghe.com", "first") && gets("https://API.GitHub.com:443/", "first"),
	   "of the same house");
	ok(gets("https://ghe.example.org/api/v3", NULL), "not to another host");
	ok(gets("https://api.github.com.evil.org", NULL) && gets("https://api.github.com@evil.org/", NULL) &&
		   gets("https://evilgithub.com", NULL) && gets("https://evil.org/api.github.com", NULL) &&
		   gets("https://ghe.com.evil.org", NULL) && gets("https://evil.org?github.com", NULL) &&
		   gets("https:/evil.org://github.com/", NULL) && gets("https://evil.org#@github.com/", NULL),
	   "not to one that looks like it");
	setenv("GITHUB_ENTERPRISE_TOKEN", "fourth", 1);
	ok(gets("https://ghe.example.org/api/v3", "fourth") && gets("https://api.github.com", "first"),
	   "each its own");
	setenv("GH_ENTERPRISE_TOKEN", "third", 1);
	ok(gets("https://ghe.example.org/api/v3", "third"), "GH_ENTERPRISE_TOKEN goes first");
	ok(gets("http://127.0.0.1:8080", "first") && gets("http://[::1]:8080", "first"),
	   "this machine takes any");
	setenv("GH_TOKEN", "", 1);
	ok(gets("https://api.github.com", "second"), "an empty one is none");
	is_str(token_kind("github_pat_x"), "fine-grained personal access token", "kind");
	is_str(token_kind("x"), "token", "a kind that is not known");
	return tap_done();
}
