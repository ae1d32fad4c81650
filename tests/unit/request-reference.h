/* SPDX-License-Identifier: ISC
 *
 * request-reference - what request_line() has to write for a record, said once more with event_line(): slow,
 * and without any of its tricks. For texts that are short enough to be whole, and without secrets to mask.
 */
#ifndef REQUEST_REFERENCE_H
#define REQUEST_REFERENCE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "event.h"
#include "jsonout.h"
#include "request.h"
#include "route.h"
#include "stamp.h"
#include "xalloc.h"

static inline void reference_word(struct buf *b, struct slice s)
{
	if (b->len && s.n)
		buf_addc(b, ' ');
	buf_add(b, s.p, s.n);
}

static inline void reference_content(struct buf *b, const struct record *r, bool request)
{
	struct slice said = r->message.n ? r->message : r->error;

	if (!request) {
		reference_word(b, said);
		if (!b->len)
			buf_adds(b, "(empty message)");
		return;
	}
	reference_word(b, r->method);
	reference_word(b, r->path);
	if (r->status)
		buf_addf(b, "%s%d", b->len ? " " : "", r->status);
	if (r->duration_us >= 10000 || (r->duration_us >= 0 && r->duration_us % 1000 == 0)) {
		buf_addf(b, " in %lld ms", (long long)r->duration_us / 1000);
	} else if (r->duration_us >= 0) {
		buf_addf(b, " in %lld.%03lld", (long long)r->duration_us / 1000,
			 (long long)r->duration_us % 1000);
		while (b->data[b->len - 1] == '0')
			b->len--;
		buf_adds(b, " ms");
	}
}

static inline void reference_metadata(struct buf *b, const struct record *r, bool request)
{
	struct jsonout j = {.out = b};
	char *route = xmalloc(ROUTE_ROOM(r->path.n));
	const struct {
		const char *name;
		const struct slice *s;
	} rest[] = {{"remote", &r->remote}, {"agent", &r->agent},           {"referrer", &r->referrer},
		    {"host", &r->host},     {"request_id", &r->request_id}, {"protocol", &r->protocol}};

	if (r->method.n)
		jsonout_member_n(&j, "method", r->method.p, r->method.n);
	if (r->path.n) {
		jsonout_member_n(&j, "path", r->path.p, r->path.n);
		jsonout_member_n(&j, "route", route, route_fold(route, r->path.p, r->path.n));
	}
	if (r->query.n)
		jsonout_member_n(&j, "query", r->query.p, r->query.n);
	if (r->status)
		jsonout_member_int(&j, "status", r->status);
	if (r->bytes >= 0)
		jsonout_member_int(&j, "bytes", r->bytes);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		if (rest[i].s->n)
			jsonout_member_n(&j, rest[i].name, rest[i].s->p, rest[i].s->n);
	if (r->duration_us >= 0 && r->duration_us % 1000)
		jsonout_member_int(&j, "duration_us", r->duration_us);
	if (r->level.n)
		jsonout_member_n(&j, "level", r->level.p, r->level.n);
	if (request && r->message.n)
		jsonout_member_n(&j, "message", r->message.p, r->message.n);
	jsonout_raw(&j, r->extra.data, r->extra.len);
	free(route);
}

static inline char *reference_url(const struct record *r)
{
	if (!r->host.n || !r->path.n || r->path.p[0] != '/' || (r->scheme.n != 4 && r->scheme.n != 5) ||
	    strncasecmp(r->scheme.p, "https", r->scheme.n))
		return NULL;
	return xasprintf("http%s://%.*s%.*s%s%.*s", r->scheme.n == 5 ? "s" : "", (int)r->host.n, r->host.p,
			 (int)r->path.n, r->path.p, r->query.n ? "?" : "", (int)r->query.n,
			 r->query.n ? r->query.p : "");
}

static inline bool reference_all_zeros(const char *id)
{
	return id[strspn(id, "0-")] == '\0';
}

/* `failed`: the level of a line without a status says that it is an error. */
static inline void reference_line(struct buf *out, const char *source_id, int64_t project,
				  const char *session, const struct place *at, const char *line, size_t n,
				  const struct record *r, bool failed)
{
	struct event e = EVENT_INIT;
	struct buf content = {0}, metadata = {0};
	bool request = r->method.n || r->path.n || r->status, bad = r->status >= 500 && r->status < 600;
	char hash[FILE_HASH], stamp[STAMP_SIZE], raw[32], *id, *day, *code = NULL, *url = reference_url(r);
	char *request_id = r->request_id.n ? xstrndup(r->request_id.p, r->request_id.n) : NULL;
	char *actor = r->user.n ? xstrndup(r->user.p, r->user.n) : NULL;
	char *error = r->error.n ? xstrndup(r->error.p, r->error.n) : NULL;
	bool dated = r->time >= STAMP_MIN && r->time <= STAMP_MAX;

	request_hash(line, n, hash);
	stamp_format(dated ? r->time : 0, stamp);
	id = xasprintf("%.16s/%016lld/%.16s", at->file, (long long)at->offset, hash);
	day = xasprintf("%s/%.10s", source_id, stamp);
	if (r->status >= 400 && r->status < 600)
		code = xasprintf("http_%d", r->status);
	snprintf(raw, sizeof(raw), "%lld", (long long)r->time);
	failed = r->status ? code != NULL : failed;
	reference_content(&content, r, request);
	reference_metadata(&metadata, r, request);
	e.id = id;
	e.source_id = source_id;
	e.source_type = "apilog";
	e.kind = request ? "request" : "log";
	e.timestamp = r->time;
	e.timestamp_raw = raw;
	e.event_type = bad || (!r->status && failed) ? "error" : request ? "action" : "observation";
	e.content = (struct event_text){content.data, content.len};
	e.outcome = failed                         ? "failure"
		    : !request                     ? "recorded"
		    : r->status && r->status < 400 ? "success"
						   : "unknown";
	e.project_id = project;
	e.session_id = session ? session : request_id && !reference_all_zeros(request_id) ? request_id : day;
	e.actor = actor;
	e.url = url;
	e.duration_ms = r->duration_us >= 0 ? r->duration_us / 1000 : EVENT_NONE;
	e.error_type = error ? error : code;
	e.metadata = (struct event_text){metadata.data, metadata.len};
	event_line(out, &e);
	buf_release(&content);
	buf_release(&metadata);
	free(id);
	free(day);
	free(code);
	free(url);
	free(request_id);
	free(actor);
	free(error);
}

#endif
