/* SPDX-License-Identifier: ISC
 *
 * w3c - the W3C Extended Log Format, as IIS, CloudFront, Tomcat and others write it: lines of columns, and
 * before them directives, of which `#Fields:` names the columns of the lines behind it.
 *
 *	if (w3c_is_directive(line, n)) {                 no event, and no reject
 *		if (w3c_fields(line, n, &names)) ...     what comes has these columns
 *	} else if (!w3c_line(&work, names, line, n, &why)) ... a reject
 */
#ifndef W3C_H
#define W3C_H

#include "fields.h"

bool w3c_is_directive(const char *line, size_t n);

/* The names behind `#Fields:`, borrowed from the line; false for every other line. */
bool w3c_fields(const char *line, size_t n, struct slice *names);

/*
 * work_line() has been called for the n bytes of the line. It is cut at tabs where it has one, as CloudFront's are, else at
 * spaces; each name must have its value. False with *why, static.
 */
bool w3c_line(struct work *w, struct slice names, const char *line, size_t n, const char **why);

#endif
