/* SPDX-License-Identifier: ISC */
#include "httpwire.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "xalloc.h"

enum { CONNECT_SECONDS = 20 };

bool httpwire_open(struct httpwire *w, const char *user_agent, const char *cacert)
{
	*w = (struct httpwire){.user_agent = user_agent, .cacert = cacert};
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, xmalloc, free, xrealloc, xstrdup, xcalloc))
		return false;
	w->multi = curl_multi_init();
	if (!w->multi)
		curl_global_cleanup();
	return w->multi != NULL;
}

void httpwire_close(struct httpwire *w)
{
	if (!w->multi)
		return;
	curl_multi_cleanup(w->multi);
	curl_global_cleanup();
	w->multi = NULL;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
	struct buf *b = user;

	buf_add(b, p, size * n);
	return b->over ? 0 : size * n;
}

/* A Link that does not fit would be the end of a list: what is too much fails as a whole. */
static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	struct buf *b = user;
	size_t len = size * n, name;
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
	return b->over ? 0 : size * n;
}

/*
 * What is not encrypted goes to this machine alone, with the token. A proxy is most often another one, and would be told
 * all of it.
 */
static void set_proxy(CURL *e, const char *url)
{
	if (strncasecmp(url, "https:", 6))
		curl_easy_setopt(e, CURLOPT_PROXY, "");
}

static void set_limits(CURL *e, const struct httpwire_exchange *x)
{
	long ms = (long)(x->timeout_us / 1000);

	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(e, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

void httpwire_start(struct httpwire *w, struct httpwire_exchange *x)
{
	CURL *e = curl_easy_init();

	if (!e)
		xalloc_die();
	buf_release(&x->body);
	buf_release(&x->headers_in);
	buf_init(&x->body, HTTPWIRE_BODY_MAX);
	buf_init(&x->headers_in, HTTPWIRE_HEADERS_MAX);
	x->status = 0;
	curl_easy_setopt(e, CURLOPT_URL, x->url);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT, w->user_agent);
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* one that failed may be kept among the connections to wait for, until the timeout */
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, x->end == HTTPWIRE_FAILED ? 0L : 1L);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, x->end == HTTPWIRE_FAILED ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	set_limits(e, x);
	set_proxy(e, x->url);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, &x->body);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, &x->headers_in);
	curl_easy_setopt(e, CURLOPT_PRIVATE, x);
	if (w->cacert)
		curl_easy_setopt(e, CURLOPT_CAINFO, w->cacert);
	if (x->post) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, x->post);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(x->post));
	}
	x->easy = e;
	w->flying++;
	curl_multi_add_handle(w->multi, e);
}

static enum httpwire_end end_of(CURLcode code, const struct httpwire_exchange *x)
{
	switch (code) {
	case CURLE_OK:
		return HTTPWIRE_ANSWERED;
	case CURLE_PEER_FAILED_VERIFICATION:
		return HTTPWIRE_UNTRUSTED;
	case CURLE_SSL_CACERT_BADFILE:
		return HTTPWIRE_NO_TRUST;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return HTTPWIRE_UNREACHABLE;
	default:
		return x->body.over || x->headers_in.over ? HTTPWIRE_TOO_LARGE : HTTPWIRE_FAILED;
	}
}

struct httpwire_exchange *httpwire_take(struct httpwire *w)
{
	int running, left;
	CURLMsg *message;

	curl_multi_perform(w->multi, &running);
	while ((message = curl_multi_info_read(w->multi, &left))) {
		struct httpwire_exchange *x = NULL;
		long status = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		x->status = (int)status;
		x->end = end_of(message->data.result, x);
		x->why = curl_easy_strerror(message->data.result);
		return x;
	}
	return NULL;
}

void httpwire_wait(struct httpwire *w, int ms)
{
	curl_multi_poll(w->multi, NULL, 0, ms, NULL);
}

void httpwire_stop(struct httpwire *w, struct httpwire_exchange *x)
{
	if (!x->easy)
		return;
	curl_multi_remove_handle(w->multi, x->easy);
	curl_easy_cleanup(x->easy);
	x->easy = NULL;
	w->flying--;
}
