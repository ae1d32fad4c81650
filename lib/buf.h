/* SPDX-License-Identifier: ISC
 *
 * buf - bytes that grow, up to a hard maximum given at the start.
 *
 *	struct buf b;
 *	buf_init(&b, 1 << 20);        everything from outside has a maximum
 *	buf_adds(&b, "x");
 *	if (b.over) ...               something did not fit: nothing of that call was added
 *	buf_release(&b);
 *
 * `over` is sticky until buf_reset(), so a writer adds freely and asks once at
 * the end. A zeroed struct is valid and empty, and its maximum is SIZE_MAX / 2.
 * `data` is borrowed from the buf until the next call that adds to it.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *data; /* len bytes, NULL while cap is 0; no terminating NUL, see buf_cstr() */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* most bytes that len may reach; 0 means no maximum */
	bool over;  /* an addition was refused since the last reset */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);

/* Makes room for n more bytes; false, and `over`, where that passes the maximum. */
bool buf_grow(struct buf *b, size_t n);

/* Adds printf-formatted text. */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The contents as a C string: borrowed until the next addition. */
const char *buf_cstr(struct buf *b);

/* The contents as a heap string that is the caller's; leaves b empty. */
char *buf_detach(struct buf *b);

static inline void buf_reset(struct buf *b)
{
	b->len = 0;
	b->over = false;
}

static inline bool buf_reserve(struct buf *b, size_t n)
{
	return b->cap - b->len >= n || buf_grow(b, n);
}

static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n && buf_reserve(b, n)) {
		memcpy(b->data + b->len, p, n);
		b->len += n;
	}
}

static inline void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_addc(struct buf *b, char c)
{
	if (buf_reserve(b, 1))
		b->data[b->len++] = c;
}

#endif
