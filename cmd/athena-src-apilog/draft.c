/* SPDX-License-Identifier: ISC */
#include "draft.h"

#include <string.h>
#include <strings.h>

#include "pen.h"
#include "route.h"
#include "stamp.h"

enum { STAMP_WHOLE = 19 }; /* bytes of 2026-11-24T03:00:00 */

const struct draft_text draft_texts[DRAFT_TEXTS] = {
	{"method", offsetof(struct record, method)}, {"path", offsetof(struct record, path)},
	{"query", offsetof(struct record, query)},   {"protocol", offsetof(struct record, protocol)},
	{"remote", offsetof(struct record, remote)}, {"actor", offsetof(struct record, user)},
	{"agent", offsetof(struct record, agent)},   {"referrer", offsetof(struct record, referrer)},
	{"host", offsetof(struct record, host)},     {"request_id", offsetof(struct record, request_id)},
	{"level", offsetof(struct record, level)},   {"error_type", offsetof(struct record, error)},
};

/* ---- the time ---- */

/* What a line without a session of its own has: --session, or the source and the day. */
static void usual_session(struct request *q)
{
	buf_reset(&q->usual);
	buf_add(&q->usual, q->session.data, q->session.len);
	if (!q->own_session) {
		buf_add(&q->usual, q->source.data, q->source.len);
		buf_add(&q->usual, q->stamp, REQUEST_DAY);
	}
	buf_addc(&q->usual, '"');
}

/* Seconds and the fraction in microseconds of a time, and its whole seconds as text. */
static const char *stamp_of(struct request *q, int64_t time, unsigned *fraction)
{
	int64_t second = time / STAMP_SECOND, rest = time % STAMP_SECOND;

	if (rest < 0) {
		rest += STAMP_SECOND;
		second--;
	}
	*fraction = (unsigned)rest;
	if (second != q->second) {
		stamp_format(second * STAMP_SECOND, q->stamp);
		q->second = second;
		usual_session(q);
	}
	return q->stamp;
}

/* ---- members ---- */

/* A text that is long, or stands elsewhere than in the line. */
static char *any_text(char *p, struct slice s, bool plain)
{
	return plain ? pen_plain(p, s.p, s.n) : pen_text(p, s.p, s.n);
}

/* Any text, which is plain or is looked at. Most are short. */
static inline char *text_as(char *p, const struct draft *d, struct slice s, bool plain)
{
	if (s.n <= PEN_AHEAD && (uintptr_t)s.p - (uintptr_t)d->line < d->room)
		return pen_ahead(p, s.p, s.n, plain);
	return any_text(p, s, plain);
}

static char *text(char *p, const struct draft *d, struct slice s)
{
	return text_as(p, d, s, d->r->plain);
}

/* A text member behind another: head is `,"name":"`. Nothing where the record has no such text. */
static inline char *text_member(char *p, const struct draft *d, const char *head, size_t head_len,
				struct slice s)
{
	if (!s.n)
		return p;
	p = pen_bytes(p, head, head_len);
	p = text(p, d, s);
	*p++ = '"';
	return p;
}

#define MEMBER(p, d, name, slice) text_member(p, d, ",\"" name "\":\"", sizeof(",\"" name "\":\"") - 1, slice)

/* Of a text that may hold a quote where the rest of the record is plain. */
static char *careful_member(char *p, const struct draft *d, const char *head, struct slice s)
{
	if (!s.n)
		return p;
	p = pen_bytes(p, head, strlen(head));
	p = text_as(p, d, s, false);
	*p++ = '"';
	return p;
}

static char *integer(char *p, int64_t v)
{
	bool large = v > INT64_C(1) << 53;

	if (large)
		*p++ = '"';
	p = pen_number(p, (uint64_t)v);
	if (large)
		*p++ = '"';
	return p;
}

static char *fraction(char *p, unsigned v, int digits)
{
	*p++ = '.';
	for (int i = digits - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	p += digits;
	while (p[-1] == '0')
		p--;
	return p;
}

static inline char *status(char *p, const struct draft *d)
{
	memcpy(p, d->status, sizeof(d->status));
	return p + 3;
}

/* GET /api/v1/users 503 in 1204 ms: what of it is known. */
static char *write_summary(char *p, const struct draft *d)
{
	const struct record *r = d->r;
	char *start = p;

	if (r->method.n) {
		p = text(p, d, r->method);
		*p++ = ' ';
	}
	if (d->path.n) {
		p = text(p, d, d->path);
		*p++ = ' ';
	}
	if (r->status) {
		p = status(p, d);
		*p++ = ' ';
	}
	if (d->duration_us != RECORD_NONE && p > start) {
		p = pen_lit(p, "in ");
		p = pen_number(p, (uint64_t)d->duration_us / 1000);
		if (d->duration_us < 10000 && d->duration_us % 1000)
			p = fraction(p, (unsigned)(d->duration_us % 1000), 3);
		p = pen_lit(p, " ms ");
	}
	return p - 1;
}

static char *write_content(char *p, const struct draft *d)
{
	if (!d->is_log)
		return write_summary(p, d);
	if (d->message.n)
		return text(p, d, d->message);
	if (d->r->error.n)
		return text(p, d, d->r->error);
	return pen_lit(p, "(empty message)");
}

static char *write_url(char *p, const struct draft *d)
{
	struct slice scheme = d->r->scheme;
	bool secure = scheme.n == 5;

	if (!d->host.n || (scheme.n != 4 && !secure) || strncasecmp(scheme.p, "https", scheme.n) ||
	    !d->path.n || d->path.p[0] != '/')
		return p;
	p = secure ? pen_lit(p, ",\"url\":\"https://") : pen_lit(p, ",\"url\":\"http://");
	p = text(p, d, d->host);
	p = text(p, d, d->path);
	if (d->query.n) {
		*p++ = '?';
		p = text(p, d, d->query);
	}
	*p++ = '"';
	return p;
}

/* The path once more, folded; `shown` is the path as it was just written, up to p. */
static char *write_route(struct buf *work, char *p, const char *shown, const struct draft *d)
{
	size_t n = (size_t)(p - shown);
	char *to;

	p = pen_lit(p, "\",\"route\":\"");
	if (d->r->plain || (n == d->path.n && !memcmp(shown, d->path.p, n))) {
		p += route_fold(p, d->path.p, n);
	} else {
		to = work->data + work->len;
		p = pen_text(p, to, route_fold(to, d->path.p, d->path.n));
	}
	*p++ = '"';
	return p;
}

static char *write_truncated(char *p, const struct draft *d)
{
	char *start = p;

	p = pen_lit(p, ",\"truncated\":");
	if (d->cut & DRAFT_CUT_MESSAGE)
		p = d->is_log ? pen_lit(p, ",\"content\"") : pen_lit(p, ",\"message\"");
	for (unsigned i = 0; i < DRAFT_TEXTS; i++)
		if (d->cut & 1u << i) {
			p = pen_lit(p, ",\"");
			p = pen_bytes(p, draft_texts[i].name, strlen(draft_texts[i].name));
			*p++ = '"';
		}
	if (d->cut & DRAFT_CUT_EXTRA)
		p = pen_lit(p, ",\"metadata\"");
	start[sizeof(",\"truncated\":") - 1] = '[';
	*p++ = ']';
	return p;
}

static char *write_metadata(struct request *q, char *p, const struct draft *d)
{
	const struct record *r = d->r;
	char *start = p, *first, *shown;

	first = p = pen_lit(p, ",\"metadata\":");
	p = MEMBER(p, d, "method", r->method);
	if (d->path.n) {
		shown = p = pen_lit(p, ",\"path\":\"");
		p = text(p, d, d->path);
		p = write_route(&q->work, p, shown, d);
	}
	p = MEMBER(p, d, "query", d->query);
	if (r->status) {
		p = pen_lit(p, ",\"status\":");
		p = status(p, d);
	}
	if (r->bytes >= 0) {
		p = pen_lit(p, ",\"bytes\":");
		p = integer(p, r->bytes);
	}
	p = careful_member(p, d, ",\"remote\":\"", r->remote);
	p = MEMBER(p, d, "agent", r->agent);
	p = MEMBER(p, d, "referrer", d->referrer);
	p = MEMBER(p, d, "host", d->host);
	p = MEMBER(p, d, "request_id", r->request_id);
	p = MEMBER(p, d, "protocol", r->protocol);
	if (d->duration_us != RECORD_NONE && d->duration_us % 1000) {
		p = pen_lit(p, ",\"duration_us\":");
		p = integer(p, d->duration_us);
	}
	p = MEMBER(p, d, "level", r->level);
	if (!d->is_log)
		p = MEMBER(p, d, "message", d->message);
	if (d->extra.n) {
		*p++ = ',';
		p = pen_bytes(p, d->extra.p, d->extra.n);
	}
	if (r->time < STAMP_MIN || r->time > STAMP_MAX) {
		p = pen_lit(p, ",\"timestamp_raw\":\"");
		if (r->time < 0)
			*p++ = '-';
		p = pen_number(p, r->time < 0 ? -(uint64_t)r->time : (uint64_t)r->time);
		*p++ = '"';
	}
	if (d->cut)
		p = write_truncated(p, d);
	if (p == first)
		return start;
	*first = '{';
	*p++ = '}';
	return p;
}

/* ---- the line ---- */

static char *write_id(char *p, const struct place *at, const char *line, size_t n)
{
	p = pen_lit(p, "{\"id\":\"");
	p = pen_bytes(p, at->file, FILE_HASH);
	*p++ = '/';
	p = pen_digits(p, (uint64_t)at->offset);
	*p++ = '/';
	request_hash(line, n, p);
	return p + FILE_HASH;
}

/* A trace id of nothing but zeros says that there is none. */
static bool names_session(struct slice id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] != '0' && id.p[i] != '-')
			return true;
	return false;
}
static char *write_session(const struct request *q, char *p, const struct draft *d)
{
	struct slice id = d->r->request_id;

	if (q->own_session || !id.n || !names_session(id))
		return pen_bytes(p, q->usual.data, q->usual.len);
	p = pen_bytes(p, q->session.data, q->session.len);
	p = text(p, d, id);
	*p++ = '"';
	return p;
}

static char *write_outcome(char *p, const struct draft *d)
{
	int s = d->r->status;

	if (d->failed)
		return pen_lit(p, "\",\"outcome\":\"failure\"");
	if (d->is_log)
		return pen_lit(p, "\",\"outcome\":\"recorded\"");
	if (s >= 100 && s < 400)
		return pen_lit(p, "\",\"outcome\":\"success\"");
	return pen_lit(p, "\",\"outcome\":\"unknown\"");
}

static char *write_error_type(char *p, const struct draft *d)
{
	const struct record *r = d->r;

	if (r->error.n) {
		p = MEMBER(p, d, "error_type", r->error);
	} else if (r->status >= 400 && r->status < 600) {
		p = pen_lit(p, ",\"error_type\":\"http_");
		p = status(p, d);
		*p++ = '"';
	}
	return p;
}

char *draft_line(struct request *q, char *p, const struct place *at, const char *line, size_t n,
		 const struct draft *d)
{
	const struct record *r = d->r;
	const struct buf *head = d->is_log ? &q->log_head : &q->request_head;
	bool error = r->status ? r->status >= 500 && r->status < 600 : d->failed;
	unsigned part;
	const char *stamp = stamp_of(q, r->time >= STAMP_MIN && r->time <= STAMP_MAX ? r->time : 0, &part);

	p = write_id(p, at, line, n);
	p = pen_bytes(p, head->data, head->len);
	p = pen_bytes(p, stamp, STAMP_WHOLE);
	if (part)
		p = fraction(p, part, 6);
	if (error)
		p = pen_lit(p, "Z\",\"event_type\":\"error\",\"content\":\"");
	else if (d->is_log)
		p = pen_lit(p, "Z\",\"event_type\":\"observation\",\"content\":\"");
	else
		p = pen_lit(p, "Z\",\"event_type\":\"action\",\"content\":\"");
	p = write_content(p, d);
	p = write_outcome(p, d);
	p = write_session(q, p, d);
	p = careful_member(p, d, ",\"actor\":\"", r->user);
	p = write_url(p, d);
	if (d->duration_us != RECORD_NONE) {
		p = pen_lit(p, ",\"duration_ms\":");
		p = pen_number(p, (uint64_t)d->duration_us / 1000);
	}
	p = write_error_type(p, d);
	p = write_metadata(q, p, d);
	return pen_lit(p, "}\n");
}
