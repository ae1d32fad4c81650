/* SPDX-License-Identifier: ISC
 *
 * child - another program: started from PATH with the descriptors it is to have, and its end as
 * a shell would tell it.
 *
 *	struct child_spec spec = {.argv = argv, .in = fd, .out = 1, .err = 2};
 *	pid_t pid;
 *	int why = child_start(&spec, &pid);         0, or errno: ENOENT where there is no such program
 *	... waitpid(pid, &status, 0) ...
 *	code = child_code(status);
 *
 * A child starts with no signal blocked and SIGPIPE as it was meant to be. Descriptors of ours are
 * to be O_CLOEXEC, so that it has those three and no other.
 */
#ifndef CHILD_H
#define CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
	CHILD_NULL = -1,   /* in place of a descriptor: /dev/null */
	CHILD_REFUSED = 126, /* code of a program that cannot be run, */
	CHILD_MISSING = 127, /* and of one that is not there */
};

struct child_spec {
	const char *const *argv; /* ended by NULL; argv[0] is looked for on PATH */
	const char *const *env;  /* ended by NULL; NULL: ours */
	int in, out, err;        /* descriptors, or CHILD_NULL */
	int third;               /* a descriptor that is to be its 3, as /dev/fd/3; 0: none */
	bool group;              /* a process group of its own, so that all of it can be ended */
};

/* 0, or errno. */
int child_start(const struct child_spec *spec, pid_t *pid);

/* The exit status, or 128 + the signal that ended it. */
int child_code(int status);

/* The worse of two: one that needs somebody's hands before 75, which passes by itself, before 0. */
int child_worse(int a, int b);

/* "exit status 3", "exit status 77 (refused)", "signal 9 (Killed)" or "no such program": borrowed until the next call. */
const char *child_ended(int code);

/*
 * Our environment without what is secret by its name (..._TOKEN, ..._PASSWORD, ..._SECRET), for a program that has no use
 * for it: ended by NULL, free() it; the strings are those of the environment.
 */
const char **child_env_plain(void);

#endif
