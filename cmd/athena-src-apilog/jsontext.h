/* SPDX-License-Identifier: ISC
 *
 * jsontext - finding one's way in JSON that is known to be valid, without white space between its tokens.
 */
#ifndef JSONTEXT_H
#define JSONTEXT_H

#include <stddef.h>

/* Behind the string whose opening quote is at p. */
const char *jsontext_string_end(const char *p, const char *end);

/* Behind the value at p, of any kind. */
const char *jsontext_value_end(const char *p, const char *end);

/* The length of as many whole members at s, `"a":1,"b":[2]`, as have room in max bytes. */
size_t jsontext_clip_members(const char *s, size_t n, size_t max);

#endif
