/* SPDX-License-Identifier: ISC
 *
 * lines - newline-ended lines from a file descriptor, without copying, with a
 * maximum, with a clock, and with a name and number for messages.
 *
 *	struct lines in;
 *	lines_init(&in, STDIN_FILENO, "stdin", LINES_MAX_DEFAULT);
 *	while ((what = lines_next(&in, 1000, &line, &len)) != LINES_END) ...
 *	lines_release(&in);
 *
 * The line is borrowed until the next call. It excludes the newline. Memory is
 * one read block plus the longest line met, never more than the maximum plus a
 * block: what is longer is reported by its first bytes and skipped.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX_DEFAULT = 16 << 20 }; /* bytes of a line, where --max-line says nothing else */

enum lines_result {
	LINES_LINE,  /* a whole line */
	LINES_LONG,  /* a line over the maximum; line/len are its first bytes, the rest is skipped */
	LINES_IDLE,  /* nothing whole came within the time, or a signal arrived, or `wake` can be read */
	LINES_TORN,  /* the input ended within a line; line/len are that part; LINES_END follows */
	LINES_END,   /* end of input */
	LINES_ERROR, /* read failed: `error` says why, and errno */
};

enum { LINES_LONG_SHOWN = 65536 }; /* bytes given of a line over the maximum */

struct lines {
	int fd;          /* borrowed */
	int wake;        /* once it can be read nothing more is read from fd; borrowed; -1: none. The caller's to set */
	const char *name; /* for messages; borrowed */
	char *data;      /* the block */
	size_t cap;      /* bytes allocated */
	size_t start;    /* first byte not yet given out */
	size_t scanned;  /* bytes after start known to hold no newline */
	size_t end;      /* end of the bytes read */
	size_t max;      /* longest line */
	int64_t number;  /* of the line last given out, from 1 */
	int64_t bytes;   /* read so far */
	bool skipping;   /* within a line over the maximum */
	bool eof;
	bool woken;      /* by `wake` */
	int error;       /* the errno of LINES_ERROR */
};

void lines_init(struct lines *in, int fd, const char *name, size_t max);
void lines_release(struct lines *in);

/* True when a whole line is in memory: lines_next() will not wait. */
bool lines_ready(struct lines *in);

/* The next line; waits at most timeout_ms milliseconds, -1 for ever. */
enum lines_result lines_next(struct lines *in, int timeout_ms, const char **line, size_t *len);

#endif
