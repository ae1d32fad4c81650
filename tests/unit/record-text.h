/* SPDX-License-Identifier: ISC
 *
 * record-text - what a line of a log becomes, as one line of JSON that a test compares.
 *
 *	printf("%s\n", record_text(parser, &state, line, n));
 *
 * Members that the line does not say are left out; a reject is {"reject":"why"}, and what is neither an event nor one is
 * {"directive":"true"}. The text lives until the next call.
 */
#ifndef RECORD_TEXT_H
#define RECORD_TEXT_H

#include <stdlib.h>

#include "jsonout.h"
#include "parse.h"
#include "stamp.h"
#include "xalloc.h"

static void record_slice(struct jsonout *j, const char *name, struct slice s)
{
	jsonout_member_n(j, name, s.p, s.n);
}

static void record_number(struct jsonout *j, const char *name, int64_t v)
{
	if (v != RECORD_NONE)
		jsonout_member_int(j, name, v);
}

static void record_members(struct jsonout *j, const struct record *r)
{
	char stamp[STAMP_SIZE];

	stamp_format(r->time, stamp);
	jsonout_member(j, "time", stamp);
	record_slice(j, "method", r->method);
	record_slice(j, "scheme", r->scheme);
	record_slice(j, "path", r->path);
	record_slice(j, "query", r->query);
	record_slice(j, "protocol", r->protocol);
	if (r->status)
		jsonout_member_int(j, "status", r->status);
	record_number(j, "duration_us", r->duration_us);
	record_number(j, "bytes", r->bytes);
	record_slice(j, "remote", r->remote);
	record_slice(j, "user", r->user);
	record_slice(j, "agent", r->agent);
	record_slice(j, "referrer", r->referrer);
	record_slice(j, "host", r->host);
	record_slice(j, "request_id", r->request_id);
	record_slice(j, "level", r->level);
	record_slice(j, "message", r->message);
	record_slice(j, "error", r->error);
	if (r->extra.len) {
		jsonout_name(j, "extra");
		jsonout_open(j, '{');
		jsonout_raw(j, r->extra.data, r->extra.len);
		jsonout_close(j, '}');
	}
	if (r->extra.over)
		jsonout_member(j, "over", "true");
}

static const char *record_text(struct parser *p, struct parse_state *state, const char *line, size_t n)
{
	static struct record r;
	static struct buf out;
	struct jsonout j = {.out = &out};
	/* a copy without anything behind it, so that a sanitizer sees a read past the end */
	char *copy = xmemdup(line, n);
	const char *why = "";

	buf_reset(&out);
	jsonout_open(&j, '{');
	if (parser_line(p, state, copy, n, &r, &why))
		record_members(&j, &r);
	else if (why)
		jsonout_member(&j, "reject", why);
	else
		jsonout_member(&j, "directive", "true");
	jsonout_close(&j, '}');
	free(copy);
	return buf_cstr(&out);
}

#endif
