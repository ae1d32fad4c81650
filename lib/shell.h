/* SPDX-License-Identifier: ISC
 *
 * shell - words as a person could type them: in quotes where they need them.
 *
 *	shell_word(&buf, "it's");	'it'\''s'
 */
#ifndef SHELL_H
#define SHELL_H

#include "buf.h"

/* Adds the text as one word of a POSIX shell. */
void shell_word(struct buf *out, const char *text);

#endif
