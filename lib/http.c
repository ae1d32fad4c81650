/* SPDX-License-Identifier: ISC */
#include "http.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include <curl/curl.h>

#include "httpcache.h"
#include "httppace.h"
#include "httpturn.h"
#include "log.h"
#include "sha256.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	HEADERS_MAX = 256 << 10, /* bytes of the headers of one answer */
	REDIRECTS_MAX = 5,
	CONNECT_SECONDS = 20,
	LIMITS_MAX = 6,   /* times that one request may meet a limit */
	POLL_MS = 100,    /* how often a signal is looked for while waiting */
	TURN_POLL_MS = 10 /* and whether it is our turn */
};

enum state { QUEUED, FLYING, FINISHED };

struct http_call {
	struct http_call *next;
	enum state state;
	char *url, *at; /* what was asked; where redirects have led */
	char *key;      /* in the cache; NULL: it is not for the cache */
	char *post;
	char *kind; /* or NULL */
	struct curl_slist *headers;
	bool json;
	CURL *easy; /* while flying */
	struct curl_slist *sent;
	struct httpcache_entry known; /* what the cache has */
	bool has_known;
	int64_t not_before; /* microseconds since 1970 */
	unsigned attempts, limits, redirects;
	struct http_answer answer;
	int rc;
};

struct http {
	struct http_setup setup;
	const struct http_options *o;
	CURLM *multi;
	struct http_call *first, **last; /* in the order of asking */
	struct httpcache cache;
	struct httpturn turn;
	struct httppace pace;
	char *authorization;
	int64_t started, not_before; /* microseconds since 1970 */
	int64_t sent, remaining, reset;
	unsigned flying;
	uint32_t dice;
	bool over;
	int over_rc; /* why, as an exit code */
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

int http_open(struct http **out, const struct http_setup *setup)
{
	struct http *h = xcalloc(1, sizeof(*h));
	int rc = 0;

	*out = h;
	h->setup = *setup;
	h->o = setup->options;
	h->last = &h->first;
	h->remaining = h->reset = -1;
	h->started = stamp_now();
	h->dice = (uint32_t)h->started;
	if (!http_is_safe(setup->origin))
		return log_error(EX_CONFIG, "%s: only https, or http to this machine", setup->origin);
	if (setup->token && strpbrk(setup->token, "\r\n"))
		return log_error(EX_CONFIG, "the token has a line break in it");
	if (setup->cache_dir)
		rc = httpcache_open(&h->cache, setup->cache_dir);
	if (rc)
		return rc;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) || !(h->multi = curl_multi_init()))
		return log_error(EX_SOFTWARE, "libcurl does not start");
	if (setup->token) {
		char *credential = xasprintf("%s %s", setup->origin, setup->token);

		h->authorization = xasprintf("Authorization: Bearer %s", setup->token);
		if (!h->o->offline)
			httpturn_open(&h->turn, setup->state_dir, credential);
		explicit_bzero(credential, strlen(credential));
		free(credential);
	}
	return 0;
}

static void land(struct http *h, struct http_call *c)
{
	if (c->state != FLYING)
		return;
	curl_multi_remove_handle(h->multi, c->easy);
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->sent);
	c->easy = NULL;
	c->sent = NULL;
	c->state = QUEUED;
	h->flying--;
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
	if (h->multi)
		curl_multi_cleanup(h->multi);
	httpcache_close(&h->cache);
	httpturn_close(&h->turn);
	httppace_release(&h->pace);
	if (h->authorization)
		explicit_bzero(h->authorization, strlen(h->authorization));
	free(h->authorization);
	free(h);
	curl_global_cleanup();
}

void http_answer_release(struct http_answer *a)
{
	json_decref(a->json);
	buf_release(&a->body);
	buf_release(&a->headers);
	free(a->link);
	*a = (struct http_answer){0};
}

char *http_header(const struct http_answer *a, const char *name)
{
	size_t len = strlen(name), i = 0;

	while (i < a->headers.len) {
		const char *line = a->headers.data + i;
		const char *end = memchr(line, '\n', a->headers.len - i);
		size_t n = (size_t)(end - line);

		if (n > len + 1 && !memcmp(line, name, len) && line[len] == ':')
			return xstrndup(line + len + 2, n - len - 2);
		i += n + 1;
	}
	return NULL;
}

bool http_over(const struct http *h)
{
	return h->over;
}

int64_t http_pace(const struct http *h, const char *kind)
{
	return httppace_of(&h->pace, kind);
}

void http_quota(const struct http *h, int64_t *remaining, int64_t *reset)
{
	*remaining = h->remaining;
	*reset = h->reset;
}

/* ---- the end of a call ---- */

static void finish(struct http_call *c, int rc)
{
	c->state = FINISHED;
	c->rc = rc;
}

/* The whole run is over: what waits, waits for nothing. */
static void give_up(struct http *h, int rc)
{
	h->over = true;
	h->over_rc = rc;
	for (struct http_call *c = h->first; c; c = c->next) {
		land(h, c);
		if (c->state != FINISHED)
			finish(c, rc);
	}
}

static bool parse(struct http_call *c, struct buf *body)
{
	if (!c->json)
		return true;
	if (body->len)
		http_repair(body->data, body->len);
	c->answer.json = json_loadb(body->len ? body->data : "", body->len, JSON_ALLOW_NUL, NULL);
	return c->answer.json != NULL;
}

/* Answers from the cache; false where what lies there is of no use. */
static bool answer_known(struct http *h, struct http_call *c)
{
	if (!parse(c, &c->known.body))
		return false;
	c->answer.status = 200;
	c->answer.date = -1;
	c->answer.cached = true;
	free(c->answer.link);
	c->answer.link = c->known.link;
	c->known.link = NULL;
	buf_release(&c->answer.body);
	if (!c->json) {
		c->answer.body = c->known.body;
		c->known.body = (struct buf){0};
	}
	h->setup.metrics->cache_hits++;
	finish(c, 0);
	return true;
}

static void keep(struct http *h, struct http_call *c)
{
	struct httpcache_entry e = {.body = c->answer.body, .link = c->answer.link};

	if (!c->key)
		return;
	e.etag = http_header(&c->answer, "etag");
	e.modified = http_header(&c->answer, "last-modified");
	httpcache_put(&h->cache, c->key, &e);
	free(e.etag);
	free(e.modified);
}

/* ---- asking ---- */

struct http_call *http_send(struct http *h, const struct http_request *r)
{
	struct http_call *c = xcalloc(1, sizeof(*c));
	char hash[SHA256_HEX] = "";

	c->url = xstrdup(r->url);
	c->at = xstrdup(r->url);
	c->post = r->post ? xstrdup(r->post) : NULL;
	c->kind = r->kind ? xstrdup(r->kind) : NULL;
	c->json = r->json;
	for (const char *const *line = r->headers; line && *line; line++)
		c->headers = curl_slist_append(c->headers, *line);
	*h->last = c;
	h->last = &c->next;
	if (!r->uncached && h->cache.dir) {
		if (c->post)
			sha256_hex(c->post, strlen(c->post), hash);
		c->key = xasprintf("%s %s%s%s", c->post ? "POST" : "GET", c->url, c->post ? " " : "", hash);
		c->has_known = (!c->post || h->o->offline) && httpcache_get(&h->cache, c->key, &c->known);
	}
	if (h->over)
		finish(c, h->over_rc);
	else if (h->o->offline && !(c->has_known && answer_known(h, c)))
		finish(c, log_error(EX_NOINPUT, "%s: --offline, and the cache has no answer", c->url));
	return c;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct buf *b = user;

	buf_add(b, p, size * n);
	return b->over ? 0 : size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	struct buf *b = user;
	size_t len = size * n, name = 0, start = b->len;
	const char *colon = memchr(p, ':', len);

	if (len > 5 && !memcmp(p, "HTTP/", 5)) {
		buf_reset(b); /* an interim answer came before */
		return len;
	}
	if (!colon)
		return len;
	name = (size_t)(colon - p);
	for (size_t i = 0; i < name; i++)
		buf_addc(b, (char)tolower((unsigned char)p[i]));
	buf_adds(b, ": ");
	for (p += name + 1, len -= name + 1; len && (*p == ' ' || *p == '\t'); len--)
		p++;
	while (len && strchr("\r\n \t", p[len - 1]))
		len--;
	buf_add(b, p, len);
	buf_addc(b, '\n');
	if (b->over)
		b->len = start;
	return size * n;
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

static void launch(struct http *h, struct http_call *c)
{
	CURL *e = curl_easy_init();
	long timeout = (long)(h->o->timeout / 1000);

	if (!e)
		abort();
	http_answer_release(&c->answer);
	buf_init(&c->answer.body, HTTP_BODY_MAX);
	buf_init(&c->answer.headers, HEADERS_MAX);
	c->sent = request_headers(h, c);
	curl_easy_setopt(e, CURLOPT_URL, c->at);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->sent);
	curl_easy_setopt(e, CURLOPT_USERAGENT, h->setup.user_agent);
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(e, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, &c->answer.body);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, &c->answer.headers);
	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	if (h->o->cacert)
		curl_easy_setopt(e, CURLOPT_CAINFO, h->o->cacert);
	if (c->post) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->post);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(c->post));
	}
	c->easy = e;
	c->state = FLYING;
	h->flying++;
	h->sent++;
	h->setup.metrics->requests++;
	h->setup.metrics->retries += c->attempts + c->limits > 0;
	if (c->kind)
		httppace_sent(&h->pace, c->kind, stamp_now());
	curl_multi_add_handle(h->multi, e);
}

/* ---- waiting ---- */

/* Is the time past what the run may take? Then that is said and the run is over. */
static bool beyond_deadline(struct http *h, int64_t until, const char *why)
{
	char text[STAMP_SIZE];

	if (h->o->deadline < 0 || until <= h->started + h->o->deadline)
		return false;
	stamp_format(until / STAMP_SECOND * STAMP_SECOND, text);
	h->setup.metrics->retry_at_us = until;
	give_up(h, log_error(EX_TEMPFAIL,
			     "%s: to go on before %s makes no sense, and --deadline is earlier; the next run "
			     "goes on",
			     why, text));
	return true;
}

/* Says that the server wants a pause; where that is learnt about a kind, once. */
static void say_wait(const struct http *h, const struct http_call *c, const char *what, int64_t until)
{
	char text[STAMP_SIZE];

	stamp_format(until / STAMP_SECOND * STAMP_SECOND, text);
	if (!c->kind)
		log_note("%s: waiting until %s", what, text);
	else if (!httppace_of(&h->pace, c->kind))
		log_note("%s: %s: waiting until %s, and then at the pace of the server", c->kind, what, text);
	else
		log_verbose("%s: %s: waiting until %s", c->kind, what, text);
}

/* A limit stands for everything that this credential asks, or for one kind of it. */
static void wait_for_limit(struct http *h, struct http_call *c, enum http_verdict v,
			   const struct http_signs *s)
{
	const char *what =
		v == HTTP_LIMITED ? "the quota is used up" : "too many requests at once, says the server";
	int64_t now = stamp_now(), until = now + http_wait(v, s, c->limits, h->dice, now / STAMP_SECOND);

	c->state = QUEUED;
	c->limits++;
	if (beyond_deadline(h, until, what))
		return;
	if (c->limits > LIMITS_MAX) {
		h->setup.metrics->retry_at_us = until;
		give_up(h, log_error(EX_TEMPFAIL, "%s, again and again; come back later", what));
		return;
	}
	if (until > h->not_before + STAMP_SECOND && until > now + STAMP_SECOND)
		say_wait(h, c, what, until);
	if (c->kind) {
		h->setup.metrics->throttled_us += until - now;
		httppace_limited(&h->pace, c->kind, now, until - now);
		return;
	}
	if (until > h->not_before) {
		h->setup.metrics->throttled_us += until - (h->not_before > now ? h->not_before : now);
		h->not_before = until;
	}
	httpturn_tell(&h->turn, until);
}

/* It failed for now, as `why` says. */
static void again(struct http *h, struct http_call *c, const struct http_signs *s, const char *why,
		  bool unreachable)
{
	int64_t now = stamp_now();

	c->state = QUEUED;
	if (c->attempts >= (unsigned)h->o->retries) {
		int rc = log_error(EX_TEMPFAIL, "%s: %s, %u times; come back later", c->url, why,
				   c->attempts + 1);

		if (unreachable)
			give_up(h, rc);
		else
			finish(c, rc);
		return;
	}
	h->dice = h->dice * 1664525U + 1013904223U;
	c->not_before = now + http_wait(HTTP_AGAIN, s, c->attempts++, h->dice >> 8, now / STAMP_SECOND);
	log_verbose("%s: %s; trying again", c->url, why);
	beyond_deadline(h, c->not_before, why);
}

/* ---- answers ---- */

static void moved(struct http_call *c)
{
	char *to = http_header(&c->answer, "location"), *url = NULL;
	CURLU *u = curl_url();

	c->state = QUEUED;
	if (!u)
		abort();
	if (to && !curl_url_set(u, CURLUPART_URL, c->at, 0) && !curl_url_set(u, CURLUPART_URL, to, 0))
		curl_url_get(u, CURLUPART_URL, &url, 0);
	if (!url || !http_is_safe(url) || ++c->redirects > REDIRECTS_MAX || c->post) {
		finish(c, log_error(EX_DATAERR, "%s: moved to %s, where it is not followed", c->url,
				    to ? to : "nowhere"));
	} else {
		log_verbose("%s: moved to %s", c->at, url);
		free(c->at);
		c->at = xstrdup(url);
	}
	curl_free(url);
	curl_url_cleanup(u);
	free(to);
}

static int64_t number_header(const struct http_answer *a, const char *name)
{
	char *text = http_header(a, name), *end;
	int64_t v = text && isdigit((unsigned char)*text) ? strtoll(text, &end, 10) : -1;

	free(text);
	return v;
}

static struct http_signs read_signs(struct http *h, const struct http_answer *a)
{
	char *date = http_header(a, "date"), *after = http_header(a, "retry-after");
	struct http_signs s = HTTP_SIGNS_INIT;

	s.status = a->status;
	s.remaining = number_header(a, "x-ratelimit-remaining");
	s.reset = number_header(a, "x-ratelimit-reset");
	s.date = date ? (int64_t)curl_getdate(date, NULL) : -1;
	s.retry_after = after ? http_retry_after(after, s.date) : -1;
	s.body = a->body.data;
	s.body_len = a->body.len < 4096 ? a->body.len : 4096;
	if (s.remaining >= 0) {
		h->remaining = s.remaining;
		h->reset = s.reset;
	}
	free(date);
	free(after);
	return s;
}

/* What the answer means, by its status and, where that is 200, by what the caller reads in it. */
static enum http_verdict judge(struct http *h, struct http_call *c, const struct http_signs *s, const char **why)
{
	enum http_verdict v = http_judge(s);

	if (v != HTTP_DONE || s->status != 200)
		return v;
	*why = "an answer that is no JSON";
	if (!parse(c, &c->answer.body))
		return HTTP_AGAIN;
	return h->setup.judge && c->answer.json ? h->setup.judge(c->answer.json, why) : v;
}

static void answered(struct http *h, struct http_call *c)
{
	struct http_signs s = read_signs(h, &c->answer);
	const char *reason = NULL;
	char why[40];

	c->answer.verdict = judge(h, c, &s, &reason);
	c->answer.date = s.date;
	c->answer.link = http_header(&c->answer, "link");
	log_verbose("%s %s: %d", c->post ? "POST" : "GET", c->at, s.status);
	switch (c->answer.verdict) {
	case HTTP_MOVED:
		moved(c);
		return;
	case HTTP_LIMITED:
	case HTTP_SECONDARY:
		wait_for_limit(h, c, c->answer.verdict, &s);
		return;
	case HTTP_AGAIN:
		snprintf(why, sizeof(why), "%d from the server", s.status);
		again(h, c, &s, reason ? reason : why, false);
		return;
	case HTTP_DONE:
	case HTTP_REFUSED:
		break;
	}
	if (s.status == 304 && c->has_known && answer_known(h, c)) {
		httpcache_touch(&h->cache, c->key);
	} else if (s.status == 304) {
		c->has_known = false; /* what lies there is damaged: ask for the whole */
		again(h, c, &s, "304 for an answer that is not in the cache", false);
	} else {
		if (s.status == 200)
			keep(h, c);
		if (c->answer.json)
			buf_release(&c->answer.body);
		finish(c, 0);
	}
}

static bool is_unreachable(CURLcode code)
{
	return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
	       code == CURLE_COULDNT_CONNECT;
}

static void failed(struct http *h, struct http_call *c, CURLcode code)
{
	struct http_signs none = HTTP_SIGNS_INIT;

	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		give_up(h,
			log_error(EX_UNAVAILABLE,
				  "%s: its certificate is not trusted; --cacert names one that is", c->at));
		break;
	case CURLE_SSL_CACERT_BADFILE:
		give_up(h, log_error(EX_CONFIG, "--cacert %s: holds no certificate that can be read",
				     h->o->cacert ? h->o->cacert : ""));
		break;
	case CURLE_WRITE_ERROR:
		finish(c, log_error(EX_DATAERR, "%s: an answer over %d MiB", c->url, HTTP_BODY_MAX >> 20));
		break;
	default:
		again(h, c, &none, curl_easy_strerror(code), is_unreachable(code));
	}
}

/* True when there were any. */
static bool take_answers(struct http *h)
{
	bool any = false;
	CURLMsg *message;
	int left;

	while (!h->over && (message = curl_multi_info_read(h->multi, &left))) {
		CURLcode code = message->data.result;
		struct http_call *c = NULL;
		long status = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		land(h, c);
		c->answer.status = (int)status;
		if (code)
			failed(h, c, code);
		else
			answered(h, c);
		any = true;
	}
	return any;
}

/* Sends what may be sent now; *wait_ms becomes when to look again. */
static void launch_ready(struct http *h, int *wait_ms)
{
	int64_t now = stamp_now();

	for (struct http_call *c = h->first; c; c = c->next) {
		int64_t from = c->not_before > h->not_before ? c->not_before : h->not_before;
		int64_t pace = c->kind ? httppace_at(&h->pace, c->kind) : 0;

		from = pace > from ? pace : from;
		if (c->state != QUEUED || h->flying >= (unsigned)h->o->jobs)
			continue;
		if (from > now) {
			int64_t ms = (from - now) / 1000 + 1;

			*wait_ms = ms < *wait_ms ? (int)ms : *wait_ms;
			if (pace == from && beyond_deadline(h, from, "the server's pace"))
				return;
			continue;
		}
		if (beyond_deadline(h, now, "time is up"))
			return;
		if (h->o->max_requests >= 0 && h->sent >= h->o->max_requests) {
			give_up(h, log_error(EX_TEMPFAIL,
					     "--max-requests: %" PRId64 " were sent; the next run goes on",
					     h->sent));
			return;
		}
		if (!httpturn_mine(&h->turn, now, &h->not_before) || !httpturn_goes_on(&h->turn, now)) {
			*wait_ms = TURN_POLL_MS;
			break;
		}
		if (h->not_before > now) {
			*wait_ms = TURN_POLL_MS;
			continue;
		}
		launch(h, c);
	}
	if (!h->flying)
		httpturn_pass(&h->turn, now);
}

static void drive(struct http *h)
{
	int wait_ms = POLL_MS, running;

	launch_ready(h, &wait_ms);
	curl_multi_perform(h->multi, &running);
	if (!take_answers(h) && !h->over)
		curl_multi_poll(h->multi, NULL, 0, wait_ms, NULL);
}

int http_receive(struct http *h, struct http_call *c, struct http_answer *a)
{
	int rc;

	*a = (struct http_answer){0};
	while (c->state != FINISHED) {
		if (h->setup.stop && h->setup.stop()) {
			http_drop(h, c);
			return HTTP_STOPPED;
		}
		drive(h);
	}
	if (!h->flying)
		httpturn_pass(&h->turn, stamp_now());
	rc = c->rc;
	if (!rc) {
		*a = c->answer;
		c->answer = (struct http_answer){0};
	}
	http_drop(h, c);
	return rc;
}
