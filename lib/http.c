/* SPDX-License-Identifier: ISC */
#include "http.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "confine.h"
#include "httpcall.h"
#include "log.h"
#include "sha256.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	POLL_MS = 100,    /* how often a signal is looked for while waiting */
	TURN_POLL_MS = 10 /* and whether it is our turn */
};

int http_options_check(const struct http_options *o)
{
	if (o->jobs < 1 || o->jobs > 100)
		return log_error(EX_USAGE, "--jobs: 1 to 100");
	if (o->retries > 100)
		return log_error(EX_USAGE, "--retries: at most 100");
	if (o->timeout < STAMP_SECOND / 1000)
		return log_error(EX_USAGE, "--timeout: at least a moment");
	return 0;
}

/* The header that carries the token, and a place among the processes that use it. */
static void set_token(struct http *h)
{
	char *credential = xasprintf("%s %s", h->setup.origin, h->setup.token);

	confine_core();
	h->authorization = xasprintf("Authorization: Bearer %s", h->setup.token);
	if (!h->o->offline)
		httpturn_open(&h->turn, h->setup.state_dir, credential);
	explicit_bzero(credential, strlen(credential));
	free(credential);
}

int http_open(struct http **out, const struct http_setup *setup)
{
	struct http *h = xcalloc(1, sizeof(*h));
	int rc = 0;

	*out = h;
	h->setup = *setup;
	h->o = setup->options;
	h->last = &h->first;
	h->started = stamp_onward();
	h->dice = (uint32_t)stamp_now();
	if (!http_is_safe(setup->origin))
		return log_error(EX_CONFIG, "%s: only https, or http to this machine", setup->origin);
	if (setup->token && strpbrk(setup->token, "\r\n"))
		return log_error(EX_CONFIG, "the token has a line break in it");
	if (setup->cache_dir)
		rc = httpcache_open(&h->cache, setup->cache_dir);
	if (rc)
		return rc;
	if (!httpwire_open(&h->wire, setup->user_agent, h->o->cacert))
		return log_error(EX_SOFTWARE, "libcurl does not start");
	if (setup->token)
		set_token(h);
	return 0;
}

/* Ends what is on the wire; what came stays there. */
static void land(struct http *h, struct http_call *c)
{
	httpwire_stop(&h->wire, &c->wire);
	curl_slist_free_all(c->sent);
	c->sent = NULL;
	if (c->state == HTTP_FLYING)
		c->state = HTTP_QUEUED;
}

void http_drop(struct http *h, struct http_call *c)
{
	struct http_call **p = &h->first;

	if (!c)
		return;
	land(h, c);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	if (!*p)
		h->last = p;
	curl_slist_free_all(c->headers);
	httpcache_entry_release(&c->known);
	http_answer_release(&c->answer);
	buf_release(&c->wire.body);
	buf_release(&c->wire.headers_in);
	free(c->url);
	free(c->at);
	free(c->key);
	free(c->post);
	free(c->kind);
	free(c);
}

void http_close(struct http *h)
{
	if (!h)
		return;
	while (h->first)
		http_drop(h, h->first);
	httpwire_close(&h->wire);
	httpcache_close(&h->cache);
	httpturn_close(&h->turn);
	httppace_release(&h->pace);
	if (h->authorization)
		explicit_bzero(h->authorization, strlen(h->authorization));
	free(h->authorization);
	free(h);
}

void http_answer_release(struct http_answer *a)
{
	json_decref(a->json);
	buf_release(&a->body);
	buf_release(&a->headers);
	free(a->link);
	*a = (struct http_answer){0};
}

/* One that comes in several lines is one list, as HTTP has it. */
char *http_header(const struct http_answer *a, const char *name)
{
	size_t len = strlen(name), i = 0;
	struct buf value = {0};
	bool found = false;

	while (i < a->headers.len) {
		const char *line = a->headers.data + i;
		const char *end = memchr(line, '\n', a->headers.len - i);
		size_t n = (size_t)(end - line);

		if (n > len + 1 && !memcmp(line, name, len) && line[len] == ':') {
			buf_adds(&value, found ? ", " : "");
			buf_add(&value, line + len + 2, n - len - 2);
			found = true;
		}
		i += n + 1;
	}
	return found ? buf_detach(&value) : NULL;
}

bool http_over(const struct http *h)
{
	return h->lanes[HTTP_ALL].rc != 0;
}

bool http_lane_is_over(const struct http *h, unsigned lane)
{
	return h->lanes[lane].rc != 0;
}

int64_t http_pace(const struct http *h, const char *kind)
{
	return httppace_of(&h->pace, kind);
}

/* ---- the end of a call, or of many ---- */

void http_finish(struct http_call *c, int rc)
{
	c->state = HTTP_FINISHED;
	c->rc = rc;
}

static bool in_lane(const struct http_call *c, unsigned lane)
{
	return lane == HTTP_ALL || c->lane == lane;
}

void http_give_up(struct http *h, unsigned lane, int rc)
{
	h->lanes[lane].rc = rc;
	for (struct http_call *c = h->first; c; c = c->next) {
		if (!in_lane(c, lane) || c->state == HTTP_FINISHED)
			continue;
		land(h, c);
		http_finish(c, rc);
	}
}

/* ---- asking ---- */

struct http_call *http_send(struct http *h, const struct http_request *r)
{
	struct http_call *c = xcalloc(1, sizeof(*c));
	int over = h->lanes[HTTP_ALL].rc ? h->lanes[HTTP_ALL].rc : h->lanes[r->lane].rc;
	char hash[SHA256_HEX] = "";

	c->url = xstrdup(r->url);
	c->at = xstrdup(r->url);
	c->post = r->post ? xstrdup(r->post) : NULL;
	c->json = r->json;
	c->kind = r->kind ? xstrdup(r->kind) : NULL;
	c->judge = r->judge ? r->judge : h->setup.judge;
	c->divisible = r->divisible;
	c->lane = r->lane;
	c->answer.date = -1;
	for (const char *const *line = r->headers; line && *line; line++)
		c->headers = curl_slist_append(c->headers, *line);
	*h->last = c;
	h->last = &c->next;
	if (!r->uncached && h->cache.dir) {
		if (c->post)
			sha256_hex(c->post, strlen(c->post), hash);
		c->key = xasprintf("%s %s%s%s", c->post ? "POST" : "GET", c->url, c->post ? " " : "", hash);
		c->has_known = !r->fresh && (!c->post || h->o->offline) &&
			       httpcache_get(&h->cache, c->key, &c->known) &&
			       (h->o->offline || c->known.status == 200);
	}
	if (over)
		http_finish(c, over);
	else if (h->o->offline && !(c->has_known && http_answer_known(h, c)))
		http_finish(c, log_error(EX_NOINPUT, "%s: --offline, and the cache has no answer", c->url));
	return c;
}

static struct curl_slist *request_headers(const struct http *h, const struct http_call *c)
{
	struct curl_slist *list = NULL;
	char *line;

	for (const struct curl_slist *l = c->headers; l; l = l->next)
		list = curl_slist_append(list, l->data);
	if (h->authorization && http_same_origin(c->at, h->setup.origin))
		list = curl_slist_append(list, h->authorization);
	if (c->has_known && c->known.etag) {
		line = xasprintf("If-None-Match: %s", c->known.etag);
		list = curl_slist_append(list, line);
		free(line);
	} else if (c->has_known && c->known.modified) {
		line = xasprintf("If-Modified-Since: %s", c->known.modified);
		list = curl_slist_append(list, line);
		free(line);
	}
	return list;
}

static void launch(struct http *h, struct http_call *c, int64_t now)
{
	int64_t left = h->o->deadline < 0 ? INT64_MAX : h->started + h->o->deadline - now;

	c->sent = request_headers(h, c);
	c->wire.url = c->at;
	c->wire.post = c->post;
	c->wire.headers = c->sent;
	c->wire.timeout_us = left < h->o->timeout ? left : h->o->timeout;
	c->wire.owner = c;
	c->state = HTTP_FLYING;
	h->sent++;
	h->setup.metrics->requests++;
	h->setup.metrics->retries += c->attempts + c->limits > 0;
	if (c->kind)
		httppace_sent(&h->pace, c->kind, now);
	httpwire_start(&h->wire, &c->wire);
}

/* Is it our turn among the processes of this token? What the others were told holds for us too. */
static bool may_go(struct http *h, int64_t now)
{
	int64_t waits[HTTP_LANES + 1] = {0};

	if (!httpturn_mine(&h->turn, now, stamp_now(), waits, HTTP_LANES + 1) ||
	    !httpturn_goes_on(&h->turn, now))
		return false;
	for (unsigned i = 0; i <= HTTP_LANES; i++)
		if (waits[i])
			http_limit(h, i, now + waits[i], "another run was told to wait");
	return true;
}

static bool is_spent(const struct http *h)
{
	return h->o->max_requests >= 0 && h->sent >= h->o->max_requests;
}

/* Sends what may be sent now. */
static void launch_ready(struct http *h, int *wait_ms)
{
	int64_t now = stamp_onward();

	for (struct http_call *c = h->first; c; c = c->next) {
		if (c->state != HTTP_QUEUED || h->wire.flying >= (unsigned)h->o->jobs)
			continue;
		if (is_spent(h)) {
			if (h->wire.flying)
				break; /* what was paid for is waited for */
			http_give_up(h, HTTP_ALL,
				     log_error(EX_TEMPFAIL,
					       "--max-requests: %" PRId64 " were sent; the next run goes on",
					       h->sent));
			return;
		}
		if (!http_is_ready(h, c, now, wait_ms))
			continue;
		if (http_beyond_deadline(h, HTTP_ALL, now, "time is up"))
			return;
		if (!may_go(h, now)) {
			*wait_ms = TURN_POLL_MS;
			break;
		}
		if (http_is_ready(h, c, now, wait_ms))
			launch(h, c, now);
	}
	if (!h->wire.flying)
		httpturn_pass(&h->turn, now);
}

static void drive(struct http *h)
{
	struct httpwire_exchange *x;
	int wait_ms = POLL_MS;
	bool any = false;

	launch_ready(h, &wait_ms);
	while (!http_over(h) && (x = httpwire_take(&h->wire))) {
		struct http_call *c = x->owner;

		land(h, c);
		http_answered(h, c);
		any = true;
	}
	if (!any && !http_over(h))
		httpwire_wait(&h->wire, wait_ms);
}

bool http_has_come(const struct http_call *call)
{
	return call->state == HTTP_FINISHED;
}

int http_receive(struct http *h, struct http_call *c, struct http_answer *a)
{
	int rc;

	*a = (struct http_answer){0};
	while (c->state != HTTP_FINISHED) {
		if (h->setup.stop && h->setup.stop()) {
			http_drop(h, c);
			return HTTP_STOPPED;
		}
		drive(h);
	}
	if (!h->wire.flying)
		httpturn_pass(&h->turn, stamp_onward());
	rc = c->rc;
	if (!rc) {
		*a = c->answer;
		c->answer = (struct http_answer){0};
	}
	http_drop(h, c);
	return rc;
}
