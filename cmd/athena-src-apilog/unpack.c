/* SPDX-License-Identifier: ISC */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "log.h"

enum { GZ_BUFFER = 128 << 10, PIPE_SIZE = 1 << 20 };

static const struct {
	enum unpack_kind kind;
	const char *magic, *program;
	size_t n;
} kinds[] = {
	{UNPACK_GZIP, "\x1f\x8b\x08", NULL, 3},
	{UNPACK_ZSTD, "\x28\xb5\x2f\xfd", "zstd", 4},
	{UNPACK_XZ,
	 "\xfd"
	 "7zXZ\0",
	 "xz", 6},
	{UNPACK_BZIP2, "BZh", "bzip2", 3},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), MAGIC_MAX = 6 };

enum unpack_kind unpack_kind(int fd)
{
	char head[MAGIC_MAX];
	ssize_t n = file_pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return UNPACK_UNREADABLE;
	for (size_t i = 0; i < KINDS; i++)
		if (n >= (ssize_t)kinds[i].n && !memcmp(head, kinds[i].magic, kinds[i].n))
			return kinds[i].kind;
	return UNPACK_PLAIN;
}

static const char *program_of(enum unpack_kind kind)
{
	size_t i = 0;

	while (kinds[i].kind != kind)
		i++;
	return kinds[i].program;
}

static int open_gzip(struct unpack *u, int fd, const char *path)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	u->gz = copy < 0 ? NULL : gzdopen(copy, "rb");
	if (u->gz) {
		gzbuffer(u->gz, GZ_BUFFER);
		return 0;
	}
	if (copy >= 0)
		close(copy);
	return log_error(EX_OSERR, "%s: %s; not read", path, strerror(errno));
}

static int open_program(struct unpack *u, int fd, const char *path, int null)
{
	const char *argv[] = {program_of(u->kind), "-dc", NULL};
	struct child_spec spec = {.argv = argv, .in = fd, .err = null};
	const char **env;
	int ends[2], why;

	if (pipe2(ends, O_CLOEXEC))
		return log_error(EX_OSERR, "%s: %s; not read", path, strerror(errno));
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
	spec.out = ends[1];
	spec.env = env = child_env_plain();
	why = child_start(&spec, &u->pid);
	free(env);
	close(ends[1]);
	u->from = ends[0];
	if (!why)
		return 0;
	close(ends[0]);
	u->pid = 0;
	return log_error(EX_UNAVAILABLE, "%s: %s: %s; install it, and the next run reads the file", path,
			 argv[0], strerror(why));
}

int unpack_open(struct unpack *u, enum unpack_kind kind, int fd, const char *path, int null)
{
	*u = (struct unpack){.kind = kind, .from = -1};
	if (lseek(fd, 0, SEEK_SET) < 0)
		return log_error(EX_IOERR, "%s: %s; not read", path, strerror(errno));
	return kind == UNPACK_GZIP ? open_gzip(u, fd, path) : open_program(u, fd, path, null);
}

static ssize_t read_gzip(struct unpack *u, void *p, size_t n)
{
	int got = gzread(u->gz, p, n < INT_MAX ? (unsigned)n : INT_MAX), code = Z_OK;

	if (got > 0)
		return got;
	(void)gzerror(u->gz, &code);
	if (!got && code != Z_BUF_ERROR)
		return 0;
	u->why =
		code == Z_BUF_ERROR ? "the compressed data ends too early" : "the compressed data is damaged";
	return -1;
}

static ssize_t read_program(struct unpack *u, void *p, size_t n)
{
	ssize_t got;
	int status = 0;

	do
		got = read(u->from, p, n);
	while (got < 0 && errno == EINTR);
	if (got > 0 || !u->pid)
		return got;
	while (waitpid(u->pid, &status, 0) < 0 && errno == EINTR)
		;
	u->pid = 0;
	if (!status)
		return 0;
	u->why = child_code(status) == CHILD_MISSING ? "its program is not installed"
						     : "the compressed data is damaged, or ends too early";
	return -1;
}

ssize_t unpack_read(struct unpack *u, void *p, size_t n)
{
	return u->kind == UNPACK_GZIP ? read_gzip(u, p, n) : read_program(u, p, n);
}

void unpack_close(struct unpack *u)
{
	if (u->gz)
		gzclose(u->gz);
	if (u->from >= 0)
		close(u->from);
	if (u->pid) {
		kill(u->pid, SIGTERM);
		while (waitpid(u->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*u = (struct unpack){.from = -1};
}
