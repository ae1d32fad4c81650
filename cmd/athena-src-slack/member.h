/* SPDX-License-Identifier: ISC
 *
 * member - a text in an object of JSON.
 */
#ifndef MEMBER_H
#define MEMBER_H

#include <jansson.h>

/* A string member that is not empty, borrowed, else NULL. */
static inline const char *member_str(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s && *s ? s : NULL;
}

#endif
