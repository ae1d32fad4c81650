/* SPDX-License-Identifier: ISC
 *
 * What is made of what came: an answer for the caller, another attempt, a wait, or the end.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "httpcall.h"
#include "log.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	REDIRECTS_MAX = 5,
	LIMITS_MAX = 6,         /* times that one request may meet a limit */
	DIVISIBLE_ATTEMPTS = 2, /* after the first, before less is asked for */
	BODY_LOOK = 4096,       /* bytes of a refusal that are looked at */
	LONG_WAIT = 10,         /* seconds after which a silence has to be explained */
};

/* ---- the cache ---- */

static bool parse(struct http_call *c, struct buf *body)
{
	if (!c->json)
		return true;
	if (body->len)
		http_repair(body->data, body->len);
	c->answer.json = json_loadb(body->len ? body->data : "", body->len, JSON_ALLOW_NUL, NULL);
	return c->answer.json != NULL;
}

bool http_answer_known(struct http *h, struct http_call *c)
{
	bool wants_body = !c->json || c->known.status != 200;

	if (c->known.status == 200 && !parse(c, &c->known.body))
		return false;
	c->answer.status = c->known.status;
	c->answer.cached = true;
	if (!c->answer.link) { /* with a 304 may come a newer one */
		c->answer.link = c->known.link;
		c->known.link = NULL;
	}
	buf_release(&c->answer.body);
	if (wants_body) {
		c->answer.body = c->known.body;
		c->known.body = (struct buf){0};
	}
	h->setup.metrics->cache_hits++;
	http_finish(c, 0);
	return true;
}

/* Is it kept? What is refused for good is, for --offline. */
static bool is_lasting(int status)
{
	return status == 200 || status == 404 || status == 409 || status == 410 || status == 451;
}

static void keep(struct http *h, struct http_call *c)
{
	struct httpcache_entry e = {
		.status = c->answer.status, .body = c->answer.body, .link = c->answer.link};

	if (!c->key || !is_lasting(e.status))
		return;
	e.etag = http_header(&c->answer, "etag");
	e.modified = http_header(&c->answer, "last-modified");
	httpcache_put(&h->cache, c->key, &e);
	free(e.etag);
	free(e.modified);
}

/* ---- not yet ---- */

static int64_t wait_of(struct http *h, enum http_verdict v, const struct http_signs *s, unsigned attempt)
{
	h->dice = h->dice * 1664525U + 1013904223U;
	return http_wait(v, s, attempt, h->dice >> 8, stamp_now() / STAMP_SECOND);
}

/* The lane is not to be asked before then, by other processes neither. */
static void limit_lane(struct http *h, unsigned i, int64_t until, const char *why)
{
	if (http_limit(h, i, until, why))
		httpturn_tell(&h->turn, i, stamp_now(), until - stamp_onward());
}

/* What is limited on its own is paced from now on; that is said when it is learnt. */
static void pace(struct http *h, const struct http_call *c, const char *why, int64_t now, int64_t until)
{
	char text[STAMP_SIZE];

	http_when(until, text);
	if (!httppace_of(&h->pace, c->kind))
		log_note("%s: %s: waiting until %s, and then at the pace of the server", c->kind, why, text);
	else
		log_verbose("%s: %s: waiting until %s", c->kind, why, text);
	h->setup.metrics->throttled_us += until - now;
	httppace_limited(&h->pace, c->kind, now, until - now);
}

/* Which one a limit holds for. */
static unsigned lane_of(const struct http_call *c, enum http_verdict v)
{
	if (c->kind)
		return c->lane ? c->lane : HTTP_ALL;
	return v == HTTP_LIMITED ? c->lane : HTTP_ALL;
}

/* A quota is that of a lane; being too fast concerns all that this credential asks, or one kind of it. */
static void limited(struct http *h, struct http_call *c, enum http_verdict v, const struct http_signs *s)
{
	const char *why =
		v == HTTP_LIMITED ? "the quota is used up" : "too many requests at once, says the server";
	unsigned lane = lane_of(c, v);
	int64_t now = stamp_onward(), until = now + wait_of(h, v, s, c->limits), wall;
	char text[STAMP_SIZE];

	c->state = HTTP_QUEUED;
	if (!c->kind)
		limit_lane(h, lane, until, why);
	if (c->kind ? http_kind_beyond_deadline(h, c, until, why) : http_beyond_deadline(h, lane, until, why))
		return;
	if (++c->limits > LIMITS_MAX) {
		wall = http_when(until, text);
		if (wall > h->setup.metrics->retry_at_us)
			h->setup.metrics->retry_at_us = wall;
		http_give_up(h, lane, log_error(EX_TEMPFAIL, "%s, again and again; come back later", why));
	} else if (c->kind) {
		pace(h, c, why, now, until);
	}
}

/* An answer that was the last of its quota: the next one would be refused. */
static void heed_quota(struct http *h, const struct http_call *c, const struct http_signs *s)
{
	int64_t wait;

	if (c->kind || s->remaining != 0 || s->reset < 0)
		return;
	wait = wait_of(h, HTTP_LIMITED, s, 0);
	if (wait > STAMP_SECOND)
		limit_lane(h, c->lane, stamp_onward() + wait, "the quota is used up");
}

static bool is_divided(const struct http *h, const struct http_call *c)
{
	int64_t most = h->o->retries < DIVISIBLE_ATTEMPTS ? h->o->retries : DIVISIBLE_ATTEMPTS;

	return c->divisible && (int64_t)c->attempts >= most;
}

/* It failed for now, as `why` says. */
static void again(struct http *h, struct http_call *c, const struct http_signs *s, const char *why,
		  enum httpwire_end end)
{
	int64_t wait;
	int rc;

	c->state = HTTP_QUEUED;
	if (c->attempts >= (unsigned)h->o->retries) {
		rc = log_error(EX_TEMPFAIL, "%s: %s, %u times; come back later", c->url, why,
			       c->attempts + 1);
		if (end == HTTPWIRE_UNREACHABLE)
			http_give_up(h, HTTP_ALL, rc);
		else
			http_finish(c, rc);
		return;
	}
	wait = wait_of(h, HTTP_AGAIN, s, c->attempts++);
	c->not_before = stamp_onward() + wait;
	/* A server that answers, be it with a failure, is there for the others, which do not wait for this one. */
	if (end == HTTPWIRE_ANSWERED ? http_call_beyond_deadline(h, c, why)
				     : http_beyond_deadline(h, HTTP_ALL, c->not_before, why))
		return;
	if (wait > LONG_WAIT * STAMP_SECOND)
		log_note("%s: %s; trying again in %" PRId64 " s", c->url, why, wait / STAMP_SECOND);
	else
		log_verbose("%s: %s; trying again", c->url, why);
}

static void moved(struct http_call *c)
{
	char *to = http_header(&c->answer, "location"), *url = to ? http_location(c->at, to) : NULL;

	c->state = HTTP_QUEUED;
	if (!url || c->post || ++c->redirects > REDIRECTS_MAX) {
		http_finish(c, log_error(EX_DATAERR, "%s: moved to %s, where it is not followed", c->url,
					 to ? to : "nowhere"));
	} else {
		log_verbose("%s: moved to %s", c->at, url);
		free(c->at);
		c->at = xstrdup(url);
	}
	free(url);
	free(to);
}

/* ---- what came ---- */

static int64_t number_header(const struct http_answer *a, const char *name)
{
	char *text = http_header(a, name);
	int64_t v = text && isdigit((unsigned char)*text) ? strtoll(text, NULL, 10) : -1;

	free(text);
	return v;
}

static struct http_signs read_signs(const struct http_answer *a)
{
	char *date = http_header(a, "date"), *after = http_header(a, "retry-after");
	struct http_signs s = HTTP_SIGNS_INIT;

	s.status = a->status;
	s.remaining = number_header(a, "x-ratelimit-remaining");
	s.reset = number_header(a, "x-ratelimit-reset");
	s.date = date ? http_date(date) : -1;
	s.retry_after =
		after ? http_retry_after(after, s.date >= 0 ? s.date : stamp_now() / STAMP_SECOND) : -1;
	s.body = a->body.data;
	s.body_len = a->body.len < BODY_LOOK ? a->body.len : BODY_LOOK;
	free(date);
	free(after);
	return s;
}

static void done(struct http *h, struct http_call *c, const struct http_signs *s)
{
	heed_quota(h, c, s);
	if (s->status == 304 && c->has_known && http_answer_known(h, c)) {
		httpcache_touch(&h->cache, c->key);
	} else if (s->status == 304) {
		c->has_known = false; /* what lies there is damaged: ask for the whole */
		again(h, c, s, "304 for an answer that is not in the cache", HTTPWIRE_ANSWERED);
	} else {
		keep(h, c);
		if (c->answer.json)
			buf_release(&c->answer.body);
		http_finish(c, 0);
	}
}

/* What the answer means, by its status and, where that is 200, by what the caller reads in it. */
static enum http_verdict judge(struct http_call *c, const struct http_signs *s, const char **why)
{
	enum http_verdict v = http_judge(s);

	if (v != HTTP_DONE || s->status != 200)
		return v;
	*why = "an answer that is no JSON";
	if (!parse(c, &c->answer.body))
		return HTTP_AGAIN;
	*why = "an answer that says it failed";
	return c->judge && c->answer.json ? c->judge(c->answer.json, why) : v;
}

static void take_answer(struct http *h, struct http_call *c)
{
	struct http_signs s;
	const char *reason = NULL;
	char why[40];

	c->answer.status = c->wire.status;
	c->answer.body = c->wire.body;
	c->answer.headers = c->wire.headers_in;
	c->wire.body = c->wire.headers_in = (struct buf){0};
	c->answer.link = http_header(&c->answer, "link");
	s = read_signs(&c->answer);
	c->answer.date = s.date;
	c->answer.verdict = judge(c, &s, &reason);
	log_verbose("%s %s: %d", c->post ? "POST" : "GET", c->at, s.status);
	snprintf(why, sizeof(why), "%d from the server", s.status);
	switch (c->answer.verdict) {
	case HTTP_MOVED:
		moved(c);
		break;
	case HTTP_LIMITED:
	case HTTP_SECONDARY:
		limited(h, c, c->answer.verdict, &s);
		break;
	case HTTP_AGAIN:
		if (is_divided(h, c))
			http_finish(c, 0);
		else
			again(h, c, &s, reason ? reason : why, HTTPWIRE_ANSWERED);
		break;
	case HTTP_DONE:
	case HTTP_REFUSED:
		done(h, c, &s);
	}
}

void http_answered(struct http *h, struct http_call *c)
{
	struct http_signs none = HTTP_SIGNS_INIT;

	http_answer_release(&c->answer);
	switch (c->wire.end) {
	case HTTPWIRE_ANSWERED:
		take_answer(h, c);
		break;
	case HTTPWIRE_UNTRUSTED:
		http_give_up(h, HTTP_ALL,
			     log_error(EX_UNAVAILABLE,
				       "%s: its certificate is not trusted; --cacert names one that is",
				       c->at));
		break;
	case HTTPWIRE_NO_TRUST:
		http_give_up(h, HTTP_ALL,
			     log_error(EX_CONFIG, "--cacert %s: holds no certificate that can be read",
				       h->o->cacert ? h->o->cacert : ""));
		break;
	case HTTPWIRE_TOO_LARGE:
		http_finish(c, log_error(EX_DATAERR, "%s: an answer over %d MiB, or with headers over %d KiB",
					 c->url, HTTPWIRE_BODY_MAX >> 20, HTTPWIRE_HEADERS_MAX >> 10));
		break;
	case HTTPWIRE_FAILED:
	case HTTPWIRE_UNREACHABLE:
		again(h, c, &none, c->wire.why, c->wire.end);
	}
}
