/* SPDX-License-Identifier: ISC
 *
 * httpcall - what http.c, httpwait.c and httpanswer.c share: a call and its life. For these three alone.
 *
 * A call is queued, flies, lands, and is finished, or is queued again: because of a redirect, a failure that
 * may pass, or a limit. A limit holds for a lane, or for all.
 */
#ifndef HTTPCALL_H
#define HTTPCALL_H

#include "http.h"
#include "httpcache.h"
#include "httppace.h"
#include "httpturn.h"
#include "httpwire.h"
#include "stamp.h"

enum http_state { HTTP_QUEUED, HTTP_FLYING, HTTP_FINISHED };

struct http_call {
	struct http_call *next;
	enum http_state state;
	char *url, *at; /* what was asked; where redirects have led */
	char *key;      /* in the cache; NULL: it is not for the cache */
	char *post;
	char *kind; /* or NULL */
	struct curl_slist *headers;
	bool json, divisible;
	http_judge_fn *judge; /* or NULL */
	unsigned lane;
	struct httpwire_exchange wire; /* while flying */
	struct curl_slist *sent;
	struct httpcache_entry known; /* what the cache has */
	bool has_known;
	int64_t not_before; /* by stamp_onward(), as all times here: a clock that is set moves no wait */
	unsigned attempts, limits, redirects;
	struct http_answer answer;
	int rc;
};

/* What holds for all requests of a lane. */
struct http_lane {
	int64_t not_before; /* when the server wants to be asked again */
	const char *why;    /* static; NULL while there is no limit */
	bool said;          /* that it waits */
	int64_t counted;    /* up to when waiting is in the metrics */
	int rc;             /* not 0: given up, and said */
};

enum { HTTP_ALL = HTTP_LANES }; /* the lane that all are in */

struct http {
	struct http_setup setup;
	const struct http_options *o;
	struct httpwire wire;
	struct http_call *first, **last; /* in the order of asking */
	struct httpcache cache;
	struct httpturn turn;
	struct httppace pace;
	struct http_lane lanes[HTTP_LANES + 1];
	char *authorization;
	int64_t started;
	int64_t sent;
	uint32_t dice;
};

/* http.c */

void http_finish(struct http_call *c, int rc);
/* What waits in the lane waits for nothing, and what is asked later is finished at once. */
void http_give_up(struct http *h, unsigned lane, int rc);

/* httpwait.c */

/* The lane is not to be asked before then; false where it was not to be asked for as long already. */
bool http_limit(struct http *h, unsigned lane, int64_t until, const char *why);
/* What the clock on the wall will say at `at`: microseconds since 1970, and in words. */
int64_t http_when(int64_t at, char text[STAMP_SIZE]);
/* Is the time past what the run may take? Then that is said, and the lane given up. */
bool http_beyond_deadline(struct http *h, unsigned lane, int64_t until, const char *why);
/* The same of the kind of a call: its lane is given up, and where that is the first, all. */
bool http_kind_beyond_deadline(struct http *h, const struct http_call *c, int64_t until, const char *why);
/* The same of one call that is not to be sent again before c->not_before: it is finished, and others go on. */
bool http_call_beyond_deadline(struct http *h, struct http_call *c, const char *why);
/* May it be sent now? If not, *wait_ms becomes when to look again, or it is given up. */
bool http_is_ready(struct http *h, const struct http_call *c, int64_t now, int *wait_ms);

/* httpanswer.c */

/* Answers from the cache; false where what lies there is of no use. */
bool http_answer_known(struct http *h, struct http_call *c);
/* A call that flew has landed: it is finished, or queued again. */
void http_answered(struct http *h, struct http_call *c);

#endif
