/* SPDX-License-Identifier: ISC
 *
 * builtin - what is known without being told, as strings of logformat.h. Each is exact: no line matches two
 * of them.
 *
 *	for (size_t i = 0; i < builtin_n; i++)
 *		if (!strcmp(builtin[i].family, "haproxy"))
 *			rc = logformat_new(&f, builtin[i].format, false);
 */
#ifndef BUILTIN_H
#define BUILTIN_H

#include <stddef.h>

struct builtin {
	const char *family; /* what --format calls it, and those like it; "" where it has no name there */
	const char *name;   /* for people */
	const char *format;
};

extern const struct builtin builtin[];
extern const size_t builtin_n;

/* The families, with commas between. */
extern const char builtin_families[];

#endif
