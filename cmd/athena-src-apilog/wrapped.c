/* SPDX-License-Identifier: ISC */
#include "wrapped.h"

#include "apphead.h"
#include "bytes.h"
#include "syslog.h"

/* Is it the name of a stream? */
static bool is_stream(const char *s, size_t n)
{
	return n == 6 && (!memcmp(s, "stdout", 6) || !memcmp(s, "stderr", 6));
}

/* "TIME stdout F TEXT" */
static bool cri(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	const char *end = line + n, *p = bytes_find(line, end, ' ');

	if (end - p < 10 || !is_stream(p + 1, 6) || p[7] != ' ' || (p[8] != 'F' && p[8] != 'P') ||
	    p[9] != ' ' || !logtime_iso(&x->time, line, (size_t)(p - line), &inner->time))
		return false;
	inner->stream = (struct slice){p + 1, 6};
	inner->partial = p[8] == 'P';
	inner->line = (struct slice){p + 10, (size_t)(end - p) - 10};
	return true;
}

static bool name_is(const struct jsonscan_member *m, const char *name)
{
	return m->name_len == strlen(name) && !memcmp(m->name, name, m->name_len);
}

/* The string, decoded, into x->text. */
static void unescape(struct wrapper *x, const struct jsonscan_member *m)
{
	buf_reset(&x->text);
	buf_reserve(&x->text, m->len);
	x->text.len = jsonscan_unescape(m->value + 1, m->len - 2, x->text.data);
}

/* {"log":"TEXT\n","stream":"stdout","attrs":{...},"time":"..."} */
static bool docker(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	static const char begin[] = "{\"log\":\"";
	const struct jsonscan_member *m, *log;
	const char *time = NULL;
	size_t time_n = 0;

	if (n < sizeof(begin) || memcmp(line, begin, sizeof(begin) - 1) != 0 ||
	    jsonscan_line(&x->scan, line, n) != JSONSCAN_OK)
		return false;
	log = x->scan.members;
	for (m = log + 1; m < log + x->scan.n; m++) {
		if (name_is(m, "time") && m->type == JSONSCAN_STRING) {
			time = m->value + 1;
			time_n = m->len - 2;
		} else if (name_is(m, "stream") && m->type == JSONSCAN_STRING &&
			   is_stream(m->value + 1, m->len - 2)) {
			inner->stream = (struct slice){m->value + 1, m->len - 2};
		} else if (!name_is(m, "attrs")) {
			return false;
		}
	}
	if (!time || !inner->stream.p || !logtime_iso(&x->time, time, time_n, &inner->time))
		return false;
	unescape(x, log);
	n = x->text.len;
	while (n && (x->text.data[n - 1] == '\n' || x->text.data[n - 1] == '\r'))
		n--;
	inner->line = (struct slice){x->text.data, n};
	return true;
}

static struct wrapped blank(void)
{
	return (struct wrapped){.time = RECORD_NONE, .east = LOGTIME_HERE, .sure = true};
}

/* A daemon's, or that of a program's logger. */
static bool head(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	*inner = blank();
	if (syslog_head(&x->time, line, n, inner))
		return true;
	*inner = blank();
	return apphead_line(&x->time, line, n, inner);
}

/* What stands in a runtime's line, where nobody else writes so. */
static void look_within(struct wrapper *x, struct wrapped *inner)
{
	struct slice line = inner->line;
	struct wrapped within;

	if (*line.p == '{' || !wrapped_perhaps(line.p, line.n) || !head(x, line.p, line.n, &within) ||
	    !within.sure)
		return;
	within.stream = inner->stream;
	within.partial = inner->partial;
	within.time = within.time == RECORD_NONE ? inner->time : within.time;
	*inner = within;
}

bool wrapped_line(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	*inner = blank();
	if (*line == '{' ? !docker(x, line, n, inner) : !cri(x, line, n, inner))
		return *line != '{' && head(x, line, n, inner);
	if (inner->line.n)
		look_within(x, inner);
	return true;
}

/* ---- the journal ---- */

static bool is_text(const struct jsonscan_member *m, const char *name, struct slice *text)
{
	if (m->type != JSONSCAN_STRING || m->escaped || !name_is(m, name))
		return false;
	*text = (struct slice){m->value + 1, m->len - 2};
	return true;
}

/* A message that is no UTF-8, or has control characters, is there as a list of its bytes. */
static void take_bytes(struct wrapper *x, const struct jsonscan_member *m)
{
	int v = -1;

	buf_reset(&x->text);
	buf_reserve(&x->text, m->len);
	for (const char *p = m->value; p < m->value + m->len; p++) {
		bool digit = (unsigned)(*p - '0') <= 9;

		if (!digit && v >= 0 && v < 256)
			x->text.data[x->text.len++] = (char)v;
		v = digit && v < 256 ? (v < 0 ? 0 : v * 10) + (*p - '0') : -1;
	}
}

bool wrapped_journal(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	const struct jsonscan_member *message = NULL;
	struct slice time = {0};

	*inner = blank();
	if (jsonscan_line(&x->scan, line, n) != JSONSCAN_OK)
		return false;
	for (const struct jsonscan_member *m = x->scan.members; m < x->scan.members + x->scan.n; m++) {
		if (name_is(m, "MESSAGE"))
			message = m;
		else if (!is_text(m, "__REALTIME_TIMESTAMP", &time) &&
			 !is_text(m, "_HOSTNAME", &inner->hostname) &&
			 !is_text(m, "SYSLOG_IDENTIFIER", &inner->program))
			(void)(is_text(m, "_PID", &inner->procid) || is_text(m, "PRIORITY", &inner->level));
	}
	if (!message || message->len <= 2 ||
	    (message->type != JSONSCAN_STRING && message->type != JSONSCAN_ARRAY) ||
	    !logtime_epoch(time.p, time.n, UNIT_US, &inner->time))
		return false;
	if (message->type == JSONSCAN_STRING)
		unescape(x, message);
	else
		take_bytes(x, message);
	inner->line = (struct slice){x->text.data, x->text.len};
	return true;
}

void wrapper_release(struct wrapper *x)
{
	jsonscan_release(&x->scan);
	buf_release(&x->text);
}
