/* SPDX-License-Identifier: ISC
 *
 * unpack - the bytes of a compressed file in order: gzip through zlib, the others through their
 * own programs.
 *
 *	struct unpack u;
 *	switch (unpack_kind(fd)) ...                 by the first bytes, not by the name
 *	rc = unpack_open(&u, kind, fd, path, null);      0, or a sysexits code that is logged
 *	while ((n = unpack_read(&u, p, size)) > 0) ...
 *	unpack_close(&u);
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>
#include <sys/types.h>
#include <zlib.h>

enum unpack_kind { UNPACK_PLAIN, UNPACK_GZIP, UNPACK_ZSTD, UNPACK_XZ, UNPACK_BZIP2, UNPACK_UNREADABLE /* see errno */ };

struct unpack {
	enum unpack_kind kind;
	gzFile gz;
	pid_t pid;       /* of the program, 0: none */
	int from;        /* its output */
	const char *why; /* of a read that failed; static */
};

/* What a regular file holds; it is not moved in. */
enum unpack_kind unpack_kind(int fd);

/* From the start of the file. fd stays the caller's, and its offset is used. `null`: where a program complains to. */
int unpack_open(struct unpack *u, enum unpack_kind kind, int fd, const char *path, int null);

/* 0 at the end; -1 with u->why where the data is damaged or ends too early. */
ssize_t unpack_read(struct unpack *u, void *p, size_t n);

void unpack_close(struct unpack *u);

#endif
