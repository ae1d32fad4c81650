/* SPDX-License-Identifier: ISC */
#include "formatlook.h"

#include <string.h>

#include "bytes.h"
#include "lognumber.h"

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

static bool is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

bool look_all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(s[i]))
			return false;
	return n > 0;
}

bool look_address(const char *s, size_t n)
{
	size_t dots = 0, colons = 0, others = 0;

	for (size_t i = 0; i < n; i++) {
		dots += s[i] == '.';
		colons += s[i] == ':';
		if (!is_digit(s[i]) && s[i] != '.' && s[i] != ':') {
			if ((unsigned)((s[i] | 0x20) - 'a') > 5)
				return false;
			others++;
		}
	}
	return colons >= 2 || (dots == 3 && !colons && !others && n >= 7);
}

bool look_host(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && !strchr("-._:[]*", s[i]))
			return false;
	return !look_nothing(s, n);
}

bool look_dotted(const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n);
	size_t host = colon ? (size_t)(colon - s) : n, i = host;

	if (!look_host(s, n) || (colon && !look_all_digits(colon + 1, n - host - 1)))
		return false;
	while (i && is_letter(s[i - 1]))
		i--;
	return i < host && (i ? s[i - 1] == '.' : host == 9 && !memcmp(s, "localhost", 9));
}

bool look_are_addresses(const char *s, size_t n)
{
	const char *end = s + n;

	if (look_nothing(s, n))
		return n > 0;
	while (s < end) {
		const char *comma = bytes_find(s, end, ',');

		if (!look_address(s, (size_t)(comma - s)) &&
		    ((size_t)(comma - s) != 7 || memcmp(s, "unknown", 7)))
			return false;
		s = comma + (comma < end);
		while (s < end && *s == ' ')
			s++;
	}
	return true;
}

bool look_has_digits(const char *s, size_t n, size_t behind)
{
	return n > behind + 1 && s[n - behind - 1] == '.' && look_all_digits(s, n - behind - 1) &&
	       look_all_digits(s + n - behind, behind);
}

bool look_are_seconds(const char *s, size_t n)
{
	return look_has_digits(s, n, 3);
}

int64_t look_sum_of_list(const char *s, size_t n)
{
	const char *end = s + n;
	int64_t sum = 0;

	while (s < end) {
		const char *p = s;
		int64_t part;

		while (p < end && *p != ',' && *p != ' ')
			p++;
		if (look_are_seconds(s, (size_t)(p - s)) && lognumber_span(s, (size_t)(p - s), UNIT_S, &part))
			sum += part;
		else if (!look_nothing(s, (size_t)(p - s)))
			return -1;
		while (p < end && (*p == ' ' || *p == ',' || *p == ':'))
			p++;
		s = p;
	}
	return sum;
}

bool look_whole(struct slice s, int64_t *v)
{
	return lognumber_whole(s.p, s.n, v) ||
	       (look_all_digits(s.p, s.n) && lognumber_decimal(s.p, s.n, 0, v));
}

bool look_same_time(const char *s, size_t n, int64_t *us)
{
	const char *slash = memchr(s, '/', n);
	int64_t seconds;

	return slash && look_all_digits(s, (size_t)(slash - s)) &&
	       look_all_digits(slash + 1, (size_t)(s + n - slash) - 1) &&
	       lognumber_decimal(s, (size_t)(slash - s), 0, &seconds) &&
	       lognumber_decimal(slash + 1, (size_t)(s + n - slash) - 1, 0, us) && *us / 1000000 == seconds;
}
