/* SPDX-License-Identifier: ISC */
#include "stamp.h"

#include <string.h>
#include <time.h>

int64_t stamp_days(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy;

	/* years that begin in March put the leap day last */
	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + (int64_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

static void civil(int64_t days, int64_t *y, unsigned *m, unsigned *d)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = (int64_t)yoe + era * 400 + (*m <= 2);
}

/* Exactly `digits` digits at *s. */
static bool number(const char **s, const char *end, int digits, unsigned *out)
{
	unsigned v = 0;

	if (end - *s < digits)
		return false;
	while (digits--) {
		unsigned c = (unsigned)(*(*s)++ - '0');

		if (c > 9)
			return false;
		v = v * 10 + c;
	}
	*out = v;
	return true;
}

static bool literal(const char **s, const char *end, char c)
{
	return *s < end && *(*s)++ == c;
}

static unsigned month_days(unsigned y, unsigned m)
{
	static const unsigned char len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return len[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 || y % 400 == 0));
}

static bool date(const char **s, const char *end, int64_t *days)
{
	unsigned y, m, d;

	if (!number(s, end, 4, &y) || !literal(s, end, '-') || !number(s, end, 2, &m) ||
	    !literal(s, end, '-') || !number(s, end, 2, &d))
		return false;
	if (m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	*days = stamp_days(y, m, d);
	return true;
}

static bool offset(const char **s, const char *end, int64_t *seconds)
{
	unsigned h, m;
	char sign;

	if (*s == end)
		return false;
	sign = *(*s)++;
	*seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if ((sign != '+' && sign != '-') || !number(s, end, 2, &h) || !literal(s, end, ':') ||
	    !number(s, end, 2, &m))
		return false;
	if (h > 23 || m > 59)
		return false;
	*seconds = ((int64_t)h * 60 + m) * 60 * (sign == '-' ? -1 : 1);
	return true;
}

bool stamp_parse(const char *s, size_t n, int64_t *us)
{
	const char *end = s + n;
	unsigned h, m, sec;
	int64_t days, away, frac = 0, t;

	if (!date(&s, end, &days) || s == end || !strchr("Tt ", *s) || !*s)
		return false;
	s++;
	if (!number(&s, end, 2, &h) || !literal(&s, end, ':') || !number(&s, end, 2, &m) ||
	    !literal(&s, end, ':') || !number(&s, end, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	if (s < end && *s == '.') {
		int64_t unit = STAMP_SECOND / 10;
		const char *first = ++s;

		for (; s < end && (unsigned)(*s - '0') <= 9; s++, unit /= 10)
			frac += (*s - '0') * unit;
		if (s == first)
			return false;
	}
	if (!offset(&s, end, &away) || s != end)
		return false;
	t = ((days * 24 + h) * 60 + m) * 60 + sec - away;
	t = t * STAMP_SECOND + frac;
	if (t < STAMP_MIN || t > STAMP_MAX)
		return false;
	*us = t;
	return true;
}

bool stamp_is_canonical(const char *s, size_t n)
{
	int64_t us;

	/* YYYY-MM-DDTHH:MM:SS[.F]Z; a leap second is not canonical, as it comes back as another. */
	if (n < 20 || n > 27 || s[10] != 'T' || s[17] == '6' || s[n - 1] != 'Z' ||
	    (n > 20 && s[n - 2] == '0'))
		return false;
	return stamp_parse(s, n, &us);
}

static char *put(char *p, unsigned v, int digits)
{
	for (int i = digits - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + digits;
}

size_t stamp_format(int64_t us, char out[STAMP_SIZE])
{
	int64_t sec = us / STAMP_SECOND, frac = us % STAMP_SECOND, days, rest, y;
	unsigned m, d;
	char *p = out;

	if (frac < 0) {
		frac += STAMP_SECOND;
		sec--;
	}
	days = sec / 86400;
	rest = sec % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil(days, &y, &m, &d);
	p = put(p, (unsigned)y, 4);
	*p++ = '-';
	p = put(p, m, 2);
	*p++ = '-';
	p = put(p, d, 2);
	*p++ = 'T';
	p = put(p, (unsigned)(rest / 3600), 2);
	*p++ = ':';
	p = put(p, (unsigned)(rest / 60 % 60), 2);
	*p++ = ':';
	p = put(p, (unsigned)(rest % 60), 2);
	if (frac) {
		*p++ = '.';
		p = put(p, (unsigned)frac, 6);
		while (p[-1] == '0')
			p--;
	}
	*p++ = 'Z';
	*p = '\0';
	return (size_t)(p - out);
}

/* Microseconds in a unit of a span; 0: there is no such unit. */
static int64_t span_unit(const char *s)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {{"", STAMP_SECOND},          {"ms", 1000},
		     {"s", STAMP_SECOND},         {"m", 60 * STAMP_SECOND},
		     {"h", 3600 * STAMP_SECOND},  {"d", 86400 * STAMP_SECOND},
		     {"w", 604800 * STAMP_SECOND}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, s))
			return units[i].us;
	return 0;
}

bool stamp_span(const char *s, int64_t *us)
{
	int64_t v = 0, unit;

	if ((unsigned)(*s - '0') > 9)
		return false;
	for (; (unsigned)(*s - '0') <= 9; s++) {
		v = v * 10 + (*s - '0');
		if (v > STAMP_MAX / 1000)
			return false;
	}
	unit = span_unit(s);
	if (!unit || v > STAMP_MAX / unit)
		return false;
	*us = v * unit;
	return true;
}

bool stamp_when(const char *s, int64_t now, int64_t *us)
{
	size_t n = strlen(s);
	const char *p = s, *end = s + n;
	int64_t v;

	if (n == 10 && date(&p, end, &v) && p == end) {
		v *= 86400;
		*us = v * STAMP_SECOND;
		return *us >= STAMP_MIN;
	}
	if (*s == '@') {
		bool minus = s[1] == '-';
		const char *digits = s + 1 + minus;

		if (!*digits || digits[strspn(digits, "0123456789")] || !stamp_span(digits, &v))
			return false;
		*us = minus ? -v : v;
		return *us >= STAMP_MIN;
	}
	if (stamp_parse(s, n, us))
		return true;
	if (!n || (unsigned)(s[n - 1] - '0') <= 9 || !stamp_span(s, &v) || now - v < STAMP_MIN)
		return false;
	*us = now - v;
	return true;
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * STAMP_SECOND + ts.tv_nsec / 1000;
}

int64_t stamp_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t stamp_steady(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t stamp_onward(void)
{
#ifdef CLOCK_BOOTTIME
	return read_clock(CLOCK_BOOTTIME);
#else
	return read_clock(CLOCK_MONOTONIC);
#endif
}
