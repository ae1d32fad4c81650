/* SPDX-License-Identifier: ISC */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *const inject_names[CALLS] = {
	[CALL_READ] = "read",     [CALL_WRITE] = "write",       [CALL_FSYNC] = "fsync",
	[CALL_RENAME] = "rename", [CALL_OPEN] = "open",         [CALL_ALLOC] = "alloc",
	[CALL_MMAP] = "mmap",     [CALL_TRUNCATE] = "truncate", [CALL_CLOSE] = "close",
	[CALL_UNLINK] = "unlink", [CALL_SPAWN] = "spawn",       [CALL_PIPE] = "pipe",
	[CALL_THREAD] = "thread", [CALL_LOCK] = "lock",         [CALL_SEND] = "send",
	[CALL_RECV] = "recv",     [CALL_STAT] = "stat",         [CALL_FOLDER] = "folder",
	[CALL_WATCH] = "watch",
};

static enum call wanted = CALLS; /* CALLS: nothing fails */
static const char *path_wanted;
static int hits = -1;        /* the file of FAULT_HIT */
static int sites = -1;       /* that of FAULT_SITES */
static uint64_t site_wanted; /* 0: any */
static long first = 1, times = 1;
static int error_wanted; /* 0: short */
static bool stops;
static atomic_long count;

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"short", 0},       {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EINTR", EINTR},
	{"ENOMEM", ENOMEM}, {"EDQUOT", EDQUOT}, {"EACCES", EACCES}, {"EMFILE", EMFILE},
	{"EAGAIN", EAGAIN}, {"EROFS", EROFS},   {"EPERM", EPERM},   {"ECONNRESET", ECONNRESET},
};

static _Noreturn void refuse(const char *what)
{
	fprintf(stderr, "inject: %s\n", what);
	_exit(125);
}

static long number(const char *name, long usual)
{
	const char *s = getenv(name);

	return s ? strtol(s, NULL, 10) : usual;
}

static void choose_call(const char *name)
{
	for (wanted = 0; wanted < CALLS && strcmp(inject_names[wanted], name); wanted++)
		;
	if (wanted == CALLS)
		refuse("FAULT_CALL is none that is known");
}

static void choose_error(const char *name)
{
	stops = !strcmp(name, "stop");
	if (stops)
		return;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(errors[i].name, name)) {
			error_wanted = errors[i].number;
			return;
		}
	refuse("FAULT_HOW is none that is known");
}

/* Opened now: later the program may have given up the right to. */
static int open_for_lines(const char *path)
{
	if (!path)
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void choose_site(const char *site)
{
	sites = open_for_lines(getenv("FAULT_SITES"));
	site_wanted = site ? strtoull(site, NULL, 16) : 0;
	if (sites >= 0 || site_wanted)
		site_begin();
}

__attribute__((constructor)) static void begin(void)
{
	const char *program = getenv("FAULT_PROGRAM"), *call = getenv("FAULT_CALL"),
		   *how = getenv("FAULT_HOW");

	if (getenv("FAULT_TRACE"))
		trace_begin(getenv("FAULT_TRACE"));
	if (!call || (program && fnmatch(program, program_invocation_short_name, 0)))
		return;
	path_wanted = getenv("FAULT_PATH");
	hits = open_for_lines(getenv("FAULT_HIT"));
	choose_site(getenv("FAULT_SITE"));
	first = number("FAULT_AT", 1);
	times = number("FAULT_TIMES", 1);
	choose_error(how ? how : "EIO");
	choose_call(call);
}

void inject_path_of(int fd, char *out, size_t n)
{
	char link[40];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = syscall(SYS_readlinkat, AT_FDCWD, link, out, n - 1);
	out[got < 0 ? 0 : got] = '\0';
}

/* One line, by system calls only: this may be called from malloc(). */
static void note_hit(const char *path)
{
	char line[PATH_MAX + 64];
	int n = snprintf(line, sizeof(line), "%s %s\n", inject_names[wanted], path);

	if (hits >= 0 && syscall(SYS_write, hits, line, n) < 0)
		refuse("FAULT_HIT cannot be written");
}

/* Does it come from where it is to fail? */
static bool is_from_there(void)
{
	uint64_t site;

	if (sites < 0 && !site_wanted)
		return true;
	site = site_of_call();
	if (sites >= 0 && site)
		site_note(sites, site);
	return sites < 0 && site == site_wanted;
}

/* Counts it; true when its turn has come. */
static bool is_turn(const char *path)
{
	long at;

	if (!is_from_there())
		return false;
	at = atomic_fetch_add(&count, 1) + 1;
	if (at < first || (times && at >= first + times))
		return false;
	note_hit(path);
	if (stops)
		syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGSTOP);
	errno = error_wanted;
	return !stops;
}

bool inject_other(enum call call)
{
	return call == wanted && is_turn("");
}

bool inject_path(enum call call, const char *path)
{
	return call == wanted && (!path_wanted || !fnmatch(path_wanted, path, 0)) && is_turn(path);
}

bool inject_fd(enum call call, int fd, size_t *n)
{
	char path[PATH_MAX];

	if (fd == hits || fd == sites)
		return false;
	/* what a program says of its failure is not to fail as well */
	if (call != wanted || (call == CALL_WRITE && fd == STDERR_FILENO))
		return false;
	inject_path_of(fd, path, sizeof(path));
	/* what cannot be shortened is not counted */
	if ((!error_wanted && !stops && (!n || *n < 2)) || !inject_path(call, path))
		return false;
	if (error_wanted)
		return true;
	*n /= 2;
	return false;
}
