/* SPDX-License-Identifier: ISC
 *
 * mask - text that may be shown: passwords in URLs and what looks like a token become ***.
 *
 *	mask_add(&buf, "https://me:secret@host/x ghp_0123456789abcdef");	https://me:***@host/x ghp_***
 */
#ifndef MASK_H
#define MASK_H

#include <stdbool.h>

#include "buf.h"

#define MASK "***"

void mask_add(struct buf *out, const char *s);

/*
 * One step, at s in a text that begins at `start`: *before bytes of s (not of an empty one) may be shown; as many as are
 * returned behind them may not.
 */
size_t mask_secret(const char *start, const char *s, size_t *before);

/* Is there anything in it to be masked? */
bool mask_has_secret(const char *s);

#endif
