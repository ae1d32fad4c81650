/* SPDX-License-Identifier: ISC
 *
 * record - what one line of a log says, whatever its format: filled by
 * parse.h, looked at by filter.h, made an event by request.h.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* Names in metadata that request.h writes itself: a line's own member of that name gets `_raw` behind it in extra. */
#define RECORD_RESERVED                                                                                                \
	"method", "path", "query", "route", "protocol", "status", "bytes", "remote", "user", "agent", "referrer",      \
		"host", "request_id", "duration_us", "level", "message", "truncated", "timestamp_raw"

#define RECORD_NONE INT64_MIN /* of time, duration_us and bytes: the line does not say */

enum { RECORD_EXTRA_MAX = 262144 }; /* bytes of extra */

/* A piece of text that may hold any byte; p NULL: the line does not say. "-" of CLF is not said either. */
struct slice {
	const char *p;
	size_t n;
};

struct record {
	int64_t time;        /* microseconds since 1970, UTC */
	int64_t duration_us; /* of the whole request */
	int64_t bytes;       /* of the answer, as the log counts them */
	int status;          /* 100..999, 0: the line does not say */
	bool plain;          /* no slice but remote and user holds what JSON would escape; false: one may */
	/* Slices are borrowed from the line, or from the parser until its next line; decoded, not escaped. */
	struct slice method;     /* GET */
	struct slice scheme;     /* http or https, where the line says it: with the host it makes the event's url */
	struct slice path;       /* /api/v1/users, as sent, without the query */
	struct slice query;      /* a=1&b=2, without the question mark */
	struct slice protocol;   /* HTTP/1.1 */
	struct slice remote;     /* address of the client */
	struct slice user;       /* authenticated user */
	struct slice agent;      /* user agent */
	struct slice referrer;
	struct slice host;       /* asked for: virtual host, Host header or authority */
	struct slice request_id; /* request id, else trace id: what links lines of one request */
	struct slice level;      /* of an application's log: error, warn, 50 */
	struct slice message;    /* its message */
	struct slice error;      /* type or name of an error, where the line has one */
	/* Members for metadata that have no other place, ready as JSON without braces, `"upstream_addr":"10.0.0.1:80","k":1`:
	 * I-JSON, no white space between tokens, names unique, none of RECORD_RESERVED. Reset by the parser. extra.over: some did not fit
	 * into RECORD_EXTRA_MAX and were left out. */
	struct buf extra;
};

#endif
