/* SPDX-License-Identifier: ISC
 *
 * Times of logtime.h without a zone: those of a clock here, or of one that is known to be so far ahead of UTC.
 */
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

	if (n < DAY + CLOCK || n > TEXT - ZONE)
		return false;
	memcpy(text, s, n);
	memcpy(text + n, " +0000", ZONE);
	if (text[DAY] == ' ')
		text[DAY] = ':';
	return logtime_clf(t, text, n + ZONE, &clock) && logtime_zoned(t, clock, east, us);
}

bool logtime_slashed(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us)
{
	char iso[] = "0000-00-00T00:00:00Z";
	int64_t clock;

	if ((n != 19 && n != 21) || s[4] != '/' || s[7] != '/' || memcmp(s + 10, " - ", n == 21 ? 3 : 1) != 0)
		return false;
	memcpy(iso, s, 4);
	memcpy(iso + 5, s + 5, 2);
	memcpy(iso + 8, s + 8, 2);
	memcpy(iso + 11, s + n - 8, 8);
	return logtime_iso(t, iso, sizeof(iso) - 1, &clock) && logtime_zoned(t, clock, east, us);
}

bool logtime_asctime(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us)
{
	char text[TEXT];
	size_t clock = n - 16; /* bytes of 13:55:36.123456 */

	if (n < 24 || clock > 20 || s[3] != ' ' || s[7] != ' ' || s[10] != ' ' || s[n - 5] != ' ')
		return false;
	memcpy(text, s + 8, 2);
	text[0] = text[0] == ' ' ? '0' : text[0];
	text[2] = text[6] = '/';
	memcpy(text + 3, s + 4, 3);
	memcpy(text + 7, s + n - 4, 4);
	text[DAY] = ':';
	memcpy(text + DAY + 1, s + 11, clock);
	return logtime_local(t, text, DAY + 1 + clock, east, us);
}
