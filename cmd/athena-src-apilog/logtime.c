/* SPDX-License-Identifier: ISC */
#include "logtime.h"

#include <string.h>

#include "lognumber.h"
#include "stamp.h"

enum { CLF_LENGTH = 26 };

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

/* Two digits, or more than 99. */
static unsigned two(const char *s)
{
	return is_digit(s[0]) && is_digit(s[1]) ? (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0') : 100;
}

/* hh:mm:ss as seconds, -1 where it is none. 60 seconds are a leap second. */
static int64_t clock_seconds(const char *s)
{
	unsigned h = two(s), m = two(s + 3), sec = two(s + 6);

	if (h > 23 || m > 59 || sec > 60 || s[2] != ':' || s[5] != ':')
		return -1;
	return (int64_t)h * 3600 + m * 60 + sec;
}

/* The fraction's digits after the point at *s; those past the sixth are cut. */
static bool fraction(const char **s, const char *end, int64_t *us)
{
	int64_t unit = STAMP_SECOND / 10;
	const char *first = ++*s;

	*us = 0;
	for (; *s < end && is_digit(**s); (*s)++, unit /= 10)
		*us += (**s - '0') * unit;
	return *s > first;
}

/* +hhmm, +hh:mm, +hh, or Z: seconds east of UTC. The whole of n. */
static bool zone(const char *s, size_t n, int64_t *seconds)
{
	unsigned h, m = 0;

	*seconds = 0;
	if (n == 1)
		return *s == 'Z' || *s == 'z';
	if ((n != 3 && n != 5 && n != 6) || (*s != '+' && *s != '-'))
		return false;
	h = two(s + 1);
	if (n == 6 && s[3] != ':')
		return false;
	if (n > 3)
		m = two(s + n - 2);
	if (h > 23 || m > 59)
		return false;
	*seconds = ((int64_t)h * 60 + m) * (*s == '-' ? -60 : 60);
	return true;
}

static bool in_range(int64_t seconds, int64_t frac, int64_t *us)
{
	int64_t t = seconds * STAMP_SECOND + frac;

	if (t < STAMP_MIN || t > STAMP_MAX)
		return false;
	*us = t;
	return true;
}

/* The first second of a day, as stamp.h reads it. */
static bool day_base(const char *day, int64_t *seconds)
{
	char text[] = "0000-00-00T00:00:00Z";
	int64_t us;

	memcpy(text, day, 10);
	if (!stamp_parse(text, sizeof(text) - 1, &us))
		return false;
	*seconds = us / STAMP_SECOND;
	return true;
}

int logtime_month(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (!memcmp(months + (size_t)i * 3, name, 3))
			return i + 1;
	return 0;
}

/* "10/Oct/2000", whatever stands between: the second at which it begins. */
static bool named_day(const char *day, int64_t *base)
{
	char iso[10] = {day[7], day[8], day[9], day[10], '-', '0', '0', '-', day[0], day[1]};
	int month = logtime_month(day + 3);

	iso[5] = (char)('0' + month / 10);
	iso[6] = (char)('0' + month % 10);
	return month && day_base(iso, base);
}

/* "10/Oct/2000:" and " -0700", and remembers them. */
static bool clf_day(struct logtime *t, const char *day, const char *offset)
{
	int64_t base, east;

	if (day[2] != '/' || day[6] != '/' || day[11] != ':' || *offset != ' ' ||
	    !zone(offset + 1, 5, &east) || !named_day(day, &base))
		return false;
	memcpy(t->clf_day, day, sizeof(t->clf_day));
	memcpy(t->clf_zone, offset, sizeof(t->clf_zone));
	t->clf_base = base - east;
	return true;
}

static bool clf(struct logtime *t, const char *s, size_t n, int64_t *us)
{
	int64_t seconds, frac = 0;
	const char *offset = s + n - 6;

	if ((!*t->clf_day || memcmp(s, t->clf_day, sizeof(t->clf_day)) ||
	     memcmp(offset, t->clf_zone, sizeof(t->clf_zone))) &&
	    !clf_day(t, s, offset))
		return false;
	seconds = clock_seconds(s + 12);
	if (n > CLF_LENGTH) {
		const char *p = s + 20;

		if (*p != '.' || !fraction(&p, offset, &frac) || p != offset)
			return false;
	}
	return seconds >= 0 && in_range(t->clf_base + seconds, frac, us);
}

bool logtime_clf(struct logtime *t, const char *s, size_t n, int64_t *us)
{
	if (n == CLF_LENGTH && *t->clf && !memcmp(s, t->clf, CLF_LENGTH)) {
		*us = t->clf_us;
		return true;
	}
	if (n < CLF_LENGTH || !clf(t, s, n, us))
		return false;
	if (n == CLF_LENGTH) {
		memcpy(t->clf, s, CLF_LENGTH);
		t->clf_us = *us;
	}
	return true;
}

bool logtime_iso(struct logtime *t, const char *s, size_t n, int64_t *us)
{
	const char *end = s + n, *p = s + 19;
	int64_t seconds, frac = 0, east;

	if (n < 20 || (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
		return false;
	if (!*t->iso_day || memcmp(s, t->iso_day, sizeof(t->iso_day))) {
		if (!day_base(s, &t->iso_base))
			return false;
		memcpy(t->iso_day, s, sizeof(t->iso_day));
	}
	seconds = clock_seconds(s + 11);
	if (seconds < 0 || ((*p == '.' || *p == ',') && !fraction(&p, end, &frac)))
		return false;
	if (end - p > 1 && *p == ' ') /* "2000-10-10 13:55:36.123 +0200" */
		p++;
	return zone(p, (size_t)(end - p), &east) && in_range(t->iso_base + seconds - east, frac, us);
}

/* As headers of HTTP have it: "Tue, 10 Oct 2000 13:55:36 GMT". */
static bool http_date(const char *s, size_t n, int64_t *us)
{
	int64_t base, seconds;

	if (n != 29 || s[3] != ',' || s[4] != ' ' || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' ||
	    memcmp(s + 25, " GMT", 4) != 0 || !named_day(s + 5, &base))
		return false;
	seconds = clock_seconds(s + 17);
	return seconds >= 0 && in_range(base + seconds, 0, us);
}

bool logtime_join(struct logtime *t, const char *day, size_t day_n, const char *clock, size_t clock_n,
		  int64_t *us)
{
	char text[64];

	if (day_n != 10 || clock_n < 8 || clock_n > sizeof(text) - 12)
		return false;
	memcpy(text, day, 10);
	text[10] = 'T';
	memcpy(text + 11, clock, clock_n);
	text[11 + clock_n] = 'Z';
	return logtime_iso(t, text, clock_n + 12, us);
}

bool logtime_epoch(const char *s, size_t n, enum unit unit, int64_t *us)
{
	/* digits before the point: a second of 1973 has nine, one of 5138 eleven, and so on in threes */
	static const enum unit by_digits[] = {
		[9] = UNIT_S,   [10] = UNIT_S,  [11] = UNIT_S,  [12] = UNIT_MS,
		[13] = UNIT_MS, [14] = UNIT_MS, [15] = UNIT_US, [16] = UNIT_US,
		[17] = UNIT_US, [18] = UNIT_NS, [19] = UNIT_NS, [20] = UNIT_UNSAID};
	int64_t whole, t;

	if (unit == UNIT_UNSAID) {
		size_t digits = 3;

		if (!lognumber_decimal(s, n, -2,
				       &whole)) /* two digits less: all of them may be one too many */
			return false;
		for (int64_t least = 10; digits < 20 && whole >= least; least *= 10)
			digits++;
		unit = by_digits[digits];
	}
	if (unit == UNIT_UNSAID || !lognumber_decimal(s, n, lognumber_power(unit), &t) || t > STAMP_MAX)
		return false;
	*us = t;
	return true;
}

bool logtime_any(struct logtime *t, const char *s, size_t n, enum unit unit, int64_t *us)
{
	if (n > 2 && s[0] == '[' && s[n - 1] == ']') {
		s++;
		n -= 2;
	}
	if (n > 4 && s[4] == '-')
		return logtime_iso(t, s, n, us);
	if (n > 2 && s[2] == '/')
		return logtime_clf(t, s, n, us);
	if (n > 3 && s[3] == ',')
		return http_date(s, n, us);
	return logtime_epoch(s, n, unit, us);
}
