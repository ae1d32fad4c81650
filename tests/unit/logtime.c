/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c */
#include "logtime.h"

#include <time.h>

#include "lognumber.h"
#include "stamp.h"
#include "tap.h"

static struct logtime memory;

/* The time as text, "none" where it is none. */
static const char *any(const char *s, enum unit unit)
{
	static char text[STAMP_SIZE];
	int64_t us;

	if (!logtime_any(&memory, s, strlen(s), unit, &us))
		return "none";
	stamp_format(us, text);
	return text;
}

static void is(const char *s, const char *want)
{
	is_str(any(s, UNIT_UNSAID), want, "%s", s);
}

static void test_texts(void)
{
	is("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z");
	is("10/Oct/2000:13:55:37 -0700", "2000-10-10T20:55:37Z");
	is("10/Oct/2000:00:00:00 +0000", "2000-10-10T00:00:00Z");
	is("11/Oct/2000:00:30:00 +0100", "2000-10-10T23:30:00Z");
	is("[10/Oct/2000:13:55:36.123 -0700]", "2000-10-10T20:55:36.123Z");
	is("29/Feb/2023:00:00:00 +0000", "none");
	is("29/Feb/2024:23:59:60 +0000", "2024-03-01T00:00:00Z");
	is("28/Feb/2024:23:59:61 +0000", "none");
	is("10/Okt/2000:13:55:36 -0700", "none");
	is("10/Oct/2000:24:00:00 -0700", "none");
	is("10/Oct/2000:13:55:36 -0760", "none");
	is("10/Oct/2000:13:55:36 0700", "none");
	is("10/Oct/2000:13:55:36", "none");
	is("10/Oct/2000 13:55:36 -0700", "none");
	is("10/Oct/2000:13:55:36. -0700", "none");
	is("01/Jan/0000:00:00:00 +0000", "none");
	is("2026-11-24T03:04:02Z", "2026-11-24T03:04:02Z");
	is("2026-11-24t03:04:02.1234567z", "2026-11-24T03:04:02.123456Z");
	is("2026-11-24 03:04:02,5 +0100", "2026-11-24T02:04:02.5Z");
	is("2026-11-24T03:04:02+01", "2026-11-24T02:04:02Z");
	is("2026-11-24T03:04:02-0130", "2026-11-24T04:34:02Z");
	is("2026-11-24T03:04:02-01:30", "2026-11-24T04:34:02Z");
	is("2026-11-24T03:04:02-01.30", "none");
	is("2026-11-24T03:04:02", "none");
	is("2026-11-24 03:04:02.123", "none");
	is("2026-11-31T03:04:02Z", "none");
	is("2026-11-24T03:04:02.Z", "none");
	is("Tue, 24 Nov 2026 03:04:02 GMT", "2026-11-24T03:04:02Z");
	is("Tue, 31 Nov 2026 03:04:02 GMT", "none");
	is("Tue, 24 Nov 2026 03:64:02 GMT", "none");
	is("Tue, 24 Nov 2026 03:04:02 CET", "none");
	is("Tue, 24 Nov 2026 03:04:02", "none");
	is("Tue, 4 Nov 2026 03:04:02 GMT", "none");
	is("2026-11-24", "none");
	is("", "none");
	is("-", "none");
}

static void test_numbers(void)
{
	int64_t v = 7;

	is("99999999", "none");
	is("100000000", "1973-03-03T09:46:40Z");
	is("1795489442", "2026-11-24T03:04:02Z");
	is("1795489442.123", "2026-11-24T03:04:02.123Z");
	is("1.795489442e9", "2026-11-24T03:04:02Z");
	is("99999999999", "5138-11-16T09:46:39Z");
	is("100000000000", "1973-03-03T09:46:40Z");
	is("1795489442123", "2026-11-24T03:04:02.123Z");
	is("1795489442123.5", "2026-11-24T03:04:02.1235Z");
	is("1795489442123456", "2026-11-24T03:04:02.123456Z");
	is("1795489442123456789", "2026-11-24T03:04:02.123456Z");
	is("9223372036854775807", "2262-04-11T23:47:16.854775Z");
	is("17954894421234567890", "none");
	is("99999999999999999999", "none");
	is("999999999999999999999", "none");
	is("99", "none");
	is("-1795489442", "none");
	is("1795489442x", "none");
	is("1795489442.", "none");
	is("1e999", "none");
	is("1795489442123456789e-9", "2026-11-24T03:04:02.123456Z");
	ok(!lognumber_decimal("1234567890123456789", 19, 0, &v) && v == 7, "more digits than are kept: none");
	ok(lognumber_decimal("0001234567890123456789", 22, -3, &v) && v == INT64_C(1234567890123456),
	   "cut they may be");
	is_str(any("12.5", UNIT_S), "1970-01-01T00:00:12.5Z", "a number of seconds, however few");
	is_str(any("1795489442123", UNIT_S), "none", "seconds of the year 58,000");
}

static void is_span(const char *s, enum unit unit, int64_t want)
{
	int64_t us = -1;
	bool taken = lognumber_span(s, strlen(s), unit, &us);

	is_int(us, want, "%s in unit %d", s, unit);
	ok(taken == (want >= 0), "%s is %s", s, taken ? "a span" : "none");
}

static void test_spans(void)
{
	is_span("0.123", UNIT_S, 123000);
	is_span("0.0000019", UNIT_S, 1);
	is_span("12", UNIT_MS, 12000);
	is_span("12.3456", UNIT_MS, 12345);
	is_span("7", UNIT_US, 7);
	is_span("1204000999", UNIT_NS, 1204000);
	is_span("1.2e-05", UNIT_S, 12);
	is_span("-1", UNIT_S, -1);
	is_span("", UNIT_S, -1);
	is_span("9223372036854775807", UNIT_S, -1);
	is_span("12", UNIT_UNSAID, -1);
	is_span("12ms", UNIT_UNSAID, 12000);
	is_span("1.204 ms", UNIT_UNSAID, 1204);
	is_span("350\xc2\xb5s", UNIT_UNSAID, 350);
	is_span("1m2.5s", UNIT_UNSAID, 62500000);
	is_span("2h", UNIT_UNSAID, INT64_C(7200000000));
	is_span("1.5d", UNIT_UNSAID, -1);
	is_span("9000000000000h", UNIT_UNSAID, -1);
}

static void test_join(void)
{
	int64_t us = 0;

	ok(logtime_join(&memory, "2026-11-24", 10, "03:04:02.5", 10, &us), "a day and a time of day");
	is_int(us, INT64_C(1795489442500000), "together");
	ok(!logtime_join(&memory, "2026-11-24", 10, "2026-11-24T03:04:02Z", 20, &us),
	   "a whole time is none of day");
}

/* What is remembered is never what was not there, and a text that is met again says the same. */
static void test_memory(void)
{
	static const char day[26] = {[12] = '1', '3', ':', '5', '5', ':', '3', '6'}, nothing[26];
	static const char iso[20] = {[10] = 'T', '1', '3', ':', '5', '5', ':', '3', '6', 'Z'};
	struct logtime t = {0};
	int64_t us;

	ok(!logtime_clf(&t, day, sizeof(day), &us) && !logtime_clf(&t, nothing, sizeof(nothing), &us) &&
		   !logtime_iso(&t, iso, sizeof(iso), &us),
	   "NULs are no day");
	for (int i = 0; i < 2; i++) {
		is("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z");
		is("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z");
		is("10/Oct/2000:13:55:36.5 -0700", "2000-10-10T20:55:36.5Z");
		is("10/Oct/2000:13:55:36 -0600", "2000-10-10T19:55:36Z");
		is("10/Oct/2000:13:55:61 -0600", "none");
		is("10/Oct/2000:13:55:61 -0600", "none");
	}
}

typedef bool local_reader(struct logtime *, const char *, size_t, int64_t, int64_t *);

/* What stands there in a zone so many seconds east. */
static void is_read(local_reader *read, const char *s, int64_t east, const char *want)
{
	char stamp[STAMP_SIZE] = "none";
	int64_t us;

	if (read(&memory, s, strlen(s), east, &us))
		stamp_format(us, stamp);
	is_str(stamp, want, "%s", s);
}

static void is_local(const char *s, int64_t east, const char *want)
{
	is_read(logtime_local, s, east, want);
}

/* LOGTIME_HERE is an hour ahead of UTC, and two from the last Sunday of March to that of October. */
static void test_local(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	is_local("28/Nov/2026:10:00:00.655", LOGTIME_HERE, "2026-11-28T09:00:00.655Z");
	is_local("28/Jul/2026:10:00:00.655", LOGTIME_HERE, "2026-07-28T08:00:00.655Z");
	is_local("28/Jul/2026 10:00:59", LOGTIME_HERE, "2026-07-28T08:00:59Z");
	is_local("29/Mar/2026 01:59:59", LOGTIME_HERE, "2026-03-29T00:59:59Z");
	is_local("29/Mar/2026 03:00:00", LOGTIME_HERE, "2026-03-29T01:00:00Z");
	is_local("25/Oct/2026 01:59:59", LOGTIME_HERE, "2026-10-24T23:59:59Z");
	is_local("25/Oct/2026 03:00:00", LOGTIME_HERE, "2026-10-25T02:00:00Z");
	is_local("01/Jan/1970 00:00:30", LOGTIME_HERE, "1969-12-31T23:00:30Z");
	is_local("28/Nov/2026:10:00:00", -5 * 3600, "2026-11-28T15:00:00Z");
	is_local("28/Nov/2026:10:00:00", 0, "2026-11-28T10:00:00Z");
	is_local("28/Nov/2026:10:00:00", LOGTIME_HERE, "2026-11-28T09:00:00Z");
	is_local("01/Jan/0001 00:00:00", 3600, "none");
	is_local("31/Feb/2026 10:00:00", LOGTIME_HERE, "none");
	is_local("28/Nov/2026 10:00", LOGTIME_HERE, "none");
	is_local("28/Nov/2026 10:00:00 +0000", LOGTIME_HERE, "none");
	is_local("28/Nov/2026 10:00:00.0000000000000000000000000", LOGTIME_HERE, "none");
}

static void test_others(void)
{
	is_read(logtime_slashed, "2026/11/28 10:00:00", LOGTIME_HERE, "2026-11-28T09:00:00Z");
	is_read(logtime_slashed, "2026/07/28 - 10:00:00", LOGTIME_HERE, "2026-07-28T08:00:00Z");
	is_read(logtime_slashed, "2026-11-28 10:00:00", LOGTIME_HERE, "none");
	is_read(logtime_slashed, "2026/13/28 10:00:00", LOGTIME_HERE, "none");
	is_read(logtime_slashed, "2026/11/28 10:00:00.1", LOGTIME_HERE, "none");
	is_read(logtime_asctime, "Sat Nov 28 10:00:00 2026", LOGTIME_HERE, "2026-11-28T09:00:00Z");
	is_read(logtime_asctime, "Sun Nov  8 10:00:00.123456 2026", LOGTIME_HERE,
		"2026-11-08T09:00:00.123456Z");
	is_read(logtime_asctime, "Sun Nov 8 10:00:00 2026", LOGTIME_HERE, "none");
	is_read(logtime_asctime, "Sat Nov 31 10:00:00 2026", LOGTIME_HERE, "none");
	is_read(logtime_asctime, "2026", LOGTIME_HERE, "none");
	is_read(logtime_asctime, "Sat Nov 28 10:00:00.123456789012345678 2026", LOGTIME_HERE, "none");
}

int main(void)
{
	test_local();
	test_others();
	test_texts();
	test_numbers();
	test_spans();
	test_join();
	test_memory();
	return tap_done();
}
