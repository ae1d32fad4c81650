/* SPDX-License-Identifier: ISC
 *
 * sourceout - what a source writes, on its way to stdout: the part of source.h that begins with source_emit(),
 * and what source.c needs of it beside that. For source.c alone.
 */
#ifndef SOURCEOUT_H
#define SOURCEOUT_H

#include "source.h"

/* Says what errno tells of a write to stdout, and how far it came; returns the exit code. */
int source_write_error(const struct source *src);

/* Puts a regular file on stdout onto the disk, and the first time its folder: 0, or a code that is logged. */
int source_sync(struct source *src);

#endif
