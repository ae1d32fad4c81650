/* SPDX-License-Identifier: ISC
 *
 * file - state is replaced, never edited: temporary file, fsync, rename, fsync of
 * the folder. After a power loss there is the old file or the new one, whole.
 * These functions say nothing: errno tells the caller what to say.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buf.h"

/*
 * Writes n bytes to `path` by way of a temporary file beside it. With `durable` the file
 * and its folder are synced. 0, or -1 with errno.
 */
int file_replace(const char *path, const void *p, size_t n, mode_t mode, bool durable);

/*
 * Reads a whole regular file, not through a symbolic link, up to out->max bytes.
 * 0; or -1 with errno: ENOENT, EFBIG, ELOOP for a link, EINVAL for what is no regular file.
 */
int file_read(const char *path, struct buf *out);

/*
 * Reads a token: from a regular file, through links as credentials are given, or from a pipe such as /dev/fd/3.
 * 0; or -1 with errno: EPERM where the file is our own and others may read it, EFBIG, EINVAL for what is neither.
 */
int file_read_secret(const char *path, struct buf *out);

/*
 * Where a program keeps what is its own: base/athena where $XDG_..._HOME is an absolute path, else home/below/athena. A
 * heap string; NULL where neither is known. The values come from main(), and may be NULL.
 */
char *file_own_folder(const char *base, const char *home, const char *below);

/* Makes a folder, and those above it that are missing, for this user alone. 0, also where it is there; or -1 with errno. */
int file_make_folder(const char *path);

/* The folder that holds `path`, as dirname(3) has it: a heap string. */
char *file_folder(const char *path);

/* Syncs it. 0, or -1 with errno. */
int file_sync_folder(const char *path);

/*
 * The n bytes from `offset` on, or those that there are: a network file system, or a signal, may give fewer at once.
 * -1 with errno; EINTR is not an error.
 */
ssize_t file_pread(int fd, void *p, size_t n, off_t offset);

/*
 * Which process holds the flock(2) on `path`, which is left alone: 0 where none does, or none that can be seen from
 * here (another user's, container's or machine's, or a system that is not Linux).
 */
pid_t file_lock_holder(const char *path);

/* Writes all n bytes. 0, or -1 with errno; EINTR is not an error. */
int file_write_all(int fd, const void *p, size_t n);

#endif
