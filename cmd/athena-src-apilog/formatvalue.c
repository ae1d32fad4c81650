/* SPDX-License-Identifier: ISC */
#include "formatvalue.h"

#include "bytes.h"
#include "jsonscan.h"
#include "logfmt.h"
#include "target.h"
#include "unquote.h"

static const struct {
	const char *name;
	enum format_kind kind;
	enum field field;
	enum unit unit;
} own[] = {
	{"remote_ident", FORMAT_IDENT, 0, 0},
	{"client_addr", FORMAT_ADDRESS, FIELD_REMOTE, 0},
	{"vhost", FORMAT_VHOST, FIELD_HOST, 0},
	{"behind_host", FORMAT_DOTTED, FIELD_HOST, 0},
	{"forwarded", FORMAT_ADDRESSES, 0, 0},
	{"seconds", FORMAT_SECONDS, FIELD_DURATION, UNIT_S},
	{"upstream_within", FORMAT_WITHIN, 0, 0},
	{"seconds_and_micros", FORMAT_BOTH, FIELD_DURATION, UNIT_US},
	{"request_length", FORMAT_COUNT, 0, 0},
	{"request_count", FORMAT_COUNT, 0, 0},
	{"bytes_received", FORMAT_COUNT, 0, 0},
	{"bytes_with_head", FORMAT_SENT, 0, 0},
	{"key_values", FORMAT_PAIRS, 0, 0},
	{"uri", FORMAT_FIELD, FIELD_PATH, 0}, /* nginx's own is without the query */
	{"server_name", FORMAT_FIELD, FIELD_HOST, 0},
};

/* What a variable of ours is called in extra. */
static const char *const called[][2] = {{"forwarded", "http_x_forwarded_for"},
					{"upstream_within", "upstream_response_time"},
					{"bytes_with_head", "bytes_sent"}};

static bool name_is(const struct format_op *op, const char *name)
{
	return strlen(name) == op->name_n && !memcmp(op->name, name, op->name_n);
}

static bool starts(const struct format_op *op, const char *prefix)
{
	return op->name_n >= strlen(prefix) && !memcmp(op->name, prefix, strlen(prefix));
}

void format_op_init(struct format_op *op)
{
	op->meaning = names_find(op->name, op->name_n);
	op->kind = op->meaning.field ? FORMAT_FIELD : FORMAT_EXTRA;
	op->list = starts(op, "upstream_");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (name_is(op, own[i].name)) {
			op->kind = own[i].kind;
			op->meaning.field = (uint8_t)own[i].field;
			op->meaning.unit = (uint8_t)own[i].unit;
			op->meaning.rank = UINT16_MAX;
		}
	for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
		if (name_is(op, called[i][0])) {
			op->name = called[i][1];
			op->name_n = strlen(op->name);
		}
}

void format_op_demote(struct format_op *op)
{
	if (op->kind != FORMAT_AGAIN)
		op->kind = FORMAT_EXTRA;
	op->meaning.field = FIELD_NONE;
}

void format_op_settle(struct format_op *op, bool last)
{
	static struct record r;

	op->last = last;
	op->stop = op->literal_n ? *op->literal : '/';
	op->quoted = op->literal_n && op->stop == '"';
	op->skip = op->stop == ' ' && name_is(op, "time_local") ? strlen("10/Oct/2000:13:55:36 ") : 0;
	op->simple = op->literal_n && !op->skip && !(op->list && !op->quoted);
	if (op->kind != FORMAT_FIELD)
		return;
	switch (op->meaning.field) {
	case FIELD_TIME:
		op->kind = FORMAT_TIME;
		break;
	case FIELD_REQUEST:
		op->kind = FORMAT_REQUEST;
		break;
	case FIELD_STATUS:
		op->kind = FORMAT_STATUS;
		break;
	case FIELD_BYTES:
		op->kind = FORMAT_BYTES;
		break;
	case FIELD_DURATION:
		op->kind = FORMAT_DURATION;
		break;
	case FIELD_USER:
		op->kind = FORMAT_USER;
		break;
	case FIELD_URL:
		op->kind = FORMAT_URL;
		break;
	case FIELD_SCHEME:
		op->kind = FORMAT_SCHEME;
		break;
	case FIELD_DATE:
	case FIELD_PART1:
	case FIELD_PART2:
	case FIELD_PART3:
		op->kind = FORMAT_EXTRA;
		break;
	default:
		op->kind = FORMAT_TEXT;
		op->offset = (size_t)((char *)work_slice(&r, (enum field)op->meaning.field) - (char *)&r);
		break;
	}
}

/* ---- where a value ends ---- */

/* "0.1, 0.2 : 0.3": up to a space that is no part of a separator. */
static const char *list_end(const struct format_op *op, const char *p, const char *end)
{
	const char *first = p;

	if (!op->literal_n)
		return op->last ? end : NULL;
	for (;; p++) {
		p = bytes_find(p, end, op->stop);
		if (p == end)
			return NULL;
		if (*p == ' ' && p > first &&
		    (p[-1] == ',' || (p[-1] == ':' && p - first > 1 && p[-2] == ' ')))
			continue;
		if (*p == ' ' && end - p > 2 && p[1] == ':' && p[2] == ' ')
			continue;
		if (bytes_at(p, end, op->literal, op->literal_n))
			return p;
	}
}

const char *format_op_end(const struct format_op *op, const char *low, const char *p, const char *end,
			  bool *escaped)
{
	if (op->list && !op->quoted)
		return list_end(op, p, end);
	if (op->last && !op->literal_n)
		return end;
	if ((size_t)(end - p) > op->skip)
		p += op->skip;
	for (;;) {
		p = bytes_find_either(low, p, end, op->stop, '\\');
		if (p == end)
			return NULL;
		if (*p == '\\' && op->stop != '\\') {
			/* in quotes a quote that is escaped is none */
			*escaped = true;
			p += op->quoted && end - p > 1 ? 2 : 1;
		} else if (bytes_at(p, end, op->literal, op->literal_n)) {
			return p;
		} else if (op->quoted) {
			return NULL;
		} else {
			p++;
		}
	}
}

/* ---- what a value is ---- */

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

static bool is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(s[i]))
			return false;
	return n > 0;
}

static bool is_nothing(const char *s, size_t n)
{
	return !n || (n == 1 && *s == '-');
}

/* By its looks: four numbers with dots, or hexadecimal with two colons or more. */
static bool is_address(const char *s, size_t n)
{
	size_t dots = 0, colons = 0, others = 0;

	for (size_t i = 0; i < n; i++) {
		dots += s[i] == '.';
		colons += s[i] == ':';
		if (!is_digit(s[i]) && s[i] != '.' && s[i] != ':') {
			if ((unsigned)((s[i] | 0x20) - 'a') > 5)
				return false;
			others++;
		}
	}
	return colons >= 2 || (dots == 3 && !colons && !others && n >= 7);
}

static bool is_host(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && !strchr("-._:[]*", s[i]))
			return false;
	return !is_nothing(s, n);
}

/* A host name whose last label, before a port, is made of letters; or localhost. */
static bool is_dotted(const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n);
	size_t host = colon ? (size_t)(colon - s) : n, i = host;

	if (!is_host(s, n) || (colon && !all_digits(colon + 1, n - host - 1)))
		return false;
	while (i && is_letter(s[i - 1]))
		i--;
	return i < host && (i ? s[i - 1] == '.' : host == 9 && !memcmp(s, "localhost", 9));
}

static bool are_addresses(const char *s, size_t n)
{
	const char *end = s + n;

	if (is_nothing(s, n))
		return n > 0;
	while (s < end) {
		const char *comma = bytes_find(s, end, ',');

		if (!is_address(s, (size_t)(comma - s)) &&
		    ((size_t)(comma - s) != 7 || memcmp(s, "unknown", 7)))
			return false;
		s = comma + (comma < end);
		while (s < end && *s == ' ')
			s++;
	}
	return true;
}

/* "0.123", as nginx writes seconds. */
static bool are_seconds(const char *s, size_t n)
{
	return n > 4 && s[n - 4] == '.' && all_digits(s, n - 4) && all_digits(s + n - 3, 3);
}

/* "0.1, 0.2 : 0.3" together, in microseconds; -1 where a part is none. Parts that are `-` do not count. */
static int64_t sum_of_list(const char *s, size_t n)
{
	const char *end = s + n;
	int64_t sum = 0;

	while (s < end) {
		const char *p = s;
		int64_t part;

		while (p < end && *p != ',' && *p != ' ')
			p++;
		if (are_seconds(s, (size_t)(p - s)) && logtime_span(s, (size_t)(p - s), UNIT_S, &part))
			sum += part;
		else if (!is_nothing(s, (size_t)(p - s)))
			return -1;
		while (p < end && (*p == ' ' || *p == ',' || *p == ':'))
			p++;
		s = p;
	}
	return sum;
}

/* "5/5000123" */
static bool same_time(const char *s, size_t n, int64_t *us)
{
	const char *slash = memchr(s, '/', n);
	int64_t seconds;

	return slash && all_digits(s, (size_t)(slash - s)) &&
	       all_digits(slash + 1, (size_t)(s + n - slash) - 1) &&
	       logtime_decimal(s, (size_t)(slash - s), 0, &seconds) &&
	       logtime_decimal(slash + 1, (size_t)(s + n - slash) - 1, 0, us) && *us / 1000000 == seconds;
}

/* ---- what becomes of it ---- */

static struct slice decoded(struct work *w, const char *s, size_t n, bool escaped)
{
	char *to = w->text.data + w->text.len;

	if (!escaped)
		return (struct slice){s, n};
	n = unquote(s, n, to);
	w->text.len += n;
	return (struct slice){to, n};
}

static bool take_extra(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	const struct token t = {.p = s.p, .n = s.n, .type = TOKEN_TEXT};
	uint32_t i;

	if (is_nothing(s.p, s.n))
		return true;
	i = work_member(w, op->name, op->name_n);
	if (!i) {
		*why = "too many different names";
		return false;
	}
	if (members_first(&w->members, i, w->object))
		work_extra(w, i, &t);
	return true;
}

static bool take_status(struct work *w, const char *s, size_t n, const char **why)
{
	*why = "the status is no number";
	if (is_nothing(s, n))
		return true;
	if (n != 3 || !all_digits(s, 3))
		return false;
	w->r->status = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
	if (w->r->status >= 100)
		return true;
	/* nginx: 000 where the client went away before there was one, 009 for HTTP/0.9 */
	n = (size_t)w->r->status;
	w->r->status = 0;
	return n == 0 || n == 9;
}

static bool take_bytes(struct work *w, const char *s, size_t n, const char **why)
{
	*why = "the size is no number";
	return is_nothing(s, n) || (all_digits(s, n) && logtime_decimal(s, n, 0, &w->r->bytes));
}

static bool take_request(struct work *w, struct slice s, const char **why)
{
	static const struct format_op request = {.name = "request", .name_n = 7};

	return is_nothing(s.p, s.n) || target_request(w->r, s.p, s.n) || take_extra(&request, w, s, why);
}

static bool take_user(struct work *w, struct slice s, const char **why)
{
	*why = "a user with a space in the name";
	if (w->ident && memchr(s.p, ' ', s.n))
		return false;
	if (!is_nothing(s.p, s.n) && (s.n != 2 || memcmp(s.p, "\"\"", 2))) /* Apache's empty name */
		w->r->user = s;
	return true;
}

static bool take_time(const struct format_op *op, struct work *w, const char *s, size_t n, const char **why)
{
	*why = "the time cannot be read";
	return logtime_any(&w->time, s, n, (enum unit)op->meaning.unit, &w->r->time);
}

static bool take_duration(const struct format_op *op, struct work *w, const char *s, size_t n,
			  const char **why)
{
	*why = "the duration is no number";
	return is_nothing(s, n) || logtime_span(s, n, (enum unit)op->meaning.unit, &w->r->duration_us);
}

static bool take_url(struct work *w, struct slice s)
{
	if (!is_nothing(s.p, s.n))
		target_url(w->r, s.p, s.n);
	return true;
}

static bool take_place(const struct format_op *op, struct work *w, struct slice s)
{
	*work_slice(w->r, (enum field)op->meaning.field) = s;
	return true;
}

static bool take_text(const struct format_op *op, struct work *w, struct slice s)
{
	if (!is_nothing(s.p, s.n))
		*(struct slice *)(void *)((char *)w->r + op->offset) = s;
	return true;
}

static bool take_ident(const struct format_op *op, struct work *w, struct slice s, const char **why)
{
	w->ident = !is_nothing(s.p, s.n);
	return take_extra(op, w, s, why);
}

/* The upstream's part cannot be longer than the whole, but for rounding. */
static bool is_within(const struct work *w, const char *s, size_t n)
{
	int64_t sum = sum_of_list(s, n);

	return sum >= 0 && sum <= w->r->duration_us + 2000;
}

/* A head of an answer is never shorter than 60 bytes. */
static bool is_sent(const struct work *w, const char *s, size_t n)
{
	int64_t v;

	return all_digits(s, n) && logtime_decimal(s, n, 0, &v) &&
	       v >= (w->r->bytes == RECORD_NONE ? 0 : w->r->bytes) + 60;
}

bool format_op_take(const struct format_op *op, struct work *w, const char *s, size_t n, bool escaped,
		    const char **why)
{
	switch (op->kind) {
	case FORMAT_FIELD:
	case FORMAT_TEXT:
		return take_text(op, w, decoded(w, s, n, escaped));
	case FORMAT_TIME:
		return take_time(op, w, s, n, why);
	case FORMAT_REQUEST:
		return take_request(w, decoded(w, s, n, escaped), why);
	case FORMAT_STATUS:
		return take_status(w, s, n, why);
	case FORMAT_BYTES:
		return take_bytes(w, s, n, why);
	case FORMAT_DURATION:
		return take_duration(op, w, s, n, why);
	case FORMAT_USER:
		return take_user(w, decoded(w, s, n, escaped), why);
	case FORMAT_URL:
		return take_url(w, decoded(w, s, n, escaped));
	case FORMAT_SCHEME:
		return target_scheme(w->r, s, n) || take_extra(op, w, (struct slice){s, n}, why);
	case FORMAT_AGAIN:
		return true;
	case FORMAT_EXTRA:
		return take_extra(op, w, decoded(w, s, n, escaped), why);
	case FORMAT_IDENT:
		return take_ident(op, w, (struct slice){s, n}, why);
	case FORMAT_ADDRESS:
		return is_address(s, n) && take_place(op, w, (struct slice){s, n});
	case FORMAT_VHOST:
		return is_host(s, n) && take_place(op, w, (struct slice){s, n});
	case FORMAT_DOTTED:
		return is_dotted(s, n) && take_place(op, w, (struct slice){s, n});
	case FORMAT_ADDRESSES:
		return are_addresses(s, n) && take_extra(op, w, (struct slice){s, n}, why);
	case FORMAT_SECONDS:
		return are_seconds(s, n) && take_duration(op, w, s, n, why);
	case FORMAT_WITHIN:
		return is_within(w, s, n) && take_extra(op, w, (struct slice){s, n}, why);
	case FORMAT_BOTH:
		return same_time(s, n, &w->r->duration_us);
	case FORMAT_COUNT:
		return (all_digits(s, n) || is_nothing(s, n)) && take_extra(op, w, (struct slice){s, n}, why);
	case FORMAT_SENT:
		return is_sent(w, s, n) && take_extra(op, w, (struct slice){s, n}, why);
	case FORMAT_PAIRS:
		return logfmt_pairs(w, s, n);
	}
	return false;
}
