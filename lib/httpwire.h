/* SPDX-License-Identifier: ISC
 *
 * httpwire - requests on the wire, by way of libcurl: several at a time over few connections, each tried
 * once. What an answer means, and whether to ask again, is lib/http's.
 *
 *	httpwire_open(&w, "athena/1.0", cacert);
 *	x->url = url; x->headers = headers; x->timeout_us = 60 * STAMP_SECOND;
 *	httpwire_start(&w, x);
 *	while (!(x = httpwire_take(&w)))
 *		httpwire_wait(&w, 100);
 *	... x->end, x->status, x->body, x->headers_in ...
 *	httpwire_stop(&w, x);               also one that has not ended
 *	httpwire_close(&w);
 *
 * An exchange is the caller's and stays where it is from start to stop. Certificates are always verified,
 * redirects are not followed, and nothing from outside is without a maximum.
 */
#ifndef HTTPWIRE_H
#define HTTPWIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "buf.h"

enum {
	HTTPWIRE_BODY_MAX = 64 << 20,     /* bytes of an answer, once unpacked */
	HTTPWIRE_HEADERS_MAX = 256 << 10, /* bytes of the headers of an answer */
};

/* How an exchange ended. */
enum httpwire_end {
	HTTPWIRE_ANSWERED,
	HTTPWIRE_FAILED,      /* perhaps it works the next time */
	HTTPWIRE_UNREACHABLE, /* nobody is there */
	HTTPWIRE_UNTRUSTED,   /* the certificate is not that of the server, or of nobody we trust */
	HTTPWIRE_NO_TRUST,    /* the file of certificates cannot be used */
	HTTPWIRE_TOO_LARGE,
};

struct httpwire {
	CURLM *multi;
	const char *user_agent, *cacert; /* borrowed; cacert NULL: the system's */
	unsigned flying;                 /* started and not yet stopped */
};

struct httpwire_exchange {
	/* what is asked; borrowed until the stop */
	const char *url, *post; /* post NULL: GET */
	const struct curl_slist *headers;
	int64_t timeout_us;
	void *owner; /* the caller's */
	/* what came */
	enum httpwire_end end;
	const char *why; /* it failed; static */
	int status;
	struct buf body;
	struct buf headers_in; /* "name: value" lines, names in lower case */
	/* private */
	CURL *easy;
};

/* False where libcurl does not start. */
bool httpwire_open(struct httpwire *w, const char *user_agent, const char *cacert);
void httpwire_close(struct httpwire *w);

void httpwire_start(struct httpwire *w, struct httpwire_exchange *x);

/* One that has ended; NULL where none has since. */
struct httpwire_exchange *httpwire_take(struct httpwire *w);

/* Waits until something happens, `ms` milliseconds at most. */
void httpwire_wait(struct httpwire *w, int ms);

/* Ends it; what came stays. Nothing where it was not started. */
void httpwire_stop(struct httpwire *w, struct httpwire_exchange *x);

#endif
