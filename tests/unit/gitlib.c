/* SPDX-License-Identifier: ISC */
/* pkg: libgit2 */
#include "gitlib.h"

#include <git2.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "tap.h"

/* libgit2 asks for more than there may be. */
static void exhaust(void)
{
	struct rlimit none = {0};
	git_odb *odb;

	setrlimit(RLIMIT_DATA, &none);
	setrlimit(RLIMIT_AS, &none);
	while (!git_odb_new(&odb))
		;
}

int main(void)
{
	git_signature *s = NULL;
	int status = 0;
	pid_t pid;

	ok(!gitlib_init(), "libgit2 begins with our memory");
	ok(!git_signature_from_buffer(&s, "Ann <ann@example.org> 1700000000 +0100"), "and works with it");
	is_str(s ? s->name : "", "Ann", "a copy of some bytes");
	is_str(s ? s->email : "", "ann@example.org", "and another");
	git_signature_free(s);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		exhaust();
		_exit(0);
	}
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status), "without memory it ends");
	is_int(WEXITSTATUS(status), EX_OSERR, "with the code for that");
	git_libgit2_shutdown();
	return tap_done();
}
