/* SPDX-License-Identifier: ISC */
#include "formatvalue.h"

#include "bytes.h"
#include "formatlook.h"
#include "logfmt.h"
#include "lognumber.h"
#include "target.h"
#include "unquote.h"

/* ---- what becomes of it ---- */

static struct slice decoded(struct work *w, const char *s, size_t n)
{
	char *to = w->text.data + w->text.len;

	n = unquote(s, n, to);
	w->text.len += n;
	return (struct slice){to, n};
}

/* ok, and where it is not: why. */
static inline bool or_because(bool ok, const char *text, const char **why)
{
	if (!ok)
		*why = text;
	return ok;
}

static bool take_extra(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const struct token t = {.p = s.p, .n = s.n, .type = TOKEN_TEXT};
	uint32_t i;

	if (look_nothing(s.p, s.n))
		return true;
	i = work_member(w, op->name, op->name_n);
	if (!or_because(i, "too many different names", why))
		return false;
	if (members_first(&w->members, i, w->object))
		work_extra(w, i, &t);
	return true;
}

static const char no_status[] = "the status is no number";

static bool take_status(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	if (!or_because(s.n || op->literal_n, no_status, why))
		return false; /* the line is cut off */
	if (look_nothing(s.p, s.n) || (s.n == 1 && *s.p == '0') || (s.n == 2 && !memcmp(s.p, "-1", 2)))
		return true; /* where there was no answer: 0 of Envoy, -1 of HAProxy */
	if (!or_because(s.n == 3 && look_all_digits(s.p, 3), no_status, why))
		return false;
	w->r->status = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
	if (w->r->status >= 100)
		return true;
	/* nginx: 000 where the client went away before there was one, 009 for HTTP/0.9 */
	s.n = (size_t)w->r->status;
	w->r->status = 0;
	return or_because(s.n == 0 || s.n == 9, no_status, why);
}

/* HAProxy writes a plus where the request was not over yet (option logasap); nobody else does. */
static struct slice without_plus(const struct format_op *op, struct slice s)
{
	bool haproxy = *op->name == 'T' || (op->name_n == 10 && !memcmp(op->name, "bytes_read", 10));

	return haproxy && s.n > 1 && *s.p == '+' ? (struct slice){s.p + 1, s.n - 1} : s;
}

static bool take_bytes(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	s = without_plus(op, s);
	return or_because(look_nothing(s.p, s.n) || look_whole(s, &w->r->bytes), "the size is no number",
			  why);
}

static bool take_request(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	static const struct format_op request = {.name = "request", .name_n = 7};

	(void)op;
	return look_nothing(s.p, s.n) || target_request(w->r, s.p, s.n) || take_extra(&request, w, s, why);
}

static bool take_user(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	if (!or_because(!w->ident || !memchr(s.p, ' ', s.n), "a user with a space in the name", why))
		return false;
	if (!look_nothing(s.p, s.n) && (s.n != 2 || memcmp(s.p, "\"\"", 2))) /* Apache's empty name */
		w->r->user = s;
	return true;
}

static bool take_time(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return or_because(logtime_any(&w->time, s.p, s.n, (enum unit)op->meaning.unit, &w->r->time),
			  "the time cannot be read", why);
}

static bool take_duration(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	s = without_plus(op, s);
	return or_because(look_nothing(s.p, s.n) ||
				  lognumber_span(s.p, s.n, (enum unit)op->meaning.unit, &w->r->duration_us),
			  "the duration is no number", why);
}

static bool take_url(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	(void)why;
	if (!look_nothing(s.p, s.n))
		target_url(w->r, s.p, s.n);
	return true;
}

static bool take_scheme(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return target_scheme(w->r, s.p, s.n) || take_extra(op, w, s, why);
}

static bool take_place(const struct format_op *op, struct work *w, struct slice s)
{
	*work_slice(w->r, (enum field)op->meaning.field) = s;
	return true;
}

static bool take_text(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)why;
	if (!look_nothing(s.p, s.n))
		*(struct slice *)(void *)((char *)w->r + op->offset) = s;
	return true;
}

static bool take_again(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	(void)w;
	(void)s;
	(void)why;
	return true;
}

static bool take_ident(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	w->ident = !look_nothing(s.p, s.n);
	return take_extra(op, w, s, why);
}

static bool take_address(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)why;
	return look_address(s.p, s.n) && take_place(op, w, s);
}

static bool take_vhost(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)why;
	return look_host(s.p, s.n) && take_place(op, w, s);
}

static bool take_dotted(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)why;
	return look_dotted(s.p, s.n) && take_place(op, w, s);
}

static bool take_addresses(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return look_are_addresses(s.p, s.n) && take_extra(op, w, s, why);
}

static bool take_seconds(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return look_are_seconds(s.p, s.n) && take_duration(op, w, s, why);
}

/* The upstream's part cannot be longer than the whole, but for rounding. */
static bool take_within(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	int64_t sum = look_sum_of_list(s.p, s.n);

	return sum >= 0 && sum <= w->r->duration_us + 2000 && take_extra(op, w, s, why);
}

static bool take_both(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	(void)why;
	return look_same_time(s.p, s.n, &w->r->duration_us);
}

static bool take_count(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return (look_all_digits(s.p, s.n) || look_nothing(s.p, s.n)) && take_extra(op, w, s, why);
}

/* A head of an answer is never shorter than 60 bytes. */
static bool take_sent(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	int64_t v;

	return look_whole(s, &v) && v >= (w->r->bytes == RECORD_NONE ? 0 : w->r->bytes) + 60 &&
	       take_extra(op, w, s, why);
}

static bool take_pairs(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	(void)why;
	return logfmt_pairs(w, s.p, s.n);
}

/* The other parts, and what they make together, are fields.h's. */
static bool take_part(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const struct token t = {.p = s.p, .n = s.n, .type = TOKEN_TEXT};
	uint32_t i = work_member(w, op->name, op->name_n);

	if (!or_because(i, "too many different names", why))
		return false;
	if (members_first(&w->members, i, w->object))
		fields_put(w, i, &t);
	return true;
}

/* "10.0.0.1:80", "[::1]:80", and HAProxy's "::1:80" and "unix:1". */
static bool take_peer(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const char *colon = memrchr(s.p, ':', s.n);
	struct slice port, host;

	if (!colon)
		return false;
	port = (struct slice){colon + 1, (size_t)(s.p + s.n - colon) - 1};
	host = (struct slice){s.p, (size_t)(colon - s.p)};
	if (host.n > 2 && *host.p == '[' && host.p[host.n - 1] == ']')
		host = (struct slice){host.p + 1, host.n - 2};
	return look_all_digits(port.p, port.n) && host.n && !memchr(host.p, ' ', host.n) &&
	       take_place(&(struct format_op){.meaning.field = FIELD_REMOTE}, w, host) &&
	       take_extra(op, w, port, why);
}

/* What stands between the day and the time of day tells who wrote it. */
static bool take_local(struct work *w, struct slice s, char between, const char **why)
{
	return or_because(s.n > 11 && s.p[11] == between &&
				  logtime_local(&w->time, s.p, s.n, w->outer_east, &w->r->time),
			  "the time cannot be read", why);
}

static bool take_accepted(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	return take_local(w, s, ':', why);
}

static bool take_python(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	return take_local(w, s, ' ', why);
}

static bool take_slashed(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	return or_because(logtime_slashed(&w->time, s.p, s.n, w->outer_east, &w->r->time),
			  "the time cannot be read", why);
}

static bool take_asctime(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	(void)op;
	return or_because(logtime_asctime(&w->time, s.p, s.n, w->outer_east, &w->r->time),
			  "the time cannot be read", why);
}

/* nginx: "123#456", of a process and its thread. */
static bool take_worker(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const char *hash = bytes_find(s.p, s.p + s.n, '#');

	return hash < s.p + s.n && look_all_digits(s.p, (size_t)(hash - s.p)) && take_extra(op, w, s, why);
}

/* Apache: "12:tid 140", or only a process. */
static bool take_process(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const char *end = s.p + s.n, *colon = bytes_find(s.p, end, ':');

	return look_all_digits(s.p, (size_t)(colon - s.p)) &&
	       (colon == end || (end - colon > 5 && !memcmp(colon, ":tid ", 5) &&
				 look_all_digits(colon + 5, (size_t)(end - colon) - 5))) &&
	       take_extra(op, w, s, why);
}

/* Apache: "[client 10.0.0.1:80] MESSAGE", or only the message. */
static bool take_client(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	static const struct format_op port = {.name = "client_port", .name_n = 11};
	static const char begin[] = "[client ";
	const char *end = s.p + s.n, *client = s.p + sizeof(begin) - 1, *close = bytes_find(s.p, end, ']');

	if (end - close > 2 && close > client && !memcmp(s.p, begin, sizeof(begin) - 1) &&
	    take_peer(&port, w, (struct slice){client, (size_t)(close - client)}, why))
		s = (struct slice){close + 2, (size_t)(end - close) - 2};
	return take_place(op, w, s);
}

/* Apache: "proxy:error", or only the level. */
static bool take_module(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const char *colon = bytes_find(s.p, s.p + s.n, ':'), *level = colon < s.p + s.n ? colon + 1 : s.p;

	if (memchr(s.p, ' ', s.n))
		return false;
	w->r->level = (struct slice){level, (size_t)(s.p + s.n - level)};
	return level == s.p || take_extra(op, w, (struct slice){s.p, (size_t)(colon - s.p)}, why);
}

static bool take_padded(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	while (s.n && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	if (op->meaning.field == FIELD_DURATION)
		return take_duration(op, w, s, why);
	return s.n && !memchr(s.p, ' ', s.n) && take_place(op, w, s);
}

static bool take_rack(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return look_has_digits(s.p, s.n, 4) && take_duration(op, w, s, why);
}

static bool take_word(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return !memchr(s.p, ' ', s.n) && take_extra(op, w, s, why);
}

static bool take_headers(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	return !memmem(s.p, s.n, "} {", 3) && take_extra(op, w, s, why);
}

/* " 0/0000000000000000/0/0/0 www.example.org/TLSv1.3/TLS_AES_256_GCM_SHA384" */
static bool take_tls(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const char *end = s.p + s.n, *p = s.p, *space;
	size_t slashes = 0;

	if (p == end)
		return true;
	space = *p == ' ' ? bytes_find(p + 1, end, ' ') : end;
	for (const char *q = p; q < space; q++)
		slashes += *q == '/';
	return space < end && slashes == 4 && !memchr(space + 1, ' ', (size_t)(end - space) - 1) &&
	       take_extra(op, w, (struct slice){space + 1, (size_t)(end - space) - 1}, why);
}

/* By kind: who takes a value, and whether escapes in it mean something. A variable of ours has its own taker. */
static const struct {
	format_take_fn *take;
	bool escapes;
} kinds[] = {
	[FORMAT_FIELD] = {take_text, true},
	[FORMAT_TEXT] = {take_text, true},
	[FORMAT_TIME] = {take_time, false},
	[FORMAT_REQUEST] = {take_request, true},
	[FORMAT_STATUS] = {take_status, false},
	[FORMAT_BYTES] = {take_bytes, false},
	[FORMAT_DURATION] = {take_duration, false},
	[FORMAT_USER] = {take_user, true},
	[FORMAT_URL] = {take_url, true},
	[FORMAT_SCHEME] = {take_scheme, false},
	[FORMAT_PART] = {take_part, false},
	[FORMAT_AGAIN] = {take_again, false},
	[FORMAT_EXTRA] = {take_extra, true},
};

/* Variables that are not nginx's, see logformat.h: who takes the value of each, for which field, in which unit. */
static const struct {
	const char *name;
	format_take_fn *take;
	enum format_kind kind;
	enum field field;
	enum unit unit;
} own[] = {
	{"remote_ident", take_ident, FORMAT_IDENT, 0, 0},
	{"client_addr", take_address, FORMAT_OWN, FIELD_REMOTE, 0},
	{"vhost", take_vhost, FORMAT_OWN, FIELD_HOST, 0},
	{"behind_host", take_dotted, FORMAT_OWN, FIELD_HOST, 0},
	{"forwarded", take_addresses, FORMAT_OWN, 0, 0},
	{"seconds", take_seconds, FORMAT_OWN, FIELD_DURATION, UNIT_S},
	{"upstream_within", take_within, FORMAT_OWN, 0, 0},
	{"seconds_and_micros", take_both, FORMAT_OWN, FIELD_DURATION, UNIT_US},
	{"request_length", take_count, FORMAT_OWN, 0, 0},
	{"request_count", take_count, FORMAT_OWN, 0, 0},
	{"bytes_received", take_count, FORMAT_OWN, 0, 0},
	{"bytes_with_head", take_sent, FORMAT_OWN, 0, 0},
	{"key_values", take_pairs, FORMAT_PAIRS, 0, 0},
	{"client_and_port", take_peer, FORMAT_OWN, FIELD_REMOTE, 0},
	{"accept_date", take_accepted, FORMAT_OWN, FIELD_TIME, 0},
	{"python_time", take_python, FORMAT_OWN, FIELD_TIME, 0},
	{"gin_time", take_slashed, FORMAT_OWN, FIELD_TIME, 0},
	{"nginx_time", take_slashed, FORMAT_OWN, FIELD_TIME, 0},
	{"nginx_worker", take_worker, FORMAT_OWN, 0, 0},
	{"apache_time", take_asctime, FORMAT_OWN, FIELD_TIME, 0},
	{"apache_module", take_module, FORMAT_MODULE, 0, 0},
	{"apache_process", take_process, FORMAT_OWN, 0, 0},
	{"apache_message", take_client, FORMAT_CLIENT, FIELD_MESSAGE, 0},
	{"gin_latency", take_padded, FORMAT_PADDED, FIELD_DURATION, UNIT_UNSAID},
	{"gin_addr", take_padded, FORMAT_PADDED, FIELD_REMOTE, 0},
	{"gin_method", take_padded, FORMAT_PADDED, FIELD_METHOD, 0},
	{"rack_seconds", take_rack, FORMAT_OWN, FIELD_DURATION, UNIT_S},
	{"kong_request_id", NULL, FORMAT_FIELD, FIELD_REQUEST_ID, 0},
	{"squid_elapsed", take_padded, FORMAT_PADDED, FIELD_DURATION, UNIT_MS},
	{"frontend", take_word, FORMAT_OWN, 0, 0},
	{"backend_queue", take_count, FORMAT_OWN, 0, 0},
	{"s3_version", take_word, FORMAT_OWN, 0, 0},
	{"ssl_protocol", take_word, FORMAT_OWN, 0, 0},
	{"tls_version", take_word, FORMAT_OWN, 0, 0},
	{"captured_headers", take_headers, FORMAT_HEADERS, 0, 0},
	{"tls", take_tls, FORMAT_OWN, 0, 0},
	{"s3_operation", NULL, FORMAT_FIELD, FIELD_MESSAGE, 0},
	{"s3_total_time", NULL, FORMAT_FIELD, FIELD_DURATION, UNIT_MS},
	{"requester", NULL, FORMAT_FIELD, FIELD_USER, 0},
	{"uri", NULL, FORMAT_FIELD, FIELD_PATH, 0}, /* nginx's own is without the query */
	{"server_name", NULL, FORMAT_FIELD, FIELD_HOST, 0},
};

void format_op_own(struct format_op *op)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (format_op_is(op, own[i].name)) {
			op->kind = own[i].kind;
			op->take = own[i].take;
			op->meaning.field = (uint8_t)own[i].field;
			op->meaning.unit = (uint8_t)own[i].unit;
			op->meaning.rank = UINT16_MAX;
		}
}

void format_op_taken_by(struct format_op *op)
{
	if (op->kind < FORMAT_OWN)
		op->take = kinds[op->kind].take;
}

bool format_op_unescape(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	bool escapes = op->kind < FORMAT_OWN ? kinds[op->kind].escapes : op->kind == FORMAT_HEADERS;

	return op->take(op, w, escapes ? decoded(w, s.p, s.n) : s, why);
}
