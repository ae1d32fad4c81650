/* SPDX-License-Identifier: ISC
 *
 * clfhead - `h - user [time] "request" status bytes`, with which most lines of access logs begin, without the
 * interpreter of logformat.h: a fifth of the whole work on such a line.
 *
 *	if (clfhead_is(ops, n))                          once, of a compiled format
 *	p = clfhead_line(&ops[CLFHEAD_OPS - 1], w, line, end, &seen);
 *	... p: go on behind the first CLFHEAD_OPS variables; NULL: begin with the first of them ...
 */
#ifndef CLFHEAD_H
#define CLFHEAD_H

#include "bytes.h"
#include "formatvalue.h"

enum { CLFHEAD_OPS = 7 };

/* Does a format begin with these variables, and with these bytes between them? */
bool clfhead_is(const struct format_op *ops, size_t n);

/*
 * What stands behind the seven and behind the literal of the last of them; then the record has their values. NULL where a
 * line has anything that is less usual, an escape, a space in the user's name, no request: nothing was touched, and the
 * interpreter knows what to do with it, and what to say.
 */
const char *clfhead_line(const struct format_op *last, struct work *w, const char *line, const char *end,
			 struct bytes_seen *seen);

#endif
