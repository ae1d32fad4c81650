/* SPDX-License-Identifier: ISC
 *
 * mask - text that may be shown: passwords in URLs and what looks like a token become ***.
 *
 *	mask_add(&buf, "https://me:secret@host/x ghp_0123456789abcdef");	https://me:***@host/x ghp_***
 */
#ifndef MASK_H
#define MASK_H

#include "buf.h"

void mask_add(struct buf *out, const char *s);

#endif
