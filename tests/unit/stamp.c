/* SPDX-License-Identifier: ISC */
#include "stamp.h"

#include <time.h>

#include "tap.h"

#define S STAMP_SECOND

/* clang-format off */
static const struct {
	const char *in, *canonical; /* NULL: is no time */
} parse[] = {
	{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
	{"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
	{"2024-02-29t12:34:56z", "2024-02-29T12:34:56Z"},
	{"2024-02-29 12:34:56Z", "2024-02-29T12:34:56Z"},
	{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
	{"1900-02-29T00:00:00Z", NULL},
	{"2023-02-29T00:00:00Z", NULL},
	{"2100-02-28T24:00:00Z", NULL},
	{"2024-04-31T00:00:00Z", NULL},
	{"2024-00-01T00:00:00Z", NULL},
	{"2024-13-01T00:00:00Z", NULL},
	{"2024-01-00T00:00:00Z", NULL},
	{"2024-01-32T00:00:00Z", NULL},
	{"2024-01-01T00:60:00Z", NULL},
	{"2024-01-01T00:00:61Z", NULL},
	/* offsets */
	{"2024-01-01T00:00:00+05:30", "2023-12-31T18:30:00Z"},
	{"2024-01-01T00:00:00-23:59", "2024-01-01T23:59:00Z"},
	{"2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z"},
	{"2024-01-01T00:00:00+24:00", NULL},
	{"2024-01-01T00:00:00+00:60", NULL},
	{"2024-01-01T00:00:00+0530", NULL},
	{"2024-01-01T00:00:00+05", NULL},
	{"2024-01-01T00:00:00", NULL},
	{"2024-01-01T00:00:00Zx", NULL},
	{"2024-01-01T00:00:00 Z", NULL},
	/* the edges of what can be said */
	{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
	{"0001-01-01T00:00:00+00:01", NULL},
	{"0000-12-31T23:59:59Z", NULL},
	{"0000-12-31T23:59:00-00:01", "0001-01-01T00:00:00Z"},
	{"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	{"9999-12-31T23:59:60Z", NULL},
	{"9999-12-31T23:59:59-00:01", NULL},
	{"10000-01-01T00:00:00Z", NULL},
	{"-001-01-01T00:00:00Z", NULL},
	/* fractions are cut, never rounded */
	{"2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00.1Z"},
	{"2024-01-01T00:00:00.120000Z", "2024-01-01T00:00:00.12Z"},
	{"2024-01-01T00:00:00.1234569Z", "2024-01-01T00:00:00.123456Z"},
	{"2024-01-01T00:00:00.9999999999999999999999Z", "2024-01-01T00:00:00.999999Z"},
	{"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"},
	{"2024-01-01T00:00:00.0000004Z", "2024-01-01T00:00:00Z"},
	{"2024-01-01T00:00:00.Z", NULL},
	{"2024-01-01T00:00:00,5Z", NULL},
	/* leap seconds */
	{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
	{"2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"},
	{"2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00Z"},
	/* and what is none at all */
	{"", NULL},
	{"2024-01-01", NULL},
	{"2024-1-01T00:00:00Z", NULL},
	{"2024-01-01T0:00:00Z", NULL},
	{"2024-01-01_00:00:00Z", NULL},
	{"2024/01/01T00:00:00Z", NULL},
	{" 2024-01-01T00:00:00Z", NULL},
	{"+024-01-01T00:00:00Z", NULL},
};

static const struct {
	const char *in;
	bool is;
} canonical[] = {
	{"2024-01-01T00:00:00Z", true},
	{"2024-01-01T00:00:00.5Z", true},
	{"2024-01-01T00:00:00.000001Z", true},
	{"2024-01-01T00:00:00.50Z", false},
	{"2024-01-01T00:00:00.0Z", false},
	{"2024-01-01T00:00:00.1234567Z", false},
	{"2024-01-01T00:00:00+00:00", false},
	{"2024-01-01T00:00:00z", false},
	{"2024-01-01t00:00:00Z", false},
	{"2024-01-01 00:00:00Z", false},
	{"2016-12-31T23:59:60Z", false},
	{"2023-02-29T00:00:00Z", false},
	{"0000-01-01T00:00:00Z", false},
	{"0001-01-01T00:00:00Z", true},
	{"9999-12-31T23:59:59.999999Z", true},
	{"2024-01-01T00:00:00.00000000000000000000000Z", false},
};

/* now is 2024-03-10T12:00:00.5Z */
#define NOW (INT64_C(1710072000) * S + S / 2)
static const struct {
	const char *in;
	bool is;
	int64_t us;
} when[] = {
	{"2024-03-09", true, INT64_C(1709942400) * S},
	{"0001-01-01", true, STAMP_MIN},
	{"0000-12-31", false, 0},
	{"2023-02-29", false, 0},
	{"2024-03-09T00:00:00.5+01:00", true, INT64_C(1709938800) * S + S / 2},
	{"@0", true, 0},
	{"@1700000000", true, INT64_C(1700000000) * S},
	{"@-1", true, -S},
	{"@-62135596800", true, STAMP_MIN},
	{"@-62135596801", false, 0},
	{"@253402300799", true, STAMP_MAX / S * S},
	{"@253402300800", false, 0},
	{"@99999999999999999999999", false, 0},
	{"@", false, 0},
	{"@-", false, 0},
	{"@1h", false, 0},
	{"@1.5", false, 0},
	{"@+1", false, 0},
	{"30s", true, NOW - 30 * S},
	{"90m", true, NOW - 5400 * S},
	{"24h", true, NOW - 86400 * S},
	{"7d", true, NOW - 604800 * S},
	{"2w", true, NOW - 1209600 * S},
	{"0s", true, NOW},
	{"7", false, 0},
	{"d", false, 0},
	{"7dd", false, 0},
	{"7y", false, 0},
	{"-7d", false, 0},
	{"7 d", false, 0},
	{"999999999w", false, 0},
	{"2000000d", false, 0},
	{"yesterday", false, 0},
	{"", false, 0},
	{"2024-03-0x", false, 0},
};
/* clang-format on */

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(parse) / sizeof(parse[0]); i++) {
		char text[STAMP_SIZE] = "";
		int64_t us;

		if (stamp_parse(parse[i].in, strlen(parse[i].in), &us))
			stamp_format(us, text);
		is_str(*text ? text : NULL, parse[i].canonical, "'%s'", parse[i].in);
	}
}

static void test_canonical(void)
{
	for (size_t i = 0; i < sizeof(canonical) / sizeof(canonical[0]); i++)
		is_int(stamp_is_canonical(canonical[i].in, strlen(canonical[i].in)), canonical[i].is,
		       "canonical? %s", canonical[i].in);
}

static void test_when(void)
{
	for (size_t i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		int64_t us = 0;
		bool is = stamp_when(when[i].in, NOW, &us);

		is_int(is, when[i].is, "'%s' is a time or not", when[i].in);
		if (is && when[i].is)
			is_int(us, when[i].us, "... and which");
	}
}

static void test_span(void)
{
	int64_t us;

	ok(stamp_span("90", &us) && us == 90 * S, "digits alone are seconds");
	ok(stamp_span("1w", &us) && us == 604800 * S, "a week");
	ok(stamp_span("1500ms", &us) && us == 1500000, "milliseconds");
	ok(!stamp_span("1Ms", &us), "no such unit");
	ok(!stamp_span("", &us) && !stamp_span("s", &us) && !stamp_span("-1s", &us), "no number");
	ok(!stamp_span("1x", &us) && !stamp_span("1sm", &us), "no unit");
	ok(!stamp_span("99999999999999999999", &us), "overflow of the number");
	ok(!stamp_span("253402300799w", &us), "overflow by the unit");
}

/* Days, one by one, for 800 years around the epoch and at both ends, against the C library. */
static void test_days(void)
{
	static const int64_t from[] = {-146097, -719162, 2932896 - 1000};
	size_t wrong = 0;

	for (size_t k = 0; k < 3; k++) {
		int64_t n = k ? 1001 : 2 * 146097;

		for (int64_t day = from[k]; day < from[k] + n; day++) {
			char got[STAMP_SIZE], want[64];
			time_t t = (time_t)day * 86400 + 3661;
			int64_t us;
			struct tm tm;

			gmtime_r(&t, &tm);
			snprintf(want, sizeof(want), "%04d-%02d-%02dT01:01:01Z", tm.tm_year + 1900,
				 tm.tm_mon + 1, tm.tm_mday);
			stamp_format((int64_t)t * S, got);
			wrong += strcmp(got, want) != 0;
			wrong += !stamp_parse(got, strlen(got), &us) || us != (int64_t)t * S;
			wrong += stamp_days(tm.tm_year + 1900, (unsigned)tm.tm_mon + 1,
					    (unsigned)tm.tm_mday) != day;
		}
	}
	is_int((int64_t)wrong, 0, "every day of 800 years, and those at both ends");
}

int main(void)
{
	char text[STAMP_SIZE];
	int64_t us, before = (int64_t)time(NULL) - 1;

	test_parse();
	test_canonical();
	test_when();
	test_span();
	test_days();
	is_int((int64_t)stamp_format(STAMP_MIN, text), 20, "the earliest");
	is_str(text, "0001-01-01T00:00:00Z", "... is the first moment of year 1");
	is_int((int64_t)stamp_format(STAMP_MAX, text), STAMP_SIZE - 1, "the latest fills the buffer");
	stamp_format(-1, text);
	is_str(text, "1969-12-31T23:59:59.999999Z", "a microsecond before the epoch");
	ok(stamp_parse("2024-01-01T00:00:00Zgarbage", 20, &us), "only n bytes are looked at");
	ok(!stamp_parse("2024-01-01T00:00:00Z", 19, &us), "... exactly n");
	us = stamp_now();
	ok(us / S >= before && us / S <= (int64_t)time(NULL) + 1, "now is now");
	return tap_done();
}
