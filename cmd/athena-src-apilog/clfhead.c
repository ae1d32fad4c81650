/* SPDX-License-Identifier: ISC */
#include "clfhead.h"

#include <string.h>

#include "target.h"

enum {
	TIME = 26,       /* bytes of 10/Oct/2000:13:55:36 -0700 */
	DIGITS_MAX = 15, /* of the bytes of an answer */
};

bool clfhead_is(const struct format_op *ops, size_t n)
{
	static const struct {
		enum format_kind kind;
		const char *literal;
	} head[CLFHEAD_OPS] = {{FORMAT_TEXT, " "},    {FORMAT_IDENT, " "},     {FORMAT_USER, " ["},
			       {FORMAT_TIME, "] \""}, {FORMAT_REQUEST, "\" "}, {FORMAT_STATUS, " "},
			       {FORMAT_BYTES, NULL}};

	if (n < CLFHEAD_OPS || ops[0].meaning.field != FIELD_REMOTE)
		return false;
	for (size_t i = 0; i < CLFHEAD_OPS; i++) {
		const char *want = head[i].literal;

		if (ops[i].kind != head[i].kind)
			return false;
		if (want &&
		    (strlen(want) != ops[i].literal_n || memcmp(want, ops[i].literal, ops[i].literal_n) != 0))
			return false;
	}
	return true;
}

static bool is_dash(const char *p, const char *stop)
{
	return stop - p == 1 && *p == '-';
}

/* The digits from p on as a number, up to where they end; NULL where there are none, or too many. */
static const char *number(const char *p, const char *end, int64_t *v)
{
	const char *first = p;

	if (end - p > 8) { /* eight at once: most are shorter */
		size_t n = bytes_digits(p, v);

		if (n < 8)
			return n ? p + n : NULL;
	}
	for (*v = 0; p < end && (unsigned)(*p - '0') <= 9 && p - first < DIGITS_MAX; p++)
		*v = *v * 10 + (*p - '0');
	return p > first ? p : NULL;
}

/* `503 ` */
static int status(const char *p)
{
	unsigned a = (unsigned)(p[0] - '0'), b = (unsigned)(p[1] - '0'), c = (unsigned)(p[2] - '0');

	return a - 1 <= 8 && b <= 9 && c <= 9 && p[3] == ' ' ? (int)(a * 100 + b * 10 + c) : 0;
}

const char *clfhead_line(const struct format_op *last, struct work *w, const char *line, const char *end,
			 struct bytes_seen *seen)
{
	const char *remote_end = bytes_find_either(line, line, end, ' ', '\\', seen), *user, *user_end, *time,
		   *request, *request_end, *p;
	struct record *r = w->r;
	int64_t us, bytes = RECORD_NONE;
	int code;

	if (remote_end == line || end - remote_end < TIME + 16 || memcmp(remote_end, " - ", 3) != 0)
		return NULL;
	user = remote_end + 3;
	user_end = bytes_find_either(line, user, end, ' ', '\\', seen);
	time = user_end + 2;
	request = time + TIME + 3;
	if (end - user_end < TIME + 16 || memcmp(user_end, " [", 2) != 0 ||
	    memcmp(request - 3, "] \"", 3) != 0)
		return NULL;
	request_end = bytes_find_either(line, request, end, '"', '\\', seen);
	if (end - request_end < 7 || memcmp(request_end, "\" ", 2) != 0)
		return NULL;
	code = status(request_end + 2);
	p = request_end + 6;
	p = *p == '-' ? p + 1 : number(p, end, &bytes);
	if (!code || !p || !(last->literal_n ? bytes_at(p, end, last->literal, last->literal_n) : p == end))
		return NULL;
	if (!logtime_clf(&w->time, time, TIME, &us) ||
	    !target_request(r, request, (size_t)(request_end - request)))
		return NULL;
	if (!is_dash(line, remote_end))
		r->remote = (struct slice){line, (size_t)(remote_end - line)};
	if (user_end > user && !is_dash(user, user_end) && memcmp(user, "\"\" ", 3) != 0)
		r->user = (struct slice){user, (size_t)(user_end - user)};
	r->time = us;
	r->status = code;
	r->bytes = bytes;
	return p + last->literal_n;
}
