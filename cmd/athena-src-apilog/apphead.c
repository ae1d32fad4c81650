/* SPDX-License-Identifier: ISC */
#include "apphead.h"

#include "bytes.h"

enum { TIME_MAX = 40, COLUMNS = 6 };

static bool is_word(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned)((s.p[i] | 0x20) - 'a') > 25)
			return false;
	return s.n > 0 && s.n <= 9;
}

/* "2026-11-24T03:04:02.123", or with slashes and a space in it, as if it were of UTC. */
static bool clock_time(struct logtime *t, struct slice s, int64_t *us)
{
	char text[TIME_MAX];

	if (s.n < 19 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 'Z';
	if (text[4] == '/' && text[7] == '/' && text[10] == ' ') {
		text[4] = text[7] = '-';
		text[10] = 'T';
	}
	return text[10] == 'T' && logtime_iso(t, text, s.n + 1, us);
}

/* The bytes before `with`, which is gone over. False: it is not there. */
static bool up_to(const char **p, const char *end, const char *with, struct slice *s)
{
	size_t n = strlen(with);
	const char *at = memmem(*p, (size_t)(end - *p), with, n);

	if (!at)
		return false;
	*s = (struct slice){*p, (size_t)(at - *p)};
	*p = at + n;
	return true;
}

/* "I, [TIME #PID]  INFO -- NAME: " */
static bool ruby(struct logtime *t, const char *line, size_t n, struct wrapped *inner)
{
	const char *p = line + 4, *end = line + n;
	struct slice time;
	int64_t clock;

	if (memcmp(line + 1, ", [", 3) != 0 || !up_to(&p, end, " #", &time) ||
	    !up_to(&p, end, "] ", &inner->procid))
		return false;
	while (p < end && *p == ' ')
		p++;
	if (!up_to(&p, end, " -- ", &inner->level) || !is_word(inner->level) || *inner->level.p != *line ||
	    !up_to(&p, end, ": ", &inner->program) || memchr(inner->program.p, ' ', inner->program.n))
		return false;
	inner->line = (struct slice){p, (size_t)(end - p)};
	return clock_time(t, time, &clock) && logtime_zoned(t, clock, LOGTIME_HERE, &inner->time);
}

/* TIME, level, perhaps a logger and a caller, message, and perhaps an object, with tabs between. */
static bool console(struct logtime *t, const char *line, size_t n, struct wrapped *inner)
{
	struct slice columns[COLUMNS];
	const char *p = line, *end = line + n;
	size_t have = 0, message;

	while (have < COLUMNS - 1 && up_to(&p, end, "\t", &columns[have]))
		have++;
	columns[have++] = (struct slice){p, (size_t)(end - p)};
	message = have - 1;
	message -= message > 2 && end > p && *p == '{';
	if (message < 2 || !is_word(columns[1]) ||
	    (!logtime_iso(t, columns[0].p, columns[0].n, &inner->time) &&
	     !clock_time(t, columns[0], &inner->time)))
		return false;
	inner->level = columns[1];
	for (size_t i = 2; i < message; i++)
		*(memchr(columns[i].p, ':', columns[i].n) ? &inner->caller : &inner->logger) = columns[i];
	inner->line = columns[have - 1];
	inner->message = message < have - 1 ? columns[message] : inner->message;
	return true;
}

bool apphead_line(struct logtime *t, const char *line, size_t n, struct wrapped *inner)
{
	return line[1] == ',' ? ruby(t, line, n, inner) : console(t, line, n, inner);
}
