/* SPDX-License-Identifier: ISC */
#include "syslog.h"

#include "bytes.h"

/* A line that is being read. */
struct head {
	const char *p, *end;
};

/* What stands before the next space, which is gone over. An empty one: there is no space. */
static struct slice word(struct head *h)
{
	const char *first = h->p, *space = bytes_find(first, h->end, ' ');

	if (space == h->end)
		return (struct slice){first, 0};
	h->p = space + 1;
	return (struct slice){first, (size_t)(space - first)};
}

static bool is_dash(struct slice s)
{
	return s.n == 1 && *s.p == '-';
}

/* "<134>": what is in it is facility and severity. */
static bool priority(struct head *h, struct slice *level)
{
	static const char *const levels[] = {"emerg",   "alert",  "crit", "error",
					     "warning", "notice", "info", "debug"};
	const char *close = bytes_find(h->p, h->end, '>');
	int v = 0;

	if (close == h->end || close - h->p < 2 || close - h->p > 4)
		return false;
	for (const char *p = h->p + 1; p < close; p++) {
		if ((unsigned)(*p - '0') > 9)
			return false;
		v = v * 10 + (*p - '0');
	}
	*level = (struct slice){levels[v % 8], strlen(levels[v % 8])};
	h->p = close + 1;
	return true;
}

/* "Nov 24 03:04:02 " */
static bool short_time(struct head *h)
{
	static const char like[] = "Aaa 00 00:00:00 ";
	const char *p = h->p;

	if ((size_t)(h->end - p) < sizeof(like) - 1 || !logtime_month(p))
		return false;
	for (size_t i = 3; like[i]; i++)
		if (like[i] == '0' ? (unsigned)(p[i] - '0') > 9 && !(i == 4 && p[i] == ' ') : p[i] != like[i])
			return false;
	h->p += sizeof(like) - 1;
	return true;
}

/* RFC 3339, and its zone, which is what the same clock would show there as UTC. */
static bool long_time(struct logtime *t, struct slice s, struct wrapped *inner)
{
	char utc[40];
	int64_t us;

	if (s.n < 20 || s.n > sizeof(utc) || s.p[10] != 'T' || !logtime_iso(t, s.p, s.n, &inner->time))
		return false;
	memcpy(utc, s.p, 19);
	utc[19] = 'Z';
	inner->east = LOGTIME_HERE;
	if (logtime_iso(t, utc, 20, &us)) /* a fraction goes the same way in both */
		inner->east = us / 1000000 - (inner->time - inner->time % 1000000) / 1000000;
	return true;
}

/* "[a b=\"]\" c=\"\\\"\"][d]" or "-": what is said about the message, gone over. */
static bool structured(struct head *h)
{
	bool quoted = false, inside = false;

	if (h->p < h->end && *h->p == '-') {
		h->p++;
	} else {
		for (; h->p < h->end && (inside || *h->p == '['); h->p++) {
			if (quoted && *h->p == '\\')
				h->p++;
			else if (*h->p == '"')
				quoted = !quoted;
			else if (!quoted)
				inside = *h->p != ']';
		}
		if (inside || h->p[-1] != ']')
			return false;
	}
	if (h->p < h->end && *h->p != ' ')
		return false;
	h->p += h->p < h->end;
	return true;
}

/* Behind "<134>1 " */
static bool rfc5424(struct logtime *t, struct head *h, struct wrapped *inner)
{
	struct slice time = word(h), id;

	inner->hostname = word(h);
	inner->program = word(h);
	inner->procid = word(h);
	id = word(h);
	if (!id.n || (!is_dash(time) && !long_time(t, time, inner)) || !structured(h))
		return false;
	if (h->end - h->p >= 3 && !memcmp(h->p, "\xef\xbb\xbf", 3))
		h->p += 3;
	return true;
}

/* "haproxy[12]:", in parts. */
static bool tag(struct slice s, struct wrapped *inner)
{
	const char *open;

	if (s.n < 2 || s.p[s.n - 1] != ':')
		return false;
	s.n--;
	open = bytes_find(s.p, s.p + s.n, '[');
	inner->program = (struct slice){s.p, (size_t)(open - s.p)};
	inner->sure = open < s.p + s.n;
	if (inner->sure)
		inner->procid = (struct slice){open + 1, (size_t)(s.p + s.n - open) - 2};
	return inner->program.n && (!inner->sure || (inner->procid.n < s.n && s.p[s.n - 1] == ']'));
}

/* "web-1 haproxy[12]: ", or without the name of the host. */
static bool host_and_tag(struct head *h, struct wrapped *inner)
{
	struct slice first = word(h);

	if (tag(first, inner))
		return true;
	inner->hostname = first;
	return first.n && tag(word(h), inner);
}

bool syslog_head(struct logtime *t, const char *line, size_t n, struct wrapped *inner)
{
	struct head h = {line, line + n};
	bool any = *line == '<', found;

	if (any && !priority(&h, &inner->level))
		return false;
	if (any && h.end - h.p > 2 && !memcmp(h.p, "1 ", 2)) {
		h.p += 2;
		found = rfc5424(t, &h, inner);
	} else {
		found = (short_time(&h) || long_time(t, word(&h), inner)) && host_and_tag(&h, inner);
		inner->sure |= any;
	}
	inner->syslog = true;
	inner->line = (struct slice){h.p, (size_t)(h.end - h.p)};
	return found;
}
