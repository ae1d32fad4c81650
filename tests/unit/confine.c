/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tap.h"

/* What a confined child could still do, as bits; 0200 where it died. */
enum { SOCKET = 1, PROGRAM = 2, WRITE_IN = 4, WRITE_OUT = 8, RENAME_OUT = 16, TRUNCATE_OUT = 32, READ = 64 };

static bool can_run(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int attempts(void)
{
	int can = 0, fd = socket(AF_INET, SOCK_STREAM, 0);

	can |= fd >= 0 ? SOCKET : 0;
	can |= can_run() ? PROGRAM : 0;
	can |= can_open("in/new", O_WRONLY | O_CREAT) && !rename("in/new", "in/old") ? WRITE_IN : 0;
	can |= can_open("out/new", O_WRONLY | O_CREAT) ? WRITE_OUT : 0;
	can |= !rename("out/there", "out/moved") ? RENAME_OUT : 0;
	can |= !truncate("out/file", 0) ? TRUNCATE_OUT : 0;
	can |= can_open("out/file", O_RDONLY) ? READ : 0;
	return can;
}

/* In a child, which does not come out of it: what was given up, and what it could do all the same. */
static void confined(unsigned keep, const char *const *folders, size_t n, unsigned *gone, int *can)
{
	int ends[2], status;
	pid_t pid;

	mkdir("in", 0700);
	mkdir("out", 0700);
	can_open("out/file", O_WRONLY | O_CREAT);
	can_open("out/there", O_WRONLY | O_CREAT);
	unlink("out/new");
	if (pipe(ends))
		exit(1);
	pid = fork();
	if (!pid) {
		unsigned answer[2];

		answer[0] = confine(keep, folders, n);
		answer[1] = (unsigned)attempts();
		_exit(write(ends[1], answer, sizeof(answer)) != sizeof(answer));
	}
	close(ends[1]);
	*gone = 0;
	*can = 0200;
	if (read(ends[0], gone, sizeof(*gone)) != sizeof(*gone) ||
	    read(ends[0], can, sizeof(*can)) != sizeof(*can))
		*can = 0200;
	close(ends[0]);
	waitpid(pid, &status, 0);
}

/* What is possible where just this has been given up. */
static int expected(unsigned gone)
{
	int can = READ | WRITE_IN;

	can |= gone & CONFINE_NETWORK ? 0 : SOCKET;
	can |= gone & CONFINE_PROGRAMS ? 0 : PROGRAM;
	return can | (gone & CONFINE_FILES ? 0 : WRITE_OUT | RENAME_OUT | TRUNCATE_OUT);
}

int main(void)
{
	const char *const folders[] = {"in", "not-there", NULL};
	unsigned gone, all;
	char folder[TAP_FOLDER];
	int can;

	tap_enter(folder);
	confined(0, folders, 3, &all, &can);
	is_int(can, expected(all), "all given up (%u)", all);
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && !defined(CONFINE_NOTHING)
	ok(all & CONFINE_NETWORK, "every kernel in use has seccomp");
#else
	is_int(all, 0, "nothing is given up here");
#endif
	confined(CONFINE_NETWORK, folders, 3, &gone, &can);
	is_int(gone, all & ~CONFINE_NETWORK, "the network is kept");
	is_int(can, expected(gone), "... and nothing else");
	confined(CONFINE_PROGRAMS, folders, 3, &gone, &can);
	is_int(gone, all & ~CONFINE_PROGRAMS, "programs are kept");
	is_int(can, expected(gone), "... and nothing else");
	confined(CONFINE_FILES, NULL, 0, &gone, &can);
	is_int(gone, all & ~CONFINE_FILES, "files are kept");
	is_int(can, expected(gone), "... and nothing else");
	confined(CONFINE_FILES | CONFINE_NETWORK | CONFINE_PROGRAMS, NULL, 0, &gone, &can);
	is_int(gone, 0, "everything is kept");
	tap_leave(folder);
	return tap_done();
}
