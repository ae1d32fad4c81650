/* SPDX-License-Identifier: ISC
 *
 * The calls themselves: ask whether to fail, do it, write it down. What _FORTIFY_SOURCE makes of a call has
 * a name of its own, and so has its form with 64-bit offsets.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

#define ALSO(name) __attribute__((alias(#name)))

/* Prototypes of the names that no header has. */
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __pread64_chk(int fd, void *p, size_t n, off_t at, size_t room);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

/* ---- bytes ---- */

ssize_t read(int fd, void *p, size_t n)
{
	return inject_fd(CALL_READ, fd, &n) ? -1 : syscall(SYS_read, fd, p, n);
}

ssize_t __read_chk(int fd, void *p, size_t n, size_t room)
{
	(void)room;
	return read(fd, p, n);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	return inject_fd(CALL_READ, fd, &n) ? -1 : syscall(SYS_pread64, fd, p, n, at);
}
ssize_t pread64(int fd, void *p, size_t n, off_t at) ALSO(pread);

ssize_t __pread64_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	(void)room;
	return pread(fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
	ssize_t done = inject_fd(CALL_WRITE, fd, &n) ? -1 : syscall(SYS_write, fd, p, n);

	trace_write(fd, p, done, -1);
	return done;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t done = inject_fd(CALL_WRITE, fd, &n) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);

	trace_write(fd, p, done, at);
	return done;
}
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at) ALSO(pwrite);

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	return inject_fd(CALL_SEND, fd, &n) ? -1 : syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
	return inject_fd(CALL_RECV, fd, &n) ? -1 : syscall(SYS_recvfrom, fd, p, n, flags, NULL, NULL);
}

/* ---- files ---- */

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
	bool created = trace_on && flags & O_CREAT && syscall(SYS_faccessat, folder, path, F_OK);
	int fd = inject_path(CALL_OPEN, path) ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);

	if (fd >= 0)
		trace_open(fd, created);
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_at(AT_FDCWD, path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}
int open64(const char *path, int flags, ...) ALSO(open);

int openat(int folder, const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_at(folder, path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}
int openat64(int folder, const char *path, int flags, ...) ALSO(openat);

int __open_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char *path, int flags) ALSO(__open_2);

int __openat_2(int folder, const char *path, int flags)
{
	return open_at(folder, path, flags, 0);
}
int __openat64_2(int folder, const char *path, int flags) ALSO(__openat_2);

int stat(const char *path, struct stat *st)
{
	return inject_path(CALL_STAT, path) ? -1 : (int)syscall(SYS_newfstatat, AT_FDCWD, path, st, 0);
}
int stat64(const char *path, struct stat64 *st) ALSO(stat);

int lstat(const char *path, struct stat *st)
{
	return inject_path(CALL_STAT, path)
		       ? -1
		       : (int)syscall(SYS_newfstatat, AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}
int lstat64(const char *path, struct stat64 *st) ALSO(lstat);

int fstat(int fd, struct stat *st)
{
	return inject_fd(CALL_STAT, fd, NULL) ? -1 : (int)syscall(SYS_fstat, fd, st);
}
int fstat64(int fd, struct stat64 *st) ALSO(fstat);

int inotify_init1(int flags)
{
	return inject_other(CALL_WATCH) ? -1 : (int)syscall(SYS_inotify_init1, flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	return inject_path(CALL_WATCH, path) ? -1 : (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

DIR *opendir(const char *path)
{
	DIR *(*real)(const char *) = NULL;

	if (inject_path(CALL_FOLDER, path))
		return NULL;
	*(void **)&real = dlsym(RTLD_NEXT, "opendir");
	return real(path);
}

/* As the kernel has it: the descriptor is gone, whatever is said of it. */
int close(int fd)
{
	bool fails = inject_fd(CALL_CLOSE, fd, NULL);
	int saved = errno, rc = (int)syscall(SYS_close, fd);

	if (!fails)
		return rc;
	errno = saved;
	return -1;
}

int fsync(int fd)
{
	int rc = inject_fd(CALL_FSYNC, fd, NULL) ? -1 : (int)syscall(SYS_fsync, fd);

	if (!rc)
		trace_file("fsync", fd, -1);
	return rc;
}

int fdatasync(int fd) ALSO(fsync);

int ftruncate(int fd, off_t size)
{
	int rc = inject_fd(CALL_TRUNCATE, fd, NULL) ? -1 : (int)syscall(SYS_ftruncate, fd, size);

	if (!rc)
		trace_file("truncate", fd, size);
	return rc;
}
int ftruncate64(int fd, off_t size) ALSO(ftruncate);

int rename(const char *path, const char *to)
{
	int rc = inject_path(CALL_RENAME, to) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, to);

	if (!rc)
		trace_names("rename", path, to);
	return rc;
}

int unlink(const char *path)
{
	int rc = inject_path(CALL_UNLINK, path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);

	if (!rc)
		trace_names("unlink", path, NULL);
	return rc;
}

int flock(int fd, int how)
{
	return inject_fd(CALL_LOCK, fd, NULL) ? -1 : (int)syscall(SYS_flock, fd, how);
}

/* ---- memory ---- */

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t from)
{
	if (inject_other(CALL_MMAP))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, from);
}
void *mmap64(void *at, size_t n, int prot, int flags, int fd, off_t from) ALSO(mmap);

#if defined(__GLIBC__) && !defined(NO_ALLOC)
void *malloc(size_t n)
{
	return inject_other(CALL_ALLOC) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return inject_other(CALL_ALLOC) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return inject_other(CALL_ALLOC) ? NULL : __libc_realloc(p, n);
}
#endif

/* ---- processes and time ---- */

int pipe2(int ends[2], int flags)
{
	return inject_other(CALL_PIPE) ? -1 : (int)syscall(SYS_pipe2, ends, flags);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[], char *const env[])
{
	int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
		    char *const[], char *const[]) = NULL;

	if (inject_other(CALL_SPAWN))
		return errno;
	*(void **)&real = dlsym(RTLD_NEXT, "posix_spawnp");
	return real(pid, file, actions, attr, argv, env);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *with)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = NULL;

	if (inject_other(CALL_THREAD))
		return errno;
	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return real(thread, attr, run, with);
}

/* A run of seconds sees the checkpoints of minutes. */
int clock_gettime(clockid_t which, struct timespec *now)
{
	static long factor, begun;
	int rc = (int)syscall(SYS_clock_gettime, which, now);
	const char *wish = getenv("FAULT_CLOCK");
	long part;

	if (rc || (which != CLOCK_MONOTONIC && which != CLOCK_MONOTONIC_COARSE))
		return rc;
	if (!factor) {
		factor = wish ? strtol(wish, NULL, 10) : 1;
		begun = now->tv_sec;
	}
	part = 1000000000 / factor;
	now->tv_sec = begun + (now->tv_sec - begun) * factor + now->tv_nsec / part;
	now->tv_nsec = now->tv_nsec % part * factor;
	return 0;
}
