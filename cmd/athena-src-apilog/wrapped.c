/* SPDX-License-Identifier: ISC */
#include "wrapped.h"

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
	buf_reset(&x->text);
	buf_reserve(&x->text, log->len);
	n = jsonscan_unescape(log->value + 1, log->len - 2, x->text.data);
	while (n && (x->text.data[n - 1] == '\n' || x->text.data[n - 1] == '\r'))
		n--;
	inner->line = (struct slice){x->text.data, n};
	return true;
}

bool wrapped_line(struct wrapper *x, const char *line, size_t n, struct wrapped *inner)
{
	*inner = (struct wrapped){.time = RECORD_NONE, .east = LOGTIME_HERE, .sure = true};
	if (*line == '{')
		return docker(x, line, n, inner);
	return cri(x, line, n, inner) || syslog_head(&x->time, line, n, inner);
}

void wrapper_release(struct wrapper *x)
{
	jsonscan_release(&x->scan);
	buf_release(&x->text);
}
