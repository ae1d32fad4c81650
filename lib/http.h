/* SPDX-License-Identifier: ISC
 *
 * http - polite requests over libcurl: a few under way at a time, tried again where the server failed for
 * now, waiting where it says so, within a budget, and asking only whether something changed where the answer
 * is in the cache.
 *
 *	static struct http_options net = HTTP_OPTIONS_INIT;   with HTTP_OPTIONS(net) in the table of options
 *	rc = http_open(&h, &setup);
 *	call = http_send(h, &request);           does not wait
 *	...
 *	rc = http_receive(h, call, &answer);     waits; the call is gone, whatever came
 *	... answer.status, answer.json ...
 *	http_answer_release(&answer);
 *	http_close(h);
 *
 * What comes back with 0 is an answer to work with, 404 and a refusal (401, 403) among them; what is
 * temporary was tried again, and a code (75, mostly) means that it has been given up and said. TLS is always
 * verified. The token goes to the origin of the setup and nowhere else: not along a redirect, not to another
 * port.
 *
 * Files: http.c has the calls and sends them, httpwait.c what they wait for before, httpanswer.c what is made
 * of what comes; beside them are httprule (what is polite, without I/O), httpwire (libcurl), httppace (how fast),
 * httpcache, httpturn (other processes).
 */
#ifndef HTTP_H
#define HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "httprule.h"
#include "metrics.h"
#include "opt.h"

enum {
	HTTP_STOPPED = -1, /* a signal asked to stop: SOURCE_STOP */
	HTTP_LANES = 8,
};

struct http_options {
	int64_t jobs, max_requests, retries; /* max_requests -1: no limit */
	int64_t deadline, timeout;           /* microseconds; deadline -1: none */
	const char *cacert, *cache;
	bool offline;
};

#define HTTP_OPTIONS_INIT                                                                                    \
	{                                                                                                    \
		.jobs = 4, .max_requests = -1, .retries = 5, .deadline = -1, .timeout = 60000000             \
	}

/* clang-format off */
#define HTTP_OPTIONS(o)                                                                                                \
	{"jobs", 0, OPT_COUNT, "N", "requests under way at a time", &(o).jobs, "4"}, \
	{"max-requests", 0, OPT_COUNT, "N", "send no more requests than that in one run", &(o).max_requests, NULL}, \
	{"deadline", 0, OPT_SPAN, "TIME", "take no longer than that, waiting included", &(o).deadline, NULL}, \
	{"retries", 0, OPT_COUNT, "N", "try again so often what failed for now", &(o).retries, "5"}, \
	{"timeout", 0, OPT_SPAN, "TIME", "give up an attempt after that", &(o).timeout, "60s"}, \
	{"cacert", 0, OPT_STRING, "FILE", "trust the certificates in FILE, not the system's", &(o).cacert, NULL}, \
	{"cache", 0, OPT_STRING, "DIR", "keep answers in DIR", &(o).cache, "$XDG_CACHE_HOME/athena"}, \
	{"offline", 0, OPT_FLAG, NULL, "take all answers from the cache", &(o).offline, NULL}
/* clang-format on */

/* Checks them: 0 or 64. */
int http_options_check(const struct http_options *o);

typedef enum http_verdict http_judge_fn(const json_t *json, const char **why);

/* All borrowed for the life of the handle. */
struct http_setup {
	const struct http_options *options;
	const char *user_agent;
	const char *origin;    /* a URL: only requests to its scheme, host and port carry the token */
	const char *token;     /* NULL: none */
	const char *cache_dir; /* NULL: no cache */
	const char *state_dir; /* where processes of one token see each other; NULL: nowhere */
	bool (*stop)(void);    /* asked while waiting; NULL: never */
	/*
	 * What the JSON of a status 200 means: HTTP_DONE, or HTTP_AGAIN, HTTP_LIMITED, HTTP_SECONDARY with
	 * the reason in *why (a static string). NULL: it is always done.
	 */
	http_judge_fn *judge;
	struct metrics *metrics; /* requests, retries, cache hits, waits are counted there */
};

struct http;
struct http_call;

int http_open(struct http **out, const struct http_setup *setup);
void http_close(struct http *h); /* takes NULL */

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value" lines, ended by NULL; or NULL */
	const char *post;           /* the body of a POST; NULL: GET */
	const char *kind;     /* what is limited on its own, and paced (lib/httppace); NULL: everything */
	bool json;            /* the answer is JSON: what is not, is a failure of the server */
	bool uncached;        /* neither from the cache nor into it */
	bool fresh;           /* asked for as a whole, whatever the cache has, and kept there */
	http_judge_fn *judge; /* in place of the one of the setup; or NULL */
	/*
	 * The caller can ask for less: 500 to 504, and what `judge` calls HTTP_AGAIN, are handed out after
	 * fewer attempts, with the verdict HTTP_AGAIN, as such a server often has too much to do for one
	 * request.
	 */
	bool divisible;
	/*
	 * Below HTTP_LANES: requests of one lane share a quota, where they are of no kind. Where the wait of a kind
	 * is longer than the run may take, its lane is given up, and with lane 0 the run.
	 */
	unsigned lane;
};

struct http_answer {
	int status;
	enum http_verdict verdict; /* HTTP_DONE or HTTP_REFUSED; HTTP_AGAIN of what is divisible */
	json_t *json;              /* of status 200 where JSON was asked for */
	struct buf body;           /* of every other answer */
	struct buf headers;        /* "name: value" lines, names in lower case */
	char *link;                /* the header Link, or NULL */
	int64_t date;              /* the server's clock, seconds since 1970; -1: not said, or not asked */
	bool cached;               /* the server said that nothing changed, or was not asked */
};

struct http_call *http_send(struct http *h, const struct http_request *r);
int http_receive(struct http *h, struct http_call *call, struct http_answer *a);
/* Is it finished, so that http_receive() does not wait? */
bool http_has_come(const struct http_call *call);
/* Gives up a call; takes NULL. */
void http_drop(struct http *h, struct http_call *call);

/* The value of a header, all its lines, by its name in lower case, in a heap string; NULL where it is not there. */
char *http_header(const struct http_answer *a, const char *name);
void http_answer_release(struct http_answer *a);

/* No further request makes sense: the budget is used up, or nobody is there. That is logged. */
bool http_over(const struct http *h);

/* The same of one lane: requests of others may still come to something. */
bool http_lane_is_over(const struct http *h, unsigned lane);

/* Microseconds between two requests of a kind, as the server's limits have taught; 0: at will. */
int64_t http_pace(const struct http *h, const char *kind);

#endif
