/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/repo.c cmd/athena-src-git/folders.c pkg: libgit2 */
#include "repo.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static bool is(const char *url, const char *want)
{
	char *id = repo_url_id(url, "/base");
	bool same = id && want ? !strcmp(id, want) : id == want;

	if (!same)
		printf("# %s: %s, not %s\n", url, id ? id : "nothing", want ? want : "nothing");
	free(id);
	return same;
}

int main(void)
{
	ok(is("https://github.com/o/r.git", "git:github.com/o/r"), "scheme and .git go");
	ok(is("https://u:p@GitHub.com:8443/o/r/", "git:github.com/o/r"),
	   "user, password, port, case of the host");
	ok(is("https://u:p@q@host/r", "git:host/r"), "a password with an at sign");
	ok(is("https://u:p/q@host/r", "git:host/r"), "a password with a slash");
	ok(is("https://u:1234/q@host/r", "git:u/q@host/r"), "a port is no password");
	ok(is("https://host/r?token=x#y", "git:host/r"), "query and fragment");
	ok(is("git@host:o/r.git", "git:host/o/r"), "scp form");
	ok(is("host:~u/r", "git:host/~u/r"), "scp form without user");
	ok(is("ssh://git@[::1]:22/r", "git:[::1]/r"), "an IPv6 host");
	ok(is("file:///no/such.git", "git:/no/such.git"), "a file URL is a path");
	ok(is("/no/such/.git", "git:/no/such"), "a path");
	ok(is("no/such", "git:/base/no/such"), "a relative path");
	ok(is("./a:b", "git:/base/./a:b"), "a colon after a slash is no host");
	ok(is("ext::hg::https://u:p@h/r", "git:h/r"), "helpers before the URL");
	ok(is("https://h/\x01\xff%", "git:h/%01%FF%25"), "bytes that a cursor cannot hold");
	ok(is("", NULL), "nothing");
	ok(is("https://", NULL), "a scheme alone");
	ok(is("file://", NULL), "a file scheme alone");
	return tap_done();
}
