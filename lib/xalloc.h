/* SPDX-License-Identifier: ISC
 *
 * xalloc - memory or death. Out of memory is not a state a pipe stage can
 * report better than by dying (exit 71, EX_OSERR): the cursor has not moved,
 * the next run starts where this one did.
 *
 * Everything returned belongs to the caller and goes to free(3).
 */
#ifndef XALLOC_H
#define XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size); /* dies when n * size overflows */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t n);
/* The same death, for a library that says that it has no memory. */
_Noreturn void xalloc_die(void);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
