/* SPDX-License-Identifier: ISC
 *
 * rejects - lines that are no event: said with file and line (the first few), counted, and kept as they
 * are in --rejects FILE, so that they can be read again with another --format.
 *
 *	struct rejects r = {.path = path};       NULL: they are only counted
 *	rc = rejects_open(&r);
 *	rejects_add(&r, "access.log", 17, line, n, "no format matches");
 *	rc = rejects_sync(&r);                   on the disk: before the position moves past them
 *	rc = rejects_close(&r);                  says how many there were
 */
#ifndef REJECTS_H
#define REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum { REJECTS_SAID = 10 };

struct rejects {
	const char *path;
	int64_t n;
	/* private */
	int fd;
	bool dirty;
	int failed; /* a code that is logged */
	struct buf out;
};

int rejects_open(struct rejects *r);

/* line NULL: it is too long to be kept. */
void rejects_add(struct rejects *r, const char *file, int64_t number, const char *line, size_t n, const char *why);
int rejects_sync(struct rejects *r);
int rejects_close(struct rejects *r);

#endif
