/* SPDX-License-Identifier: ISC
 *
 * record-check - what holds of every record that the parser of athena-src-apilog fills, whatever the line.
 */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "jsonscan.h"
#include "parse.h"
#include "stamp.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Reads every byte, so that a checker sees one that is not there. */
static void touch(struct slice s)
{
	static volatile unsigned char seen;

	require(s.p || !s.n);
	for (size_t i = 0; i < s.n; i++)
		seen = (unsigned char)s.p[i];
	(void)seen;
}

/* What a plain record says of itself. */
static void check_plain(const struct record *r)
{
	const struct slice all[] = {r->method, r->scheme, r->path, r->query, r->protocol, r->agent, r->referrer,
				    r->host, r->request_id, r->level, r->message, r->error};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		require(!all[i].n || bytes_find_special(all[i].p, all[i].p + all[i].n) == all[i].p + all[i].n);
}

/* `{extra}` is I-JSON, and has no name that metadata has from elsewhere. */
static void check_extra(const struct buf *extra)
{
	static const char *const reserved[] = {RECORD_RESERVED};
	struct jsonscan scan = {0};
	struct buf object = {0};

	buf_addc(&object, '{');
	buf_add(&object, extra->data, extra->len);
	buf_addc(&object, '}');
	require(extra->len <= RECORD_EXTRA_MAX);
	require(jsonscan_line(&scan, object.data, object.len) == JSONSCAN_OK);
	for (size_t i = 0; i < scan.n; i++)
		for (size_t k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++)
			require(scan.members[i].name_len != strlen(reserved[k]) ||
				memcmp(scan.members[i].name, reserved[k], strlen(reserved[k])));
	jsonscan_release(&scan);
	buf_release(&object);
}

static void check_record(const struct record *r)
{
	const struct slice all[] = {r->method,     r->scheme, r->path,    r->query,    r->protocol,
				    r->remote,     r->user,   r->agent,   r->referrer, r->host,
				    r->request_id, r->level,  r->message, r->error};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		touch(all[i]);
	require(r->time >= STAMP_MIN && r->time <= STAMP_MAX);
	require(r->status == 0 || (r->status >= 100 && r->status <= 999));
	require(r->duration_us == RECORD_NONE || r->duration_us >= 0);
	require(r->bytes == RECORD_NONE || r->bytes >= 0);
	require(r->method.p || r->path.p || r->status || r->message.p);
	check_extra(&r->extra);
	if (r->plain)
		check_plain(r);
}

#endif
