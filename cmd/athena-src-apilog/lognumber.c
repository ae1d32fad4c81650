/* SPDX-License-Identifier: ISC */
#include "lognumber.h"

#include <string.h>

enum { DIGITS = 18 }; /* that an int64_t holds, whatever they are */

static const int64_t powers[DIGITS + 1] = {1,
					   10,
					   100,
					   1000,
					   10000,
					   100000,
					   1000000,
					   10000000,
					   100000000,
					   INT64_C(1000000000),
					   INT64_C(10000000000),
					   INT64_C(100000000000),
					   INT64_C(1000000000000),
					   INT64_C(10000000000000),
					   INT64_C(100000000000000),
					   INT64_C(1000000000000000),
					   INT64_C(10000000000000000),
					   INT64_C(100000000000000000),
					   INT64_C(1000000000000000000)};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

struct decimal {
	int64_t digits; /* the first DIGITS of them */
	int exponent;   /* of the last */
	bool cut;       /* there were more */
};

/* An exponent, after its `e`, of at most three digits. */
static bool exponent(const char *p, const char *end, int *e)
{
	bool minus = p < end && *p == '-';
	const char *first;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	*e = 0;
	for (first = p; p < end && is_digit(*p) && p - first < 3; p++)
		*e = *e * 10 + (*p - '0');
	if (minus)
		*e = -*e;
	return p > first && p == end;
}

static bool decimal(const char *s, size_t n, struct decimal *d)
{
	const char *p = s, *end = s + n;
	int64_t v = 0;
	int count = 0, e = 0, more = 0;
	bool point = false, cut = false;

	for (; p < end; p++) {
		if (*p == '.' && !point && p > s) {
			point = true;
			if (p + 1 == end || !is_digit(p[1]))
				return false;
			continue;
		}
		if (!is_digit(*p))
			break;
		if (count < DIGITS) {
			v = v * 10 + (*p - '0');
			count += v != 0;
			e -= point;
		} else {
			e += !point;
			cut = true;
		}
	}
	if (p == s || (p < end && ((*p != 'e' && *p != 'E') || !exponent(p + 1, end, &more))))
		return false;
	*d = (struct decimal){.digits = v, .exponent = e + more, .cut = cut};
	return true;
}

bool lognumber_whole(const char *s, size_t n, int64_t *out)
{
	int64_t v = 0;

	if (!n || n > DIGITS)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s[i]))
			return false;
		v = v * 10 + (s[i] - '0');
	}
	*out = v;
	return true;
}

/* v times 10^scale, cut. */
static bool scaled(int64_t v, int scale, int64_t *out)
{
	if (scale <= 0)
		*out = -scale > DIGITS ? 0 : v / powers[-scale];
	else if (!v)
		*out = 0;
	else if (scale > DIGITS || v > INT64_MAX / powers[scale])
		return false;
	else
		*out = v * powers[scale];
	return true;
}

bool lognumber_decimal(const char *s, size_t n, int power, int64_t *out)
{
	struct decimal d;
	int64_t v;

	if (lognumber_whole(s, n, &v))
		return scaled(v, power, out);
	return decimal(s, n, &d) && !(d.cut && d.exponent + power > 0) &&
	       scaled(d.digits, d.exponent + power, out);
}

int lognumber_power(enum unit unit)
{
	return unit == UNIT_S ? 6 : unit == UNIT_MS ? 3 : unit == UNIT_US ? 0 : -3;
}

/* The letters of a unit at p, and how many bytes they are. */
static size_t unit_at(const char *p, size_t n, int64_t *factor, int *power)
{
	static const struct {
		const char *name;
		int factor, power;
	} units[] = {{"ms", 1, 3},  {"us", 1, 0}, {"\xc2\xb5s", 1, 0}, {"\xce\xbcs", 1, 0},
		     {"ns", 1, -3}, {"s", 1, 6},  {"m", 60, 6},        {"h", 3600, 6}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].name);

		if (n >= len && !memcmp(p, units[i].name, len)) {
			*factor = units[i].factor;
			*power = units[i].power;
			return len;
		}
	}
	return 0;
}

bool lognumber_span(const char *s, size_t n, enum unit unit, int64_t *us)
{
	const char *end = s + n;
	int64_t sum = 0;

	if (unit != UNIT_UNSAID)
		return lognumber_decimal(s, n, lognumber_power(unit), us);
	if (!n)
		return false;
	while (s < end) {
		const char *p = s;
		int64_t part, factor;
		size_t len, number;
		int power;

		while (p < end && (is_digit(*p) || *p == '.'))
			p++;
		number = (size_t)(p - s);
		if (p < end && *p == ' ') /* "1.204 ms" */
			p++;
		len = unit_at(p, (size_t)(end - p), &factor, &power);
		if (!len || !lognumber_decimal(s, number, power, &part) ||
		    __builtin_mul_overflow(part, factor, &part) || __builtin_add_overflow(sum, part, &sum))
			return false;
		s = p + len;
	}
	*us = sum;
	return true;
}
