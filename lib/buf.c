/* SPDX-License-Identifier: ISC */
#include "buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "xalloc.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){.max = b->max};
}

bool buf_grow(struct buf *b, size_t n)
{
	size_t max = b->max && b->max < SIZE_MAX / 2 ? b->max : SIZE_MAX / 2, cap;

	if (n > max - b->len) {
		b->over = true;
		return false;
	}
	if (b->cap - b->len >= n)
		return true;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < b->len + n)
		cap *= 2;
	if (cap > max)
		cap = max;
	b->data = xrealloc(b->data, cap + 1); /* one spare byte, for buf_cstr() */
	b->cap = cap;
	return true;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256], *big = NULL;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else if (n >= 0) {
		big = xmalloc((size_t)n + 1);
		vsnprintf(big, (size_t)n + 1, fmt, again);
		buf_add(b, big, (size_t)n);
		free(big);
	} else {
		b->over = true;
	}
	va_end(again);
	va_end(ap);
}

const char *buf_cstr(struct buf *b)
{
	if (!b->data)
		b->data = xmalloc(1);
	b->data[b->len] = '\0';
	return b->data;
}

char *buf_detach(struct buf *b)
{
	char *s;

	buf_cstr(b);
	s = b->data;
	*b = (struct buf){.max = b->max};
	return s;
}
