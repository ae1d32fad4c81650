/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stamp.h"
#include "xalloc.h"

#ifndef SMALL_BLOCKS
enum {
	BLOCK = 1 << 20,   /* bytes read at once, where there are as many */
	LEAST = 256 << 10, /* less room than this is not worth a read */
};
#else /* for the fuzzers: what is short meets the ends of blocks as well */
enum { BLOCK = 2048, LEAST = 512 };
#endif

void lines_init(struct lines *in, int fd, const char *name, size_t max)
{
	*in = (struct lines){.fd = fd, .wake = -1, .name = name, .max = max};
	/* Fewer, larger reads. What is no pipe, and a user who has used up his share, goes without. */
	(void)fcntl(fd, F_SETPIPE_SZ, BLOCK);
}

void lines_release(struct lines *in)
{
	free(in->data);
	*in = (struct lines){.fd = -1};
}

/* The newline of the line at `start`, or NULL; what has been looked at is not looked at again. */
static char *find_newline(struct lines *in)
{
	size_t n = in->end - in->start - in->scanned;
	char *from, *nl;

	if (!n)
		return NULL;
	from = in->data + in->start + in->scanned;
	nl = memchr(from, '\n', n);
	in->scanned += nl ? (size_t)(nl - from) : n;
	return nl;
}

/* Drops what is in memory of a line over the maximum, as far as its newline. */
static void skip(struct lines *in)
{
	if (find_newline(in)) {
		in->skipping = false;
		in->start++;
	}
	in->start += in->scanned;
	in->scanned = 0;
}

bool lines_ready(struct lines *in)
{
	if (in->skipping)
		skip(in);
	return !in->skipping && (find_newline(in) || in->scanned > in->max);
}

/* Makes room for a read: the partial line moves to the front, and only when there is too little behind it. */
static void make_room(struct lines *in)
{
	if (in->start == in->end)
		in->start = in->end = 0;
	if (in->cap - in->end >= LEAST)
		return;
	if (in->start) {
		memmove(in->data, in->data + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->cap - in->end < LEAST) {
		in->cap = in->end + BLOCK;
		in->data = xrealloc(in->data, in->cap);
	}
}

static enum lines_result failed(struct lines *in)
{
	in->error = errno;
	return LINES_ERROR;
}

/*
 * Waits for bytes until `deadline` (-1: for ever) and reads them.
 * LINES_LINE: there are some, or the end came.
 */
static enum lines_result fill(struct lines *in, int64_t deadline)
{
	struct pollfd ready[] = {{.fd = in->fd, .events = POLLIN}, {.fd = in->wake, .events = POLLIN}};
	bool wait = deadline >= 0 || in->wake >= 0;

	make_room(in);
	for (;;) {
		ssize_t r;

		if (wait) {
			int64_t left = deadline < 0 ? 0 : deadline - stamp_steady() / 1000;
			int n = poll(ready, 2, deadline < 0 ? -1 : left < 0 ? 0 : (int)left);

			if (n < 0 && errno != EINTR)
				return failed(in);
			in->woken = n > 0 && ready[1].revents;
			if (n <= 0 || in->woken)
				return LINES_IDLE;
		}
		r = read(in->fd, in->data + in->end, in->cap - in->end);
		if (r > 0) {
			in->end += (size_t)r;
			in->bytes += r;
			return LINES_LINE;
		}
		if (!r) {
			in->eof = true;
			return LINES_LINE;
		}
		if (errno == EINTR)
			return LINES_IDLE;
		if (errno != EAGAIN)
			return failed(in);
		wait = true; /* a descriptor that does not block */
	}
}

/* Gives out n bytes of the line at `start`, which takes up `used` bytes. */
static enum lines_result give(struct lines *in, enum lines_result what, size_t n, size_t used,
			      const char **line, size_t *len)
{
	*line = in->data + in->start;
	*len = n;
	in->start += used;
	in->scanned = 0;
	in->number++;
	return what;
}

static enum lines_result give_long(struct lines *in, size_t used, const char **line, size_t *len)
{
	size_t shown = in->max < LINES_LONG_SHOWN ? in->max : LINES_LONG_SHOWN;

	return give(in, LINES_LONG, shown, used, line, len);
}

enum lines_result lines_next(struct lines *in, int timeout_ms, const char **line, size_t *len)
{
	int64_t deadline = -1;

	for (;;) {
		enum lines_result got;

		if (in->skipping)
			skip(in);
		if (!in->skipping && find_newline(in)) {
			size_t n = in->scanned;

			return n > in->max ? give_long(in, n + 1, line, len)
					   : give(in, LINES_LINE, n, n + 1, line, len);
		}
		if (in->scanned > in->max) {
			in->skipping = true;
			return give_long(in, in->scanned, line, len);
		}
		if (in->eof && in->start == in->end)
			return LINES_END;
		if (in->eof)
			return give(in, LINES_TORN, in->scanned, in->scanned, line, len);
		if (timeout_ms >= 0 && deadline < 0)
			deadline = stamp_steady() / 1000 + timeout_ms;
		else if (deadline >= 0 && stamp_steady() / 1000 >= deadline)
			return LINES_IDLE;
		got = fill(in, deadline);
		if (got != LINES_LINE)
			return got;
	}
}
