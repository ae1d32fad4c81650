/* SPDX-License-Identifier: ISC */
#include "xalloc.h"

#include <sys/wait.h>
#include <sysexits.h>

#include "tap.h"

static void overflow(void)
{
	free(xreallocarray(NULL, SIZE_MAX / 2, 4));
}

/* The exit status of a process that runs fn. */
static int status_of(void (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_copies(void)
{
	char *s = xstrndup("abcdef", 3), *t = xasprintf("%s-%d", s, 7), *u = xmemdup("a\0b", 3);
	unsigned char *zero = xcalloc(8, 8);
	size_t set = 0;

	is_str(s, "abc", "xstrndup cuts");
	is_str(t, "abc-7", "xasprintf formats");
	is_bytes(u, 3, "a\0b", 3, "xmemdup copies NUL");
	for (size_t i = 0; i < 64; i++)
		set += zero[i];
	is_int((int64_t)set, 0, "xcalloc clears");
	free(s);
	s = xstrndup("ab", 100);
	is_str(s, "ab", "xstrndup stops at the end");
	free(t);
	t = xmalloc(0);
	ok(t, "no bytes are a pointer, too");
	t = xrealloc(t, 0);
	ok(t, "also after xrealloc");
	free(s);
	free(t);
	free(u);
	free(zero);
}

int main(void)
{
	is_int(status_of(overflow), EX_OSERR, "n * size that overflows dies");
	test_copies();
	return tap_done();
}
