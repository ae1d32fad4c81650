/* SPDX-License-Identifier: ISC */
#include "slack-event.h"

#include <string.h>

enum {
	SECONDS_DIGITS = 11, /* until the year 5138 */
	FRACTION_DIGITS = 6,
};

static size_t digits(const char *s, size_t n, int64_t *v)
{
	size_t i = 0;

	for (*v = 0; i < n && i <= SECONDS_DIGITS && s[i] >= '0' && s[i] <= '9'; i++)
		*v = *v * 10 + (s[i] - '0');
	return i;
}

bool slack_ts_parse(const char *ts, size_t n, int64_t *us)
{
	int64_t seconds, fraction;
	size_t whole = digits(ts, n, &seconds), part;

	if (!whole || whole > SECONDS_DIGITS || whole == n || ts[whole] != '.')
		return false;
	part = digits(ts + whole + 1, n - whole - 1, &fraction);
	if (!part || part > FRACTION_DIGITS || whole + 1 + part != n)
		return false;
	for (; part < FRACTION_DIGITS; part++)
		fraction *= 10;
	*us = seconds * 1000000 + fraction;
	return true;
}

bool slack_ts(const json_t *ts, int64_t *us)
{
	return json_is_string(ts) && slack_ts_parse(json_string_value(ts), json_string_length(ts), us);
}

int slack_ts_compare(const char *a, const char *b)
{
	int64_t x = 0, y = 0;

	slack_ts_parse(a, strlen(a), &x);
	slack_ts_parse(b, strlen(b), &y);
	return (x > y) - (x < y);
}

const char *slack_thread_ts(const json_t *message)
{
	const json_t *ts = json_object_get(message, "ts"), *thread = json_object_get(message, "thread_ts");
	int64_t us;

	if (slack_ts(thread, &us))
		return json_string_value(thread);
	return slack_ts(ts, &us) ? json_string_value(ts) : NULL;
}

bool slack_is_reply(const json_t *message)
{
	const char *ts = json_string_value(json_object_get(message, "ts")),
		   *thread = slack_thread_ts(message);

	return ts && thread && strcmp(ts, thread) != 0;
}
