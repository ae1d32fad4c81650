/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/request.c cmd/athena-src-apilog/draft.c cmd/athena-src-apilog/hash.c cmd/athena-src-apilog/pen.c cmd/athena-src-apilog/jsontext.c cmd/athena-src-apilog/redact.c cmd/athena-src-apilog/prose.c cmd/athena-src-apilog/secret.c cmd/athena-src-apilog/route.c pkg: libxxhash */
/*
 * Whatever a record holds, its line is what event_line() writes, and one that the store takes; with secrets
 * masked it still is one, and a secret that was put in is not in it. A record is pieces that a 0xff 0xff
 * ends, after 12 bytes for the numbers.
 */
#include "request.h"

#include "../refusal.h"
#include "../unit/request-reference.h"
#include "redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PIECES = 14, NUMBERS = 12, SHORT = 4096 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The next piece, as a copy that is exactly as long as it is. */
static struct slice piece(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *start = *p, *stop;

	while (*p < end && !(end - *p >= 2 && (*p)[0] == 0xff && (*p)[1] == 0xff))
		++*p;
	stop = *p;
	*p += *p < end ? 2 : 0;
	return (struct slice){xmemdup(start, (size_t)(stop - start)), (size_t)(stop - start)};
}

static void take_numbers(struct record *r, const uint8_t b[NUMBERS])
{
	memcpy(&r->time, b, 8);
	if (b[7] & 1)
		r->time %= STAMP_MAX;
	r->status = b[8] & 1 ? 100 + b[9] * 900 / 256 : 0;
	r->duration_us = b[8] & 2 ? (int64_t)b[10] << b[11] % 44 : RECORD_NONE;
	r->bytes = b[8] & 4 ? (int64_t)b[11] << b[10] % 55 : RECORD_NONE;
}

/* Members as the parser leaves them: valid ones, without a name that the line has itself. */
static void take_extra(struct record *r, struct slice s)
{
	struct jsonscan scan = {0};
	struct buf object = {0};
	bool valid;

	buf_adds(&object, "{\"x\":{");
	buf_add(&object, s.p, s.n);
	buf_adds(&object, "}}");
	valid = jsonscan_line(&scan, object.data, object.len) == JSONSCAN_OK && scan.n == 1;
	if (valid && s.n) {
		buf_adds(&r->extra, "\"x\":{");
		buf_add(&r->extra, s.p, s.n);
		buf_adds(&r->extra, "}");
	}
	buf_release(&object);
	jsonscan_release(&scan);
}

/* The same path behind another one, which makes it long: the same route behind it. */
static void check_route_behind(struct slice path, const char *route, size_t n)
{
	static const char far[] = "/a-long-way/down-the-tree/until-nobody-counts/the-bytes-any-more/";
	enum { FAR = sizeof(far) - 1 };
	char *whole = xmalloc(FAR + path.n), *to = xmalloc(ROUTE_ROOM(FAR + path.n));

	memcpy(whole, far, FAR);
	memcpy(whole + FAR, path.p, path.n);
	require(route_fold(to, whole, FAR + path.n) == FAR + n && !memcmp(to + FAR, route, n));
	free(whole);
	free(to);
}

static void check_route(struct slice path)
{
	char *once = xmalloc(ROUTE_ROOM(path.n)), *twice = xmalloc(3 * ROUTE_ROOM(path.n));
	size_t n = route_fold(once, path.p, path.n);

	require(route_fold(twice, once, n) == n && !memcmp(once, twice, n));
	check_route_behind(path, once, n);
	free(once);
	free(twice);
}

static const char secret[] = "&Access_Token=zQ7zQ7zQ7zQ7";

/* The query, and the members, with a secret behind them: the secret is nowhere in the line. */
static void check_masked(struct request *q, struct record *r, const struct place *at)
{
	struct buf query = {0}, out = {0};
	struct slice was = r->query;
	size_t extra = r->extra.len;

	buf_adds(&r->extra, extra ? ",\"API-Key\":\"" : "\"API-Key\":\"");
	buf_adds(&r->extra, secret + 14);
	buf_adds(&r->extra, "\"");
	buf_add(&query, was.p, was.n);
	buf_adds(&query, secret);
	r->query = (struct slice){query.data, query.len};
	request_line(q, &out, at, "", 0, r);
	require(!refusal(&out));
	require(!memmem(out.data, out.len, secret + 14, sizeof(secret) - 15));
	r->query = was;
	r->extra.len = extra;
	buf_release(&query);
	buf_release(&out);
}

/* Texts that stand in the line, with bytes behind them or without, become the same as copies. */
static void check_inside(struct request *q, const struct record *r, const char *line, size_t n,
			 const struct buf *want)
{
	struct record inside = *r;
	struct slice *const all[] = {&inside.method, &inside.path, &inside.query, &inside.remote,
				     &inside.user,   &inside.host, &inside.agent, &inside.message};
	struct place at = {"0123456789abcdef", 12, line + n};
	struct buf out = {0};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *p = all[i]->n ? memmem(line, n, all[i]->p, all[i]->n) : NULL;

		all[i]->p = p ? p : all[i]->p;
	}
	request_line(q, &out, &at, line, n, &inside);
	require(out.len == want->len && !memcmp(out.data, want->data, out.len));
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct record r = {0};
	struct slice *const all[PIECES] = {&r.method,     &r.scheme, &r.path,    &r.query,    &r.protocol,
					   &r.remote,     &r.user,   &r.agent,   &r.referrer, &r.host,
					   &r.request_id, &r.level,  &r.message, &r.error};
	const uint8_t *p = data + NUMBERS, *end = data + n;
	const struct place at = {"0123456789abcdef", 12, NULL};
	struct buf out = {0}, want = {0};
	struct request plain, masking;
	struct slice extra;
	bool whole = true;

	if (n < NUMBERS || memmem(data, n, secret + 14, sizeof(secret) - 15))
		return 0;
	take_numbers(&r, data);
	for (size_t i = 0; i < PIECES; i++) {
		*all[i] = piece(&p, end);
		/* event_line() takes C strings, and the level's meaning is not to be told here */
		whole &= all[i]->n < SHORT && !memchr(all[i]->p, 0, all[i]->n);
	}
	whole &= !r.level.n;
	extra = piece(&p, end);
	take_extra(&r, extra);
	request_init(&plain, "apilog:/a", 1, NULL, false);
	request_init(&masking, "apilog:/a", 1, NULL, true);
	request_line(&plain, &out, &at, (const char *)data, n, &r);
	require(!refusal(&out));
	check_inside(&plain, &r, (const char *)data, n, &out);
	if (whole && r.extra.len < SHORT) {
		reference_line(&want, "apilog:/a", 1, NULL, &at, (const char *)data, n, &r, false);
		require(out.len == want.len && !memcmp(out.data, want.data, out.len));
	}
	check_masked(&masking, &r, &at);
	check_route(r.path);
	for (size_t i = 0; i < PIECES; i++)
		free((char *)(uintptr_t)all[i]->p);
	free((char *)(uintptr_t)extra.p);
	buf_release(&r.extra);
	request_release(&plain);
	request_release(&masking);
	buf_release(&out);
	buf_release(&want);
	return 0;
}
