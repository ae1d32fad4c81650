/* SPDX-License-Identifier: ISC */
/* pkg: libcurl */
/* What is polite: verdicts, waits, the next page, broken JSON text, origins. */
#include "httprule.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct http_signs signs(int status, const char *body)
{
	struct http_signs s = HTTP_SIGNS_INIT;

	s.status = status;
	s.body = body;
	s.body_len = strlen(body);
	return s;
}

static void verdicts(void)
{
	struct http_signs s = signs(403, "{\"message\":\"Resource not accessible by integration\"}");

	is_int(http_judge(&s), HTTP_REFUSED, "a plain 403");
	s.remaining = 0;
	is_int(http_judge(&s), HTTP_LIMITED, "with nothing remaining");
	s = signs(403, "You have exceeded a SECONDARY rate limit");
	is_int(http_judge(&s), HTTP_SECONDARY, "secondary, by its words");
	s.remaining = 0;
	is_int(http_judge(&s), HTTP_SECONDARY, "and though nothing remains");
	s = signs(403, "Request was blocked by our abuse detection mechanism");
	is_int(http_judge(&s), HTTP_SECONDARY, "by the words of old servers");
	s = signs(403, "");
	s.retry_after = 5;
	is_int(http_judge(&s), HTTP_SECONDARY, "403 that names a time");
	s = signs(403, "API rate limit exceeded for 1.2.3.4");
	is_int(http_judge(&s), HTTP_LIMITED, "a limit that does not say when");
	s = signs(429, "");
	is_int(http_judge(&s), HTTP_SECONDARY, "429 without a word");
	s.retry_after = 30;
	is_int(http_judge(&s), HTTP_SECONDARY, "429 with a time");
	for (int status = 500; status <= 504; status++) {
		s = signs(status, "");
		is_int(http_judge(&s), status == 501 ? HTTP_DONE : HTTP_AGAIN, "%d", status);
	}
	s = signs(401, "");
	is_int(http_judge(&s), HTTP_REFUSED, "401");
	s = signs(404, "rate limit exceeded");
	is_int(http_judge(&s), HTTP_DONE, "404, whatever it says");
	s = signs(308, "");
	is_int(http_judge(&s), HTTP_MOVED, "308");
}

static void waits(void)
{
	struct http_signs s = signs(403, "");

	s.reset = 1060;
	is_int(http_wait(HTTP_LIMITED, &s, 0, 0, 1000), 61000000, "until the reset, and a second");
	s.date = 1050;
	is_int(http_wait(HTTP_LIMITED, &s, 0, 0, 1000), 11000000, "by the server's clock");
	s.reset = 10;
	is_int(http_wait(HTTP_LIMITED, &s, 0, 0, 1000), 0, "a reset that is over");
	s.retry_after = 7;
	is_int(http_wait(HTTP_LIMITED, &s, 0, 0, 1000), 7000000, "Retry-After goes first");
	s.retry_after = INT64_MAX;
	is_int(http_wait(HTTP_LIMITED, &s, 0, 0, 1000), INT64_C(86400000000), "a day at most");
	s = signs(429, "");
	is_int(http_wait(HTTP_SECONDARY, &s, 0, 0, 0), 60000000, "a minute");
	is_int(http_wait(HTTP_SECONDARY, &s, 2, 0, 0), 240000000, "doubled each time");
	for (unsigned i = 0; i < 40; i++) {
		int64_t us = http_wait(HTTP_AGAIN, &s, i, i * 2654435761U, 0),
			top = 500000 << (i < 6 ? i : 6);

		ok(us >= top / 2 && us <= top, "retry %u after %" PRId64, i, us);
	}
	is_int(http_retry_after("120", -1), 120, "seconds");
	is_int(http_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 50), 10, "a date");
	is_int(http_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 70), 0, "a date that is over");
	is_int(http_retry_after("soon", 0), -1, "neither");
	is_int(http_retry_after("99999999999999999999", 0), 86400, "too much");
}

static bool next_is(const char *header, const char *want)
{
	char *url = http_link(header, "next");
	bool same = url && want ? !strcmp(url, want) : url == want;

	if (!same)
		printf("# %s: %s\n", header, url ? url : "none");
	free(url);
	return same;
}

static void links(void)
{
	ok(next_is("<https://h/a?page=2>; rel=\"next\", <https://h/a?page=9>; rel=\"last\"",
		   "https://h/a?page=2"),
	   "first");
	ok(next_is("<https://h/a?page=1>; rel=\"prev\", <https://h/a,b;c?page=3>; rel=\"next\"",
		   "https://h/a,b;c?page=3"),
	   "second, with a comma and a semicolon");
	ok(next_is("<x>;rel=next", "x"), "without quotes and spaces");
	ok(next_is("<x> ; title=\"a, <y>; rel=next\" ; REL = \"last Next\"", "x"),
	   "several relations, and a title");
	ok(next_is("<x>; rel=\"nextish\", <y>; rel=\"prev\"", NULL), "none");
	ok(next_is("", NULL) && next_is("<", NULL) && next_is("<x", NULL) && next_is("<>; rel=next", NULL),
	   "broken");
	ok(next_is("<x>; rel=\"next", "x"), "a quote that does not end");
	ok(next_is("<x>; rel", NULL) && next_is("<x>;", NULL) && next_is("<x>; ; ;", NULL),
	   "parameters that are none");
}

static bool repaired(const char *text, const char *want)
{
	char *copy = strdup(text);
	bool same;

	http_repair(copy, strlen(copy));
	same = !strcmp(copy, want);
	if (!same)
		printf("# %s\n", copy);
	free(copy);
	return same;
}

static void surrogates(void)
{
	ok(repaired("\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""), "a pair stays");
	ok(repaired("\"\\ud83d\"", "\"\\ufffd\""), "a high one alone");
	ok(repaired("\"\\ude00x\"", "\"\\ufffdx\""), "a low one alone");
	ok(repaired("\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""), "a high one before a pair");
	ok(repaired("\"\\\\ud83d\"", "\"\\\\ud83d\""), "a quoted backslash is none");
	ok(repaired("\"\\ud83", "\"\\ud83") && repaired("\\", "\\") && repaired("", ""), "cut off");
	ok(repaired("\"\\uD83D\\n\"", "\"\\ufffd\\n\""), "upper case, and another escape behind");
}

static void origins(void)
{
	ok(http_same_origin("https://api.github.com/a", "https://API.github.com:443/b?c"), "the same");
	ok(!http_same_origin("https://api.github.com/", "http://api.github.com/"), "another scheme");
	ok(!http_same_origin("https://h/", "https://h:444/"), "another port");
	ok(!http_same_origin("https://h/", "https://h.evil/") &&
		   !http_same_origin("https://h/", "https://h@evil/"),
	   "another host");
	ok(!http_same_origin("", "") && !http_same_origin("ftp://h/", "ftp://h/"), "no URL of ours");
	ok(http_is_safe("https://h/") && http_is_safe("http://127.0.0.1:1/") && http_is_safe("http://[::1]/"),
	   "safe");
	ok(!http_is_safe("http://h/") && !http_is_safe("http://127.0.0.1.evil/") &&
		   !http_is_safe("http://127.0.0.1@evil/"),
	   "not safe");
}

static bool leads(const char *from, const char *to, const char *want)
{
	char *url = http_location(from, to);
	bool same = url && want ? !strcmp(url, want) : url == want;

	if (!same)
		printf("# %s: %s\n", to, url ? url : "nowhere");
	free(url);
	return same;
}

static void places(void)
{
	const char *base = "https://h/api/v3";

	ok(leads("https://h/a/b?c", "/d", "https://h/d") && leads("https://h/a/b", "d", "https://h/a/d"),
	   "a place without a host");
	ok(leads("https://h/a", "https://other/d?e=f", "https://other/d?e=f"), "another host");
	ok(leads("http://127.0.0.1:1/", "https://h/", "https://h/"), "to https");
	ok(leads("https://h/", "http://h/", NULL) && leads("https://h/", "http://127.0.0.1/", NULL) &&
		   leads("HTTPS://h/", "http://127.0.0.1/", NULL),
	   "never from https to http");
	ok(leads("https://h/", "file:///etc/passwd", NULL) && leads("https://h/", "ftp://h/", NULL) &&
		   leads("https://h/", "", "https://h/") && leads("https://h/", "https://", NULL),
	   "nor to what is no http at all");
	is_str(http_below("https://h/api/v3/repos/x?y", base), "/repos/x?y", "below");
	is_str(http_below("https://H:443/api/v3/x", base), "/x", "the same host, said otherwise");
	ok(!http_below("https://h/api/v33", base) && !http_below("https://h/api/v3", base) &&
		   !http_below("https://h/", base) && !http_below("http://h/api/v3/x", base) &&
		   !http_below("https://other/api/v3/x", base) && !http_below("/api/v3/x", base),
	   "beside it");
	is_str(http_below("https://api.github.com/x", "https://api.github.com"), "/x",
	       "a base without a path");
	ok(!http_below("https://api.github.com.evil/x", "https://api.github.com"),
	   "a host that only begins so");
	is_int(http_date("Thu, 01 Jan 1970 00:01:00 GMT"), 60, "a date");
	is_int(http_date("yesterday"), -1, "none");
}

int main(void)
{
	verdicts();
	waits();
	links();
	surrogates();
	origins();
	places();
	return tap_done();
}
