/* SPDX-License-Identifier: ISC
 *
 * logtime - times as logs write them. A time without a zone is none: nobody knows which
 * was meant. Nothing here prints; what cannot be read is false.
 *
 *	struct logtime t = {0};          remembers the last day, and of CLF the last second
 *	logtime_clf(&t, "10/Oct/2000:13:55:36 -0700", 26, &us)
 */
#ifndef LOGTIME_H
#define LOGTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

struct logtime {
	char clf[26];      /* "10/Oct/2000:13:55:36 -0700", which is */
	int64_t clf_us;
	char clf_day[12];  /* "10/Oct/2000:" */
	char clf_zone[6];  /* " -0700" */
	int64_t clf_base;  /* seconds at which that day begins there */
	char iso_day[10];  /* "2000-10-10" */
	int64_t iso_base;  /* seconds at which that day begins in UTC */
	int64_t here_minute; /* as a clock here showed it, since 1970, */
	int64_t here_east;   /* and so many seconds it was ahead of UTC */
};

#define LOGTIME_HERE INT64_MIN /* the zone of this machine, or that of TZ, whatever it was at that time */

/* 10/Oct/2000:13:55:36 -0700, with or without a fraction of the second. */
bool logtime_clf(struct logtime *t, const char *s, size_t n, int64_t *us);

/* 10/Oct/2000:13:55:36.123 without a zone: `east` are seconds ahead of UTC, or LOGTIME_HERE. A space may stand behind the day. */
bool logtime_local(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us);

/* The same of what a clock there shows as `clock`, microseconds since 1970. */
bool logtime_zoned(struct logtime *t, int64_t clock, int64_t east, int64_t *us);

/* 2000/10/10 13:55:36, and 2000/10/10 - 13:55:36, likewise. */
bool logtime_slashed(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us);

/* Tue Oct 10 13:55:36.123456 2000, likewise. */
bool logtime_asctime(struct logtime *t, const char *s, size_t n, int64_t east, int64_t *us);

/* RFC 3339, also with a comma before the fraction, and with +hhmm or +hh for the offset. */
bool logtime_iso(struct logtime *t, const char *s, size_t n, int64_t *us);

/*
 * A number of seconds, or with UNIT_UNSAID of what its magnitude says where that is between
 * 1973 and 5138: seconds, milli-, micro- or nanoseconds.
 */
bool logtime_epoch(const char *s, size_t n, enum unit unit, int64_t *us);

/* "Oct": 1 to 12, of its three bytes; 0: no month. */
int logtime_month(const char *name);

/* Any of these, as text. */
bool logtime_any(struct logtime *t, const char *s, size_t n, enum unit unit, int64_t *us);

/* A day, YYYY-MM-DD, and a time of day, hh:mm:ss with or without a fraction, in UTC. */
bool logtime_join(struct logtime *t, const char *day, size_t day_n, const char *clock, size_t clock_n, int64_t *us);

#endif
