/* SPDX-License-Identifier: ISC
 *
 * unquote - text in which a log writer escaped what it could not write: \xNN of nginx, \" and \n of Apache and logfmt,
 * \uNNNN of Go and JSON. What is no escape stays as it is.
 */
#ifndef UNQUOTE_H
#define UNQUOTE_H

#include <stddef.h>

/* n bytes at s into out, which has room for n. Returns the length. */
size_t unquote(const char *s, size_t n, char *out);

#endif
