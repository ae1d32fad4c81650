/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "tap.h"

static int run(const char *const *argv, const char *const *env)
{
	const struct child_spec spec = {
		.argv = argv, .env = env, .in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL};
	int status = 0;
	pid_t pid;

	if (child_start(&spec, &pid) || waitpid(pid, &status, 0) != pid)
		return -1;
	return child_code(status);
}

static void codes(void)
{
	const char *const three[] = {"sh", "-c", "exit 3", NULL}, *const killed[] = {"sh", "-c",
										     "kill -KILL $$", NULL};

	is_int(run(three, NULL), 3, "an exit status");
	is_int(run(killed, NULL), 137, "a signal");
	is_str(child_ended(3), "exit status 3", "in words");
	is_str(child_ended(137), "signal 9 (Killed)", "a signal in words");
	is_str(child_ended(127), "no such program", "and 127");
}

static void missing(void)
{
	const char *const argv[] = {"no-such-program-anywhere", NULL};
	const struct child_spec spec = {.argv = argv, .in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL};
	pid_t pid;

	is_int(child_start(&spec, &pid), ENOENT, "a program that is not there is told at once");
}

static void surroundings(void)
{
	const char *const null[] = {"sh", "-c", "read x && exit 1; echo y", NULL}, *const env[] = {"A=b",
												   NULL};
	const char *const with[] = {"/bin/sh", "-c", "[ \"$A\" = b ] && [ -z \"$HOME\" ]", NULL};
	const char *const pipe[] = {"sh", "-c", "kill -PIPE $$; exit 1", NULL};
	const char *const blocked[] = {"sh", "-c", "kill -TERM $$; exit 1", NULL};
	sigset_t term;

	is_int(run(null, NULL), 0, "/dev/null is read and written");
	is_int(run(with, env), 0, "an environment of its own");
	signal(SIGPIPE, SIG_IGN);
	is_int(run(pipe, NULL), 128 + SIGPIPE, "SIGPIPE ends it, even where we ignore it");
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	is_int(run(blocked, NULL), 128 + SIGTERM, "no signal is blocked");
	sigprocmask(SIG_UNBLOCK, &term, NULL);
}

static void group(void)
{
	const char *const argv[] = {"sh", "-c", "sleep 60 & wait", NULL};
	const struct child_spec spec = {
		.argv = argv, .in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .group = true};
	int status = 0;
	pid_t pid;

	ok(!child_start(&spec, &pid) && getpgid(pid) == pid, "a group of its own");
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	is_int(child_code(status), 137, "that can be ended whole");
}

int main(void)
{
	codes();
	missing();
	surroundings();
	group();
	return tap_done();
}
