/* SPDX-License-Identifier: ISC */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xalloc.h"

enum { TEMP_TRIES = 100, READ_BLOCK = 65536 };

ssize_t file_pread(int fd, void *p, size_t n, off_t offset)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(fd, (char *)p + have, n - have, offset + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int file_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w > 0) {
			at += w;
			n -= (size_t)w;
		} else if (!w) {
			errno = EIO;
			return -1;
		} else if (errno == EAGAIN) {
			/* whoever gave us this descriptor made it non-blocking */
			struct pollfd ready = {.fd = fd, .events = POLLOUT};

			if (poll(&ready, 1, -1) < 0 && errno != EINTR)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

char *file_folder(const char *path)
{
	char *copy = xstrdup(path), *folder = xstrdup(dirname(copy));

	free(copy);
	return folder;
}

int file_sync_folder(const char *path)
{
	char *folder = file_folder(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc, saved;

	free(folder);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	saved = errno;
	close(fd);
	/* some file systems have folders that cannot be synced, and need not be */
	if (rc && saved != EINVAL) {
		errno = saved;
		return -1;
	}
	return 0;
}

/* Creates a new file beside `path`; its name, which is the caller's to free, in *name. */
static int create_beside(const char *path, mode_t mode, char **name)
{
	for (int i = 0; i < TEMP_TRIES; i++) {
		int fd;

		*name = xasprintf("%s.tmp%ld.%d", path, (long)getpid(), i);
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* A device, a pipe or a link must not be renamed over: --metrics /dev/null is no wish to lose /dev/null. */
static bool replaceable(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT;
	if (S_ISREG(st.st_mode))
		return true;
	errno = S_ISLNK(st.st_mode) ? ELOOP : EINVAL;
	return false;
}

int file_replace(const char *path, const void *p, size_t n, mode_t mode, bool durable)
{
	char *temp;
	int fd, rc, saved;

	if (!replaceable(path))
		return -1;
	fd = create_beside(path, mode, &temp);
	if (fd < 0)
		return -1;
	rc = file_write_all(fd, p, n);
	if (!rc && durable)
		rc = fsync(fd);
	saved = errno;
	if (close(fd) && !rc) {
		rc = -1;
		saved = errno;
	}
	if (!rc && rename(temp, path)) {
		rc = -1;
		saved = errno;
	}
	if (rc)
		unlink(temp);
	free(temp);
	if (rc) {
		errno = saved;
		return -1;
	}
	return durable ? file_sync_folder(path) : 0;
}

static int read_rest(int fd, struct buf *out)
{
	for (;;) {
		char block[READ_BLOCK];
		ssize_t r = read(fd, block, sizeof(block));

		if (!r)
			return 0;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		buf_add(out, block, (size_t)r);
		if (out->over) {
			errno = EFBIG;
			return -1;
		}
	}
}

static int read_whole(int fd, struct buf *out)
{
	struct stat st;
	size_t max = out->max ? out->max : SIZE_MAX / 2;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	if ((uintmax_t)st.st_size > max) {
		errno = EFBIG;
		return -1;
	}
	buf_reserve(out, (size_t)st.st_size);
	return read_rest(fd, out);
}

/*
 * A file of ours is to be for our eyes only; one that was put there for
 * us, such as a credential, is not ours to judge.
 */
static int read_secret(int fd, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_mode & 077) {
		errno = EPERM;
		return -1;
	}
	return read_rest(fd, out);
}

static int read_closing(int fd, struct buf *out, int (*read_fd)(int fd, struct buf *out))
{
	int rc, saved;

	buf_reset(out);
	if (fd < 0)
		return -1;
	rc = read_fd(fd, out);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

int file_read_secret(const char *path, struct buf *out)
{
	return read_closing(open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC), out, read_secret);
}

int file_read(const char *path, struct buf *out)
{
	/* O_NONBLOCK: a pipe with nobody at its other end must not hold us */
	return read_closing(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), out,
			    read_whole);
}

char *file_own_folder(const char *base, const char *home, const char *below)
{
	if (base && *base == '/')
		return xasprintf("%s/athena", base);
	return home && *home == '/' ? xasprintf("%s/%s/athena", home, below) : NULL;
}

int file_make_folder(const char *path)
{
	char *part = xstrdup(path), *p = part;
	int failed = 0;

	do {
		p = strchr(p + (*p != '\0'), '/');
		if (p)
			*p = '\0';
		if (!mkdir(part, 0700) || errno == EEXIST)
			failed = 0;
		else if (!failed)
			failed = errno;
		if (p)
			*p = '/';
	} while (p);
	free(part);
	errno = failed;
	return failed ? -1 : 0;
}

/* "lock:\t1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF": the lock is that of this open file, whoever took it. */
static bool is_locked(int folder, const char *fd)
{
	char *path = xasprintf("../fdinfo/%s", fd), line[256];
	int info = openat(folder, path, O_RDONLY | O_CLOEXEC);
	FILE *f = info < 0 ? NULL : fdopen(info, "r");
	bool locked = false;

	while (f && !locked && fgets(line, sizeof(line), f))
		locked = !strncmp(line, "lock:", 5) && strstr(line, " FLOCK ");
	if (f)
		fclose(f);
	else if (info >= 0)
		close(info);
	free(path);
	return locked;
}

/* Has that process the file open, and its lock with it? False also where that cannot be looked at. */
static bool holds(pid_t pid, const struct stat *file)
{
	char *path = xasprintf("/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	const struct dirent *e;
	bool found = false;
	struct stat st;

	while (dir && !found && (e = readdir(dir)))
		found = !fstatat(dirfd(dir), e->d_name, &st, 0) && st.st_ino == file->st_ino &&
			st.st_dev == file->st_dev && is_locked(dirfd(dir), e->d_name);
	if (dir)
		closedir(dir);
	free(path);
	return found;
}

/* A shell's "exec 9>F.lock; flock 9": who took the lock has ended, and the shell, and all that it starts, have it. */
static pid_t heir(const struct stat *file)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	pid_t pid = 0, found = 0;

	while (dir && !found && (e = readdir(dir))) {
		pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (pid > 0 && holds(pid, file))
			found = pid;
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * "7: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF". Some file systems have another device there than stat(2) says, so
 * it is asked of the process whether it is this file.
 */
pid_t file_lock_holder(const char *path)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256], process[16], where[64];
	bool held = false;
	pid_t holder = 0;
	struct stat st;

	while (locks && !stat(path, &st) && fgets(line, sizeof(line), locks)) {
		const char *inode = sscanf(line, "%*s FLOCK %*s %*s %15s %63s", process, where) == 2
					    ? strrchr(where, ':')
					    : NULL;

		if (!inode || strtoull(inode + 1, NULL, 10) != st.st_ino)
			continue;
		held = true;
		if (holds((pid_t)strtol(process, NULL, 10), &st))
			holder = (pid_t)strtol(process, NULL, 10);
	}
	if (locks)
		fclose(locks);
	return holder || !held ? holder : heir(&st);
}
