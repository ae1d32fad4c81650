/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <string.h>
#include <strings.h>

#include "draft.h"
#include "event.h"
#include "jsonout.h"
#include "jsontext.h"
#include "pen.h"
#include "redact.h"
#include "text.h"

/* Bytes. The closer cut is for a line that escapes made too long: then even texts that are nothing but escapes fit
 * into EVENT_LINE_MAX all together. */
enum {
	FIXED_MAX = 4096, /* more than all names, brackets, numbers and hashes of a line */
	COPIES = 4,       /* how often a text may stand in a line: of the path content, path, route and url */
	CLOSE_TEXT_MAX = 4096,
	CLOSE_CONTENT_MAX = EVENT_TEXT_MAX / 8,
	CLOSE_EXTRA_MAX = 131072,
};

/* ---- the constant parts ---- */

static void make_head(struct buf *head, const char *source_id, const char *kind)
{
	struct jsonout j = {.out = head, .more = true};

	buf_addc(head, '"');
	jsonout_member(&j, "source_id", source_id);
	jsonout_member(&j, "source_type", "apilog");
	jsonout_member(&j, "kind", kind);
	buf_adds(head, ",\"timestamp\":\"");
}

void request_init(struct request *q, const char *source_id, int64_t project, const char *session, bool redact)
{
	struct jsonout j = {.out = &q->session, .more = true};

	*q = (struct request){.redact = redact, .own_session = session != NULL, .second = INT64_MIN};
	make_head(&q->request_head, source_id, "request");
	make_head(&q->log_head, source_id, "log");
	jsonout_member_int(&j, "project_id", project);
	jsonout_member(&j, "session_id", session ? session : "");
	q->session.len--; /* the closing quote */
	jsonout_string(&q->source, source_id, strlen(source_id));
	memmove(q->source.data, q->source.data + 1, --q->source.len); /* the opening quote */
	q->source.data[q->source.len - 1] = '/';                      /* the closing one */
}

void request_release(struct request *q)
{
	buf_release(&q->request_head);
	buf_release(&q->log_head);
	buf_release(&q->session);
	buf_release(&q->source);
	buf_release(&q->usual);
	buf_release(&q->work);
	*q = (struct request){0};
}

/* ---- the line ---- */

/* error and worse, as the usual loggers name and number it. */
static bool is_error_level(struct slice level)
{
	static const char *const words[] = {"error", "err",   "fatal",     "critical", "crit",  "alert",
					    "emerg", "panic", "emergency", "dpanic",   "severe"};
	int v = 0;

	if (!level.n || level.n > 9)
		return false;
	if ((unsigned)(level.p[0] - '0') <= 9) {
		for (size_t i = 0; i < level.n; i++) {
			if ((unsigned)(level.p[i] - '0') > 9)
				return false;
			v = v * 10 + (level.p[i] - '0');
		}
		return v >= 50; /* pino, bunyan */
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == level.n && !strncasecmp(words[i], level.p, level.n))
			return true;
	return false;
}

/* The host without the user part that an absolute-form target has before it. */
static struct slice bare_host(struct slice host)
{
	const char *at = host.n ? memrchr(host.p, '@', host.n) : NULL;

	return at ? (struct slice){at + 1, (size_t)(host.p + host.n - at - 1)} : host;
}

static size_t text_bytes(const struct record *r)
{
	return r->method.n + r->path.n + r->query.n + r->protocol.n + r->remote.n + r->user.n + r->agent.n +
	       r->referrer.n + r->host.n + r->request_id.n + r->level.n + r->message.n + r->error.n;
}

static void write_draft(struct request *q, struct buf *out, const struct place *at, const char *line,
			size_t n, const struct record *r, struct slice extra, size_t bytes, unsigned cut)
{
	size_t readable = at->readable ? (size_t)(at->readable - line) : n;
	unsigned code = (unsigned)r->status;
	struct draft d = {
		.r = r,
		.is_log = !r->method.n && !r->path.n && !r->status,
		.cut = cut,
		.status = {(char)('0' + code / 100), (char)('0' + code / 10 % 10), (char)('0' + code % 10)},
		.line = line,
		.room = readable >= PEN_AHEAD ? readable - PEN_AHEAD + 1 : 0,
		.duration_us = r->duration_us >= 0 && r->duration_us < INT64_C(1) << 53 ? r->duration_us
											: RECORD_NONE,
		.path = r->path,
		.query = r->query,
		.referrer = r->referrer,
		.host = r->host,
		.message = r->message,
		.extra = extra};
	char *p;

	d.failed = r->status ? r->status >= 400 && r->status < 600 : is_error_level(r->level);
	buf_reset(&q->work);
	buf_reserve(&q->work, 8 * (bytes + extra.n) + 64); /* nothing that points into it may move */
	if (q->redact) {
		d.path = redact_text(&q->work, d.path);
		if (d.query.n)
			d.query = redact_query(&q->work, d.query);
		if (d.referrer.n)
			d.referrer = redact_text(&q->work, d.referrer);
		d.host = bare_host(d.host);
		if (d.message.n)
			d.message = redact_message(&q->work, d.message);
		if (d.extra.n)
			d.extra = redact_members(&q->work, d.extra);
	}
	buf_reserve(out, PEN_TEXT(COPIES * bytes) + 2 * extra.n + q->session.len + q->source.len +
				 q->request_head.len + FIXED_MAX);
	p = draft_line(q, out->data + out->len, at, line, n, &d);
	out->len = (size_t)(p - out->data);
}

/* The same with every text cut that is longer than it may be. */
static void write_cut(struct request *q, struct buf *out, const struct place *at, const char *line, size_t n,
		      const struct record *r, size_t text_max, size_t content_max, size_t extra_max)
{
	struct record fitted = *r;
	struct slice extra = {r->extra.data, r->extra.len};
	unsigned cut = 0;

	for (unsigned i = 0; i < DRAFT_TEXTS; i++) {
		struct slice *s = (struct slice *)(void *)((char *)&fitted + draft_texts[i].at);

		if (s->n > text_max) {
			s->n = text_clip(s->p, s->n, text_max);
			cut |= 1u << i;
		}
	}
	if (r->method.n || r->path.n || r->status)
		content_max = text_max;
	if (fitted.message.n > content_max) {
		fitted.message.n = text_clip(fitted.message.p, fitted.message.n, content_max);
		cut |= DRAFT_CUT_MESSAGE;
	}
	extra.n = jsontext_clip_members(extra.p, extra.n, extra_max);
	if (extra.n < r->extra.len || r->extra.over)
		cut |= DRAFT_CUT_EXTRA;
	write_draft(q, out, at, line, n, &fitted, extra, text_bytes(&fitted), cut);
}

void request_line(struct request *q, struct buf *out, const struct place *at, const char *line, size_t n,
		  const struct record *r)
{
	size_t start = out->len, bytes = text_bytes(r);

	if (bytes <= REQUEST_TEXT_MAX && r->extra.len <= EVENT_TEXT_MAX && !r->extra.over)
		write_draft(q, out, at, line, n, r, (struct slice){r->extra.data, r->extra.len}, bytes, 0);
	else
		write_cut(q, out, at, line, n, r, REQUEST_TEXT_MAX, EVENT_TEXT_MAX, EVENT_TEXT_MAX);
	if (out->len - start <= EVENT_LINE_MAX)
		return;
	out->len = start;
	write_cut(q, out, at, line, n, r, CLOSE_TEXT_MAX, CLOSE_CONTENT_MAX, CLOSE_EXTRA_MAX);
}
