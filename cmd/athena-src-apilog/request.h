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
 * kind `request` where the line has a method, a path or a status, else `log` (an application's line with a
 * message). The line is what event_line() would write for the same members; a test holds the two together.
 *
 * event_type	request: action, error for 5xx; log: observation. error, too, where the line's level is error or
 *		worse and no status says otherwise
 * outcome	by the status: success for 1xx to 3xx, failure for 4xx and 5xx, else unknown; log: recorded.
 *		failure where event_type is error
 * error_type	the line's own, else `http_404`, `http_503` for every 4xx and 5xx: what fails can be grouped by it
 * session_id	--session, else the request's id, else the source and the UTC day:
 *		`apilog:/var/log/a.log/2026-11-24`
 * url		where the line says scheme and host
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "record.h"

enum { FILE_HASH = 16 }; /* hexadecimal digits of the hash of a file's first complete line */

enum {
	REQUEST_TEXT_MAX = 65536, /* bytes of a text in metadata, of actor and the like; what is longer is cut */
	REQUEST_DAY = 10,         /* of 2026-11-24 */
};

/* Where a line stands: stable under rename, growth and compression. */
struct place {
	char file[FILE_HASH]; /* hash of the file's first complete line, no NUL */
	int64_t offset;       /* of the line's first byte in the file, uncompressed */
	const char *readable; /* up to which there are bytes behind the line in memory; NULL: none */
};

struct request {
	bool redact;             /* mask secrets */
	bool own_session;        /* --session was given: `session` is all of it */
	struct buf request_head; /* `","source_id":...,"kind":"request","timestamp":"` */
	struct buf log_head;     /* the same of the kind log */
	struct buf session;      /* `,"project_id":1,"session_id":"`, and what is the same in every line */
	struct buf source; /* the source and a slash, as the session of a line without a request id begins */
	struct buf usual;  /* `session` as a line has it that names none, at `second` */
	struct buf work;   /* reused from line to line */
	int64_t second;    /* whose text is in `stamp` */
	char stamp[32];
};

void request_init(struct request *q, const char *source_id, int64_t project, const char *session,
		  bool redact);
void request_release(struct request *q);

/*
 * Adds the event and a newline to out. Never fails: texts that are too long are cut and named in
 * metadata.truncated (`metadata` where members of record.extra were left out), so that EVENT_LINE_MAX is
 * never passed.
 */
void request_line(struct request *q, struct buf *out, const struct place *at, const char *line, size_t n,
		  const struct record *r);

/* The 64-bit hash of a line without its newline, as 16 hexadecimal digits: in ids, and of a file's first
 * line. */
void request_hash(const char *line, size_t n, char hex[FILE_HASH]);

#endif
