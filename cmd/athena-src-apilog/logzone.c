/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include "logtime.h"
#include "stamp.h"

enum {
	DAY = 11,  /* bytes of 10/Oct/2000 */
	CLOCK = 9, /* of :13:55:36 */
	ZONE = 6,  /* of -0700 and the space before it */
	TEXT = 48,
};

/* Seconds by which a clock here that shows `clock` is ahead of UTC. */
static int64_t east_of(int64_t clock)
{
	time_t at = (time_t)clock;
	struct tm tm;

	/* the first may be that of the other side of a change, the second not */
	for (int i = 0; i < 2; i++) {
		if (!localtime_r(&at, &tm))
			return 0;
		at = (time_t)(clock - tm.tm_gmtoff);
	}
	return clock - at;
}

bool logtime_zoned(struct logtime *t, int64_t clock, int64_t east, int64_t *us)
{
	int64_t minute = clock / (60 * STAMP_SECOND);

	if (east == LOGTIME_HERE && (!t->here_minute || t->here_minute != minute)) {
		t->here_minute = minute;
		t->here_east = east_of(minute * 60);
	}
	clock -= (east == LOGTIME_HERE ? t->here_east : east) * STAMP_SECOND;
	if (clock < STAMP_MIN || clock > STAMP_MAX)
		return false;
	*us = clock;
	return true;
}

bool logtime_local(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us)
{
	char text[TEXT];
	int64_t clock;

	if (n < DAY + CLOCK || n + ZONE > sizeof(text))
		return false;
	memcpy(text, s, n);
	memcpy(text + n, " +0000", ZONE);
	if (text[DAY] == ' ')
		text[DAY] = ':';
	return logtime_clf(t, text, n + ZONE, &clock) && logtime_zoned(t, clock, east, us);
}
