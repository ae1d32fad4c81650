/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "xalloc.h"

/* fd becomes the child's descriptor `to`. */
static int give(posix_spawn_file_actions_t *files, int fd, int to)
{
	if (fd == CHILD_NULL)
		return posix_spawn_file_actions_addopen(files, to, "/dev/null",
							to == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
	return posix_spawn_file_actions_adddup2(files, fd, to);
}

static int set_attributes(posix_spawnattr_t *attr, bool group)
{
	sigset_t none, usual;
	int rc;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	rc = posix_spawnattr_setsigmask(attr, &none);
	if (!rc)
		rc = posix_spawnattr_setsigdefault(attr, &usual);
	if (!rc)
		rc = posix_spawnattr_setflags(attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
							    (group ? POSIX_SPAWN_SETPGROUP : 0)));
	return rc;
}

int child_start(const struct child_spec *spec, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc)
		goto out;
	rc = give(&files, spec->in, STDIN_FILENO);
	if (!rc)
		rc = give(&files, spec->out, STDOUT_FILENO);
	if (!rc)
		rc = give(&files, spec->err, STDERR_FILENO);
	if (!rc && spec->third)
		rc = posix_spawn_file_actions_adddup2(&files, spec->third, STDERR_FILENO + 1);
	if (!rc)
		rc = set_attributes(&attr, spec->group);
	/* posix_spawn() changes neither the words nor the environment: its type is older than const. */
	if (!rc)
		rc = posix_spawnp(pid, spec->argv[0], &files, &attr, (char *const *)spec->argv,
				  spec->env ? (char *const *)spec->env : environ);
	posix_spawnattr_destroy(&attr);
out:
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static bool is_secret(const char *variable)
{
	static const char *const words[] = {"TOKEN", "PASSWORD", "PASSWD", "SECRET"};
	size_t n = strcspn(variable, "=");

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(variable, n, words[i], strlen(words[i])))
			return true;
	return false;
}

const char **child_env_plain(void)
{
	const char **plain;
	size_t n = 0, kept = 0;

	while (environ && environ[n])
		n++;
	plain = xcalloc(n + 1, sizeof(*plain));
	for (size_t i = 0; i < n; i++)
		if (!is_secret(environ[i]))
			plain[kept++] = environ[i];
	return plain;
}

int child_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_worse(int a, int b)
{
	if (!a || (a == EX_TEMPFAIL && b))
		return b;
	if (!b || b == EX_TEMPFAIL)
		return a;
	return a > b ? a : b;
}

/* What sysexits(3) calls it, as our programs and many others mean it; "" for any other code. */
static const char *meaning(int code)
{
	switch (code) {
	case EX_USAGE:
		return " (usage)";
	case EX_DATAERR:
		return " (bad data)";
	case EX_NOINPUT:
		return " (no such input)";
	case EX_UNAVAILABLE:
		return " (not served)";
	case EX_SOFTWARE:
		return " (a bug)";
	case EX_CANTCREAT:
		return " (cannot create)";
	case EX_IOERR:
		return " (input or output)";
	case EX_TEMPFAIL:
		return " (come back later)";
	case EX_NOPERM:
		return " (refused)";
	case EX_CONFIG:
		return " (configuration)";
	default:
		return "";
	}
}

const char *child_ended(int code)
{
	static char text[64];

	if (code == CHILD_MISSING)
		snprintf(text, sizeof(text), "no such program");
	else if (code == CHILD_REFUSED)
		snprintf(text, sizeof(text), "cannot be run");
	else if (code > 128 && code < 128 + NSIG)
		snprintf(text, sizeof(text), "signal %d (%s)", code - 128, strsignal(code - 128));
	else
		snprintf(text, sizeof(text), "exit status %d%s", code, meaning(code));
	return text;
}
