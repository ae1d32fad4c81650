/* SPDX-License-Identifier: ISC
 *
 * request - a record as an event line, written straight into the output
 * buffer: this is the hot path, some hundred nanoseconds a line.
 *
 *	struct request q;
 *	request_init(&q, source_id, project, session, redact);
 *	if (filter_wants(&filter, &record) && source_wants(src, record.time))
 *		request_line(&q, out, &place, line, n, &record);
 *	request_release(&q);
 *
 * kind `request` where the line has a method, a path or a status, else `log` (an application's line with a message).
 * The line is what event_line() would write for the same members; a test holds the two together.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "record.h"

enum { FILE_HASH = 16 }; /* hexadecimal digits of the hash of a file's first complete line */

/* Where a line stands: stable under rename, growth and compression. */
struct place {
	char file[FILE_HASH]; /* hash of the file's first complete line, no NUL */
	int64_t offset;       /* of the line's first byte in the file, uncompressed */
};

struct request {
	const char *source_id; /* borrowed */
	const char *session;   /* --session, NULL: request id, else source_id and day; borrowed */
	int64_t project;
	bool redact;      /* mask secrets in query strings */
	struct buf head;  /* constant parts of a line, ready */
	struct buf work;  /* reused from line to line */
	int64_t second;   /* whose text is in `stamp` */
	char stamp[32];
};

void request_init(struct request *q, const char *source_id, int64_t project, const char *session, bool redact);
void request_release(struct request *q);

/* Adds the event and a newline to out. Never fails: texts that would pass EVENT_LINE_MAX are cut and named in metadata.truncated. */
void request_line(struct request *q, struct buf *out, const struct place *at, const char *line, size_t n,
		  const struct record *r);

/* The 64-bit hash of a line without its newline, as 16 hexadecimal digits: in ids, and of a file's first line. */
void request_hash(const char *line, size_t n, char hex[FILE_HASH]);

/* Adds the path with what looks like an identifier folded: /users/42/posts -> /users/:id/posts. */
void route_fold(struct buf *out, const char *path, size_t n);

/* Adds the query with the values of secret parameters (token, password, key, signature, ...) as `***`. */
void query_redact(struct buf *out, const char *query, size_t n);

#endif
