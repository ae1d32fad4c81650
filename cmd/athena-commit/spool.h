/* SPDX-License-Identifier: ISC
 *
 * spool - lines laid by in a temporary file without a name, to be read again as often as need be.
 *
 *	struct spool s = {.folder = "/tmp", .fd = -1};
 *	rc = spool_add(&s, line, n);        adds a newline
 *	rc = spool_rewind(&s);              s.fd is to be read from the beginning, s.size bytes
 *	rc = spool_clear(&s);               empty again
 *	spool_release(&s);
 *
 * Codes above 0 are logged.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdint.h>

#include "buf.h"

struct spool {
	const char *folder; /* borrowed */
	int fd;             /* -1 until something is added */
	int64_t size;       /* bytes */
	struct buf out;     /* those of them that are not yet in the file */
};

int spool_add(struct spool *s, const char *line, size_t n);
int spool_rewind(struct spool *s);
int spool_clear(struct spool *s);
void spool_release(struct spool *s);

#endif
