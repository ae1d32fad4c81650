/* SPDX-License-Identifier: ISC
 *
 * httprule - what is polite, as pure functions: what an answer means, how long to wait, where
 * the next page is. lib/http asks them; tests and fuzzers do too.
 */
#ifndef HTTPRULE_H
#define HTTPRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_verdict {
	HTTP_DONE,      /* an answer to work with, be it 200 or 404 */
	HTTP_MOVED,     /* a redirect */
	HTTP_AGAIN,     /* the server failed for now */
	HTTP_LIMITED,   /* the quota is used up until a time that it names */
	HTTP_SECONDARY, /* too much at once: slow down */
	HTTP_REFUSED,   /* credentials or permissions: asking again is useless */
};

/* Microseconds: no server means more than a day. */
#define HTTP_WAIT_MAX INT64_C(86400000000)

/* What an answer says about itself; -1 where it says nothing. */
struct http_signs {
	int status;
	int64_t retry_after; /* seconds */
	int64_t remaining;   /* x-ratelimit-remaining */
	int64_t reset;       /* x-ratelimit-reset, seconds since 1970 */
	int64_t date;        /* the server's clock, seconds since 1970 */
	const char *body;    /* its first bytes; may be NULL */
	size_t body_len;
};

#define HTTP_SIGNS_INIT                                                                                      \
	{                                                                                                    \
		.retry_after = -1, .remaining = -1, .reset = -1, .date = -1                                  \
	}

enum http_verdict http_judge(const struct http_signs *s);

/*
 * Microseconds to wait before the next attempt. `attempt` counts from 0; `dice` is any
 * number, for jitter; `now` are seconds since 1970 here, used where the server names no date.
 */
int64_t http_wait(enum http_verdict v, const struct http_signs *s, unsigned attempt, uint32_t dice,
		  int64_t now);

/* Retry-After: seconds, or a date of HTTP seen from `date`; -1 for neither. */
int64_t http_retry_after(const char *value, int64_t date);

/*
 * The URL of the relation `rel` ("next") in a Link header; a heap string, NULL where there is none. Commas
 * and semicolons within <> and "" separate nothing, relations come in any order, and one link may have
 * several.
 */
char *http_link(const char *header, const char *rel);

/* A date of HTTP in seconds since 1970; -1 where it is none. */
int64_t http_date(const char *value);

/*
 * Lone surrogates in JSON text (\ud800 without its half) become \ufffd in place, so that a parser does not
 * refuse the whole. Returns how many there were.
 */
size_t http_repair(char *p, size_t n);

/* Have two URLs the same scheme, host and port? User names do not count. False for what is no URL of http. */
bool http_same_origin(const char *a, const char *b);

/* The host that a URL leads to, as libcurl reads it; a heap string, NULL for what is no URL of http. */
char *http_host(const char *url);

/* Is it https, or http on this very machine? Nothing else may carry a token. */
bool http_is_safe(const char *url);

/* Where a Location leads that was met at `from`; a heap string, NULL where it must not be followed. */
char *http_location(const char *from, const char *location);

/* Of a URL that lies below `base` (without a slash at its end) what follows, from the slash on; else NULL. */
const char *http_below(const char *url, const char *base);

#endif
