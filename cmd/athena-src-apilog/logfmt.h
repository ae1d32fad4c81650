/* SPDX-License-Identifier: ISC
 *
 * logfmt - lines of key=value pairs: `level=info msg="it is \"quoted\"" dry-run`. A key alone is true.
 */
#ifndef LOGFMT_H
#define LOGFMT_H

#include "fields.h"

/* work_line() has been called for the n bytes of the line. False with *why, static. */
bool logfmt_line(struct work *w, const char *line, size_t n, const char **why);

/* The pairs of s, put into fields and extra. False where it is none. */
bool logfmt_pairs(struct work *w, const char *s, size_t n);

#endif
