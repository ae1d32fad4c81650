/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/request.c cmd/athena-src-apilog/draft.c cmd/athena-src-apilog/hash.c cmd/athena-src-apilog/pen.c cmd/athena-src-apilog/jsontext.c cmd/athena-src-apilog/redact.c cmd/athena-src-apilog/prose.c cmd/athena-src-apilog/secret.c cmd/athena-src-apilog/route.c pkg: libxxhash */
#include "request.h"

#include "request-reference.h"
#include "tap.h"

static struct buf out, want;
static struct jsonscan scan = EVENT_SCAN;
static struct event_fields fields;
static struct request q;
static const struct place at = {"0123456789abcdef", 4096, NULL};

#define S(text) ((struct slice){text, sizeof(text) - 1})

static struct record empty(void)
{
	return (struct record){
		.time = INT64_C(1763949600) * STAMP_SECOND, .duration_us = RECORD_NONE, .bytes = RECORD_NONE};
}

/* The event of a record, which must be one that the store takes. */
static const char *line_of(const struct record *r)
{
	const char *why = "too long";

	buf_reset(&out);
	request_line(&q, &out, &at, "a line", 6, r);
	if (out.len > EVENT_LINE_MAX || jsonscan_line(&scan, out.data, out.len - 1) != JSONSCAN_OK ||
	    !event_check(&scan, &fields, &why))
		ok(false, "a line that the store takes: %s", scan.why ? scan.why : why);
	return buf_cstr(&out);
}

/* The text of a member, which lives until the next call; "" where it is absent. */
static const char *member(const struct record *r, enum event_column c)
{
	static struct buf text;
	const struct jsonscan_member *m;

	line_of(r);
	m = fields.column[c];
	buf_reset(&text);
	if (m && m->type == JSONSCAN_STRING)
		buf_add(&text, m->value + 1, m->len - 2);
	else if (m)
		buf_add(&text, m->value, m->len);
	return buf_cstr(&text);
}

static void test_whole(void)
{
	struct record r = empty();

	r.time += 120000;
	r.duration_us = 1204250;
	r.bytes = 512;
	r.status = 503;
	r.method = S("GET");
	r.scheme = S("https");
	r.host = S("api.example.org");
	r.path = S("/api/v1/users/42");
	r.query = S("page=2&token=abc");
	r.protocol = S("HTTP/1.1");
	r.remote = S("192.0.2.1");
	r.user = S("ann");
	r.agent = S("curl/7.88");
	r.referrer = S("https://u:p@example.org/?sig=x&a=1");
	r.request_id = S("r-1");
	r.level = S("warn");
	r.message = S("done");
	buf_adds(&r.extra, "\"upstream\":\"10.0.0.1:80\",\"headers\":{\"Authorization\":[\"Basic x\"]}");
	is_str(line_of(&r),
	       "{\"id\":\"0123456789abcdef/0000000000004096/0cea69b23547ab4c\",\"source_id\":\"apilog:/var/"
	       "log/a.log\","
	       "\"source_type\":\"apilog\",\"kind\":\"request\",\"timestamp\":\"2025-11-24T02:00:00.12Z\","
	       "\"event_type\":\"error\",\"content\":\"GET /api/v1/users/42 503 in 1204 "
	       "ms\",\"outcome\":\"failure\","
	       "\"project_id\":1,\"session_id\":\"r-1\",\"actor\":\"ann\","
	       "\"url\":\"https://api.example.org/api/v1/users/42?page=2&token=***\",\"duration_ms\":1204,"
	       "\"error_type\":\"http_503\",\"metadata\":{\"method\":\"GET\",\"path\":\"/api/v1/users/42\","
	       "\"route\":\"/api/v1/users/:id\",\"query\":\"page=2&token=***\",\"status\":503,\"bytes\":512,"
	       "\"remote\":\"192.0.2.1\",\"agent\":\"curl/7.88\",\"referrer\":\"https://***@example.org/"
	       "?sig=***&a=1\","
	       "\"host\":\"api.example.org\",\"request_id\":\"r-1\",\"protocol\":\"HTTP/"
	       "1.1\",\"duration_us\":1204250,"
	       "\"level\":\"warn\",\"message\":\"done\",\"upstream\":\"10.0.0.1:80\","
	       "\"headers\":{\"Authorization\":\"***\"}}}\n",
	       "a request with everything");
	buf_release(&r.extra);
	r = empty();
	r.message = S("started");
	is_str(line_of(&r),
	       "{\"id\":\"0123456789abcdef/0000000000004096/0cea69b23547ab4c\",\"source_id\":\"apilog:/var/"
	       "log/a.log\","
	       "\"source_type\":\"apilog\",\"kind\":\"log\",\"timestamp\":\"2025-11-24T02:00:00Z\","
	       "\"event_type\":\"observation\",\"content\":\"started\",\"outcome\":\"recorded\",\"project_"
	       "id\":1,"
	       "\"session_id\":\"apilog:/var/log/a.log/2025-11-24\"}\n",
	       "a line of an application with nothing but a message");
}

static void test_meaning(void)
{
	static const struct {
		int status;
		const char *event_type, *outcome, *error_type;
	} by_status[] = {{100, "action", "success", ""},         {204, "action", "success", ""},
			 {304, "action", "success", ""},         {404, "action", "failure", "http_404"},
			 {499, "action", "failure", "http_499"}, {500, "error", "failure", "http_500"},
			 {599, "error", "failure", "http_599"},  {600, "action", "unknown", ""},
			 {999, "action", "unknown", ""},         {0, "action", "unknown", ""}};
	static const struct {
		const char *level;
		bool failed;
	} by_level[] = {{"error", true}, {"ERROR", true}, {"Fatal", true}, {"50", true}, {"60", true},
			{"40", false},   {"warn", false}, {"err", true},   {"5", false}, {"5x", false}};
	struct record r = empty();

	r.path = S("/");
	for (size_t i = 0; i < sizeof(by_status) / sizeof(*by_status); i++) {
		r.status = by_status[i].status;
		is_str(member(&r, EVENT_EVENT_TYPE), by_status[i].event_type, "event_type of %d", r.status);
		is_str(member(&r, EVENT_OUTCOME), by_status[i].outcome, "outcome of %d", r.status);
		is_str(member(&r, EVENT_ERROR_TYPE), by_status[i].error_type, "error_type of %d", r.status);
	}
	r.error = S("TimeoutError");
	is_str(member(&r, EVENT_ERROR_TYPE), "TimeoutError", "the line's own type of error");
	r = empty();
	for (size_t i = 0; i < sizeof(by_level) / sizeof(*by_level); i++) {
		const char *level = by_level[i].level;
		bool failed = by_level[i].failed;

		r.path = (struct slice){0};
		r.level = (struct slice){level, strlen(level)};
		is_str(member(&r, EVENT_EVENT_TYPE), failed ? "error" : "observation", "event_type at %s",
		       level);
		is_str(member(&r, EVENT_OUTCOME), failed ? "failure" : "recorded", "outcome at %s", level);
		r.path = S("/");
		is_str(member(&r, EVENT_EVENT_TYPE), failed ? "error" : "action", "of a request at %s",
		       level);
		r.status = 200;
		is_str(member(&r, EVENT_OUTCOME), "success", "its status wins");
		r.status = 0;
	}
}

static void test_content(void)
{
	struct record r = empty();

	is_str(member(&r, EVENT_CONTENT), "(empty message)", "content is never empty");
	r.error = S("E1");
	is_str(member(&r, EVENT_CONTENT), "E1", "an error without a message");
	r = empty();
	r.status = 503;
	is_str(member(&r, EVENT_CONTENT), "503", "a status alone");
	r.method = S("GET");
	is_str(member(&r, EVENT_CONTENT), "GET 503", "no path");
	r.duration_us = 412;
	is_str(member(&r, EVENT_CONTENT), "GET 503 in 0.412 ms", "microseconds below ten milliseconds");
	is_str(member(&r, EVENT_DURATION_MS), "0", "whole milliseconds");
	r.duration_us = 1500;
	is_str(member(&r, EVENT_CONTENT), "GET 503 in 1.5 ms", "no zeros at the end");
	r.duration_us = 10999;
	is_str(member(&r, EVENT_CONTENT), "GET 503 in 10 ms", "not rounded, as --min-duration is not");
	r.duration_us = -1;
	is_str(member(&r, EVENT_DURATION_MS), "", "a clock that was set back");
	r.duration_us = INT64_MAX;
	is_str(member(&r, EVENT_DURATION_MS), "", "nothing takes that long");
}

static void test_session(void)
{
	struct record r = empty();

	r.path = S("/");
	r.request_id = S("00000000-0000");
	is_str(member(&r, EVENT_SESSION_ID), "apilog:/var/log/a.log/2025-11-24", "an id of zeros is none");
	r.time = INT64_C(-1) * STAMP_SECOND;
	is_str(member(&r, EVENT_SESSION_ID), "apilog:/var/log/a.log/1969-12-31", "the line's own day");
	is_str(member(&r, EVENT_TIMESTAMP), "1969-12-31T23:59:59Z", "before 1970");
	r.time--;
	is_str(member(&r, EVENT_TIMESTAMP), "1969-12-31T23:59:58.999999Z", "and its fraction");
	r.time = INT64_MAX;
	is_str(member(&r, EVENT_TIMESTAMP), "1970-01-01T00:00:00Z", "out of range");
	ok(strstr(line_of(&r), "\"timestamp_raw\":\"9223372036854775807\""), "is kept as text");
	request_release(&q);
	request_init(&q, "s", 7, "mine \"x\"", true);
	r.request_id = S("r");
	is_str(member(&r, EVENT_SESSION_ID), "mine \\\"x\\\"", "--session");
	is_str(member(&r, EVENT_PROJECT_ID), "7", "--project");
	request_release(&q);
	request_init(&q, "apilog:/var/log/a.log", 1, NULL, true);
}

static void test_url(void)
{
	struct record r = empty();

	r.path = S("/a");
	r.scheme = S("https");
	is_str(member(&r, EVENT_URL), "", "no host, no url");
	r.host = S("u:p@example.org");
	is_str(member(&r, EVENT_URL), "https://example.org/a", "without its user");
	r.scheme = S("HTTP");
	is_str(member(&r, EVENT_URL), "http://example.org/a", "in lower case");
	r.scheme = S("gopher");
	is_str(member(&r, EVENT_URL), "", "another scheme");
	r.scheme = (struct slice){0};
	is_str(member(&r, EVENT_URL), "", "no guess");
	r.scheme = S("http");
	r.path = S("*");
	is_str(member(&r, EVENT_URL), "", "no path");
}

/* ---- against event_line() ---- */

static uint64_t seed = 1;

static unsigned pick(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

/* A text of hostile bytes; some members cannot hold a NUL where they come from a C string. */
static struct slice noise(char *room, unsigned max, bool nul)
{
	static const char *const alphabets[] = {"abc/123-", "ab\"\\\n\t\x01\x1f\x7f",
						"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
						"a\xff\xc0\xed\xa0\x80\xf4\x90z", "/0123456789abcdef@."};
	unsigned n = pick(4) ? pick(max) : 0;

	for (unsigned i = 0; i < n; i++) {
		const char *alphabet = alphabets[pick(5)];

		room[i] = pick(9) ? alphabet[pick((unsigned)strlen(alphabet))] : (char)pick(256);
		if (!room[i] && !nul)
			room[i] = '0';
	}
	return (struct slice){n || pick(2) ? room : NULL, n};
}

static void test_same_as_event_line(void)
{
	static char room[13][80];
	struct record r = empty();
	struct request plain;
	int differ = 0;

	request_init(&plain, "apilog:\"x\"\n\xff", 3, NULL, false);
	for (int i = 0; i < 20000 && !differ; i++) {
		struct slice *const all[] = {&r.method, &r.path,  &r.query,      &r.protocol,
					     &r.remote, &r.agent, &r.referrer,   &r.host,
					     &r.user,   &r.error, &r.request_id, &r.message};

		for (size_t k = 0; k < 12; k++)
			*all[k] = noise(room[k], k == 1 || k == 11 ? 80 : 24, k < 7 || k == 11);
		if (r.scheme.n || pick(2)) { /* url is a C string there */
			r.path = noise(room[1], 80, false);
			r.query = noise(room[2], 24, false);
		}
		r.scheme = pick(2) ? S("https") : (struct slice){0};
		if (r.scheme.n) {
			r.path = noise(room[1], 80, false);
			r.query = noise(room[2], 24, false);
		}
		r.status = pick(3) ? 100 + (int)pick(900) : 0;
		r.time = (int64_t)pick(1u << 31) * (pick(4) ? 1000000 : 999983) * (pick(9) ? 1 : -1000);
		r.duration_us = pick(2)   ? (int64_t)pick(20000)
				: pick(2) ? RECORD_NONE
					  : (int64_t)pick(1u << 31) * 1000;
		r.bytes = pick(3) ? (int64_t)pick(1u << 31) << pick(31) : RECORD_NONE;
		r.level = pick(3) ? (struct slice){0} : pick(2) ? S("error") : S("info");
		buf_reset(&r.extra);
		if (pick(2))
			buf_adds(&r.extra, "\"k\":1,\"o\":{\"password\":[\"x?token=1\"]}");
		buf_reset(&out);
		buf_reset(&want);
		request_line(&plain, &out, &at, room[1], 80, &r);
		reference_line(&want, "apilog:\"x\"\n\xff", 3, NULL, &at, room[1], 80, &r, r.level.n == 5);
		differ = out.len != want.len || memcmp(out.data, want.data, out.len) != 0;
	}
	is_bytes(out.data, out.len, want.data, want.len,
		 "20,000 hostile records, as event_line() writes them");
	request_release(&plain);
	buf_release(&r.extra);
}

static void test_limits(void)
{
	struct record r = empty();
	char *text = xmalloc(1 << 20);
	struct slice *const all[] = {&r.method, &r.path,       &r.query,    &r.protocol, &r.remote,
				     &r.user,   &r.agent,      &r.referrer, &r.host,     &r.error,
				     &r.level,  &r.request_id, &r.message};
	static const unsigned char bytes[] = {'x', 1, 0x80, '"', '=', '7'};

	memset(text, 'x', 1 << 20);
	text[0] = '/';
	r.path = (struct slice){text, REQUEST_TEXT_MAX};
	ok(!strstr(line_of(&r), "truncated"), "a path of 64 KiB is whole");
	r.path.n++;
	ok(strstr(line_of(&r), "\"truncated\":[\"path\"]"), "one byte more is cut, and said");
	r.path.n = 0;
	r.message = (struct slice){text, EVENT_TEXT_MAX};
	ok(!strstr(line_of(&r), "truncated"), "a message of 256 KiB is whole");
	r.message.n++;
	ok(strstr(line_of(&r), "\"truncated\":[\"content\"]"), "one byte more is cut, and said");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		memset(text, bytes[i], 1 << 20);
		text[0] = '/';
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
			*all[k] = (struct slice){text, 1 << 20};
		r.scheme = S("https");
		buf_reset(&r.extra);
		buf_adds(&r.extra, "\"a\":1,\"b\":[\"");
		buf_add(&r.extra, text + 1, bytes[i] == 'x' ? 900000 : 0);
		buf_adds(&r.extra, "\"],\"c\":2");
		line_of(&r);
		ok(out.len <= EVENT_LINE_MAX &&
			   strstr(buf_cstr(&out), "\"truncated\":[\"message\",\"method\",\"path\","),
		   "a million bytes of \\x%02x everywhere: %zu", bytes[i], out.len);
	}
	for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
		*all[k] = (struct slice){0};
	r.status = 200;
	buf_reset(&r.extra);
	buf_adds(&r.extra, "\"a\":1,\"b\":[\"");
	buf_add(&r.extra, text, 1 << 20);
	buf_adds(&r.extra, "\",2],\"c\":2");
	ok(strstr(line_of(&r), ",\"metadata\":{\"status\":200,\"a\":1,\"truncated\":[\"metadata\"]}}\n"),
	   "members that do not fit are left out whole");
	buf_reset(&r.extra);
	r.extra.over = true;
	ok(strstr(line_of(&r), ",\"metadata\":{\"status\":200,\"truncated\":[\"metadata\"]}}\n"),
	   "and those that the parser left out are said");
	buf_release(&r.extra);
	free(text);
}

/* Of a plain record the same is written, whatever the length of a text; the client and the user need not be plain. */
static void test_plain(void)
{
	static const char text[] =
		"/abcdefghijklmnopqrstuvwxyz/0123456789/ABCDEFGHIJKLMNOPQRSTUVWXYZ/~!@$^*()-_+[]{}|:;<>,.?";
	bool same = true;

	for (size_t n = 0; n < sizeof(text); n++) {
		struct record r = empty();
		struct buf careful = {0};

		r.status = 200;
		r.method = S("GET");
		r.path = (struct slice){text, n};
		r.query = r.agent = r.referrer = r.path;
		r.remote = S("\"::1\"");
		r.user = S("a\"b\\c");
		buf_adds(&careful, line_of(&r));
		r.plain = true;
		same = same && !strcmp(buf_cstr(&careful), line_of(&r));
		buf_release(&careful);
	}
	ok(same, "a plain record is written as any other");
}

int main(void)
{
	request_init(&q, "apilog:/var/log/a.log", 1, NULL, true);
	test_whole();
	test_meaning();
	test_content();
	test_session();
	test_url();
	test_same_as_event_line();
	test_plain();
	test_limits();
	request_release(&q);
	buf_release(&out);
	buf_release(&want);
	jsonscan_release(&scan);
	event_fields_release(&fields);
	return tap_done();
}
