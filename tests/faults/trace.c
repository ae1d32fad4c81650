/* SPDX-License-Identifier: ISC
 *
 * A line a call that succeeded, its parts separated by tabs:
 *
 *	PID PROGRAM open     INODE PATH created|-
 *	PID PROGRAM write    INODE PATH OFFSET BYTES-IN-HEX
 *	PID PROGRAM fsync    INODE PATH
 *	PID PROGRAM truncate INODE PATH SIZE
 *	PID PROGRAM rename   PATH TO, and: unlink PATH
 *
 * A line is written after its call: what stands above an fsync is covered by it, or was never promised.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inject.h"

bool trace_on;
static int into = -1;

enum { LINE_ROOM = PATH_MAX * 2 + 256 };

void trace_begin(const char *file)
{
	into = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	trace_on = into >= 0;
}

static void put(const char *line, size_t n)
{
	if (syscall(SYS_write, into, line, n) != (ssize_t)n)
		_exit(125);
}

static __attribute__((format(printf, 2, 3))) int begin(char *line, const char *fmt, ...)
{
	int n = snprintf(line, LINE_ROOM, "%d\t%s\t", (int)getpid(), program_invocation_short_name);
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(line + n, (size_t)(LINE_ROOM - n), fmt, ap);
	va_end(ap);
	return n;
}

/* Only what has a place on a disk. */
static bool look(int fd, char *path, struct stat *st)
{
	if (fd == into || fstat(fd, st) || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)))
		return false;
	inject_path_of(fd, path, PATH_MAX);
	return true;
}

void trace_open(int fd, bool created)
{
	char line[LINE_ROOM], real[PATH_MAX];
	struct stat st;
	int saved = errno, n;

	if (!trace_on || !look(fd, real, &st))
		goto out;
	n = begin(line, "open\t%llu\t%s\t%s\n", (unsigned long long)st.st_ino, real,
		  created ? "created" : "-");
	put(line, (size_t)n);
out:
	errno = saved;
}

void trace_write(int fd, const void *p, ssize_t n, off_t at)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = p;
	char path[PATH_MAX], *line;
	int saved = errno;
	struct stat st;
	size_t room, len;

	if (!trace_on || n <= 0 || !look(fd, path, &st))
		goto out;
	if (at < 0)
		at = lseek(fd, 0, SEEK_CUR) - n;
	room = LINE_ROOM + 2 * (size_t)n + 1;
	line = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	len = (size_t)begin(line, "write\t%llu\t%s\t%lld\t", (unsigned long long)st.st_ino, path,
			    (long long)at);
	for (ssize_t i = 0; i < n; i++) {
		line[len++] = digits[bytes[i] >> 4];
		line[len++] = digits[bytes[i] & 15];
	}
	line[len++] = '\n';
	put(line, len);
	munmap(line, room);
out:
	errno = saved;
}

void trace_file(const char *what, int fd, off_t size)
{
	char line[LINE_ROOM], path[PATH_MAX], number[32] = "";
	int saved = errno, n;
	struct stat st;

	if (!trace_on || !look(fd, path, &st))
		goto out;
	if (size >= 0)
		snprintf(number, sizeof(number), "\t%lld", (long long)size);
	n = begin(line, "%s\t%llu\t%s%s\n", what, (unsigned long long)st.st_ino, path, number);
	put(line, (size_t)n);
out:
	errno = saved;
}

/* Absolute, so that whoever reads the trace need not know the folder of the process. */
static const char *absolute(const char *path, char *out)
{
	size_t n = 0;

	if (*path != '/' && syscall(SYS_getcwd, out, PATH_MAX) > 0)
		n = strlen(out);
	if (*path != '/')
		out[n++] = '/';
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	snprintf(out + n, PATH_MAX - n, "%s", path);
	return out;
}

void trace_names(const char *what, const char *path, const char *to)
{
	char line[LINE_ROOM], from[PATH_MAX], onto[PATH_MAX];
	int saved = errno, n;

	if (!trace_on)
		return;
	n = begin(line, "%s\t%s%s%s\n", what, absolute(path, from), to ? "\t" : "",
		  to ? absolute(to, onto) : "");
	put(line, (size_t)n);
	errno = saved;
}
