/* SPDX-License-Identifier: ISC */
#include "httprule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "bytes.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	SECONDARY_WAIT = 60, /* seconds, doubled with each attempt */
	FIRST_WAIT = 500000, /* microseconds before the first retry, doubled with each */
};

#define SECONDS_MAX (HTTP_WAIT_MAX / STAMP_SECOND)

static bool says(const struct http_signs *s, const char *words)
{
	size_t n = strlen(words);

	for (size_t i = 0; s->body && i + n <= s->body_len; i++)
		if (!strncasecmp(s->body + i, words, n))
			return true;
	return false;
}

/* 403 and 429 are a limit or a refusal; the order is that of GitHub's documentation. */
static enum http_verdict judge_limit(const struct http_signs *s)
{
	bool secondary = says(s, "secondary rate") || says(s, "abuse");

	if (s->remaining == 0 && !secondary)
		return HTTP_LIMITED;
	if (s->retry_after >= 0 || secondary || s->status == 429)
		return HTTP_SECONDARY;
	return says(s, "rate limit exceeded") ? HTTP_LIMITED : HTTP_REFUSED;
}

enum http_verdict http_judge(const struct http_signs *s)
{
	switch (s->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return HTTP_MOVED;
	case 401:
		return HTTP_REFUSED;
	case 403:
	case 429:
		return judge_limit(s);
	case 408:
	case 425:
	case 500:
	case 502:
	case 503:
	case 504:
		return HTTP_AGAIN;
	default:
		return HTTP_DONE;
	}
}

static int64_t bounded(int64_t seconds)
{
	return (seconds < 0 ? 0 : seconds > SECONDS_MAX ? SECONDS_MAX : seconds) * STAMP_SECOND;
}

int64_t http_wait(enum http_verdict v, const struct http_signs *s, unsigned attempt, uint32_t dice,
		  int64_t now)
{
	unsigned shift = attempt < 6 ? attempt : 6;
	int64_t base;

	if (s->retry_after >= 0)
		return bounded(s->retry_after);
	if (v == HTTP_LIMITED || (v == HTTP_SECONDARY && s->remaining == 0)) {
		if (s->reset >= 0) /* and a second, for clocks are not exact */
			return bounded(s->reset - (s->date >= 0 ? s->date : now) + 1);
		return bounded(SECONDARY_WAIT);
	}
	if (v == HTTP_SECONDARY)
		return bounded((int64_t)SECONDARY_WAIT << shift);
	base = (int64_t)FIRST_WAIT << shift;
	return base / 2 + (int64_t)(dice % (uint32_t)(base / 2 + 1));
}

int64_t http_retry_after(const char *value, int64_t date)
{
	char *end;
	int64_t when;
	long long seconds;

	while (*value == ' ')
		value++;
	if (*value >= '0' && *value <= '9') {
		seconds = strtoll(value, &end, 10);
		return seconds < 0 || seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
	}
	when = http_date(value);
	if (when < 0 || date < 0)
		return -1;
	return when > date ? when - date : 0;
}

int64_t http_date(const char *value)
{
	time_t when = curl_getdate(value, NULL);

	return when < 0 ? -1 : (int64_t)when;
}

/* ---- Link ---- */

/* Is `rel` one of the words in the n bytes at p? */
static bool has_word(const char *p, size_t n, const char *rel)
{
	size_t len = strlen(rel);

	while (n) {
		size_t word = 0;

		while (word < n && p[word] != ' ' && p[word] != '\t')
			word++;
		if (word == len && !strncasecmp(p, rel, len))
			return true;
		word += word < n;
		p += word;
		n -= word;
	}
	return false;
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t");
}

/* One parameter, from its name on; *matches when it is rel and names the relation. Returns what follows. */
static const char *parameter(const char *p, const char *rel, bool *matches)
{
	size_t name = strcspn(p, "=;, \t");
	bool is_rel = name == 3 && !strncasecmp(p, "rel", 3);
	const char *value;
	size_t n;

	p = skip_space(p + name);
	if (*p != '=')
		return p;
	p = skip_space(p + 1);
	if (*p == '"') {
		value = p + 1;
		n = strcspn(value, "\"");
		p = value + n + (value[n] == '"');
	} else {
		value = p;
		n = strcspn(p, ";, \t");
		p += n;
	}
	if (is_rel)
		*matches = has_word(value, n, rel);
	return p;
}

char *http_link(const char *header, const char *rel)
{
	const char *p = header;

	while ((p = strchr(p, '<'))) {
		const char *url = p + 1, *end = strchr(url, '>');
		bool matches = false;

		if (!end)
			return NULL;
		for (p = skip_space(end + 1); *p == ';'; p = skip_space(p))
			p = parameter(skip_space(p + 1), rel, &matches);
		if (matches && end > url)
			return xstrndup(url, (size_t)(end - url));
	}
	return NULL;
}

/* ---- JSON text ---- */

/* The surrogate escaped at p, 0 where there is none. */
static int surrogate(const char *p, size_t n)
{
	int unit = n >= 6 && p[0] == '\\' && p[1] == 'u' ? bytes_hex(p + 2, p + n, 4) : 0;

	return unit >= 0xD800 && unit <= 0xDFFF ? unit : 0;
}

size_t http_repair(char *p, size_t n)
{
	size_t repaired = 0, i = 0;

	while (i < n) {
		char *backslash = memchr(p + i, '\\', n - i);
		int first;

		if (!backslash)
			break;
		i = (size_t)(backslash - p);
		first = surrogate(p + i, n - i);
		if (!first) {
			i += 2;
		} else if (first < 0xDC00 && surrogate(p + i + 6, n - i - 6) >= 0xDC00) {
			i += 12;
		} else {
			memcpy(p + i + 2, "fffd", 4);
			repaired++;
			i += 6;
		}
	}
	return repaired;
}

/* ---- origins ---- */

struct origin {
	char *scheme, *host, *port;
};

static void origin_release(struct origin *o)
{
	curl_free(o->scheme);
	curl_free(o->host);
	curl_free(o->port);
}

/* Did it work? No memory is no answer: a page that is there would be taken for one that is not. */
static bool worked(CURLUcode code)
{
	if (code == CURLUE_OUT_OF_MEMORY)
		xalloc_die();
	return !code;
}

static CURLU *new_url(void)
{
	CURLU *u = curl_url();

	if (!u)
		xalloc_die();
	return u;
}

static bool origin_of(const char *url, struct origin *o)
{
	CURLU *u = new_url();
	bool whole;

	*o = (struct origin){0};
	whole = worked(curl_url_set(u, CURLUPART_URL, url, 0)) &&
		worked(curl_url_get(u, CURLUPART_SCHEME, &o->scheme, 0)) &&
		worked(curl_url_get(u, CURLUPART_HOST, &o->host, 0)) &&
		worked(curl_url_get(u, CURLUPART_PORT, &o->port, CURLU_DEFAULT_PORT));
	curl_url_cleanup(u);
	return whole && (!strcmp(o->scheme, "https") || !strcmp(o->scheme, "http"));
}

bool http_same_origin(const char *a, const char *b)
{
	struct origin x, y;
	bool same = origin_of(a, &x);

	same &= origin_of(b, &y);
	same = same && !strcmp(x.scheme, y.scheme) && !strcasecmp(x.host, y.host) && !strcmp(x.port, y.port);
	origin_release(&x);
	origin_release(&y);
	return same;
}

char *http_host(const char *url)
{
	struct origin o;
	char *host = origin_of(url, &o) ? xstrdup(o.host) : NULL;

	origin_release(&o);
	return host;
}

bool http_is_safe(const char *url)
{
	struct origin o;
	bool safe = origin_of(url, &o) && (!strcmp(o.scheme, "https") || !strcmp(o.host, "127.0.0.1") ||
					   !strcmp(o.host, "[::1]") || !strcasecmp(o.host, "localhost"));

	origin_release(&o);
	return safe;
}

char *http_location(const char *from, const char *location)
{
	CURLU *u = new_url();
	char *url = NULL, *copy = NULL;

	/* from https never to http, not even on this machine */
	if (worked(curl_url_set(u, CURLUPART_URL, from, 0)) &&
	    worked(curl_url_set(u, CURLUPART_URL, location, 0)) &&
	    worked(curl_url_get(u, CURLUPART_URL, &url, 0)) && http_is_safe(url) &&
	    (strncasecmp(from, "https:", 6) != 0 || !strncasecmp(url, "https:", 6)))
		copy = xstrdup(url);
	curl_free(url);
	curl_url_cleanup(u);
	return copy;
}

/* Where the path begins: behind scheme and host. */
static const char *path_of(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? host + 3 + strcspn(host + 3, "/?#") : url;
}

const char *http_below(const char *url, const char *base)
{
	const char *path = path_of(url), *top = path_of(base);
	size_t n = strlen(top);

	return http_same_origin(url, base) && !strncmp(path, top, n) && path[n] == '/' ? path + n : NULL;
}
