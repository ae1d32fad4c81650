/* SPDX-License-Identifier: ISC
 *
 * stamp - points in time as int64 microseconds since 1970-01-01T00:00:00Z, and
 * spans as int64 microseconds. Never a double, never a local time.
 *
 *	if (stamp_parse("2024-05-01T12:00:00+02:00", 25, &us))
 *		stamp_format(us, text);               2024-05-01T10:00:00Z
 */
#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_SECOND INT64_C(1000000)
#define STAMP_MIN    INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define STAMP_MAX    INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define STAMP_SIZE   28                          /* room for the longest form and its NUL */

/*
 * RFC 3339 with any offset, 'T', 't' or a space, and any number of fraction
 * digits (those past the sixth are cut). A leap second :60 counts as the next
 * second. False for anything else, or out of year 0001-9999 in UTC.
 */
bool stamp_parse(const char *s, size_t n, int64_t *us);

/*
 * True only for the form that an event's `timestamp` has: UTC, 'T', 'Z', no
 * fraction or 1 to 6 digits without a trailing zero, a date that exists.
 */
bool stamp_is_canonical(const char *s, size_t n);

/* The canonical form, in out; returns its length. us must be in STAMP_MIN..STAMP_MAX. */
size_t stamp_format(int64_t us, char out[STAMP_SIZE]);

/*
 * WHEN of the options --since and --until: RFC 3339, YYYY-MM-DD (midnight UTC), @epoch
 * seconds, or a span ago ("90m" "24h" "7d" "2w" "30s") before `now`.
 */
bool stamp_when(const char *s, int64_t now, int64_t *us);

/* A span: digits and a unit of ms s m h d w; digits alone are seconds. */
bool stamp_span(const char *s, int64_t *us);

/* The wall clock. */
int64_t stamp_now(void);

/* A clock that is never set, for how long something takes. */
int64_t stamp_steady(void);

/* One that is never set either and, where the system has it, goes on while the machine sleeps: for long waits. */
int64_t stamp_onward(void);

/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t stamp_days(int64_t year, unsigned month, unsigned day);

#endif
