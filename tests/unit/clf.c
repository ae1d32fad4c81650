/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
/*
 * The parser of Combined Log Format against a regular expression: thousands of generated lines, sound and
 * damaged. What the expression does not take is a reject, what it takes is a record with the same parts.
 */
#include "parse.h"

#include <regex.h>
#include <time.h>

#include "tap.h"

enum { LINES = 20000 };

static uint64_t seed = 20261124;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((seed >> 33) % n);
}

static const char *one_of(const char *const *list, unsigned n)
{
	return list[below(n)];
}

#define ONE_OF(list) one_of(list, (unsigned)(sizeof(list) / sizeof((list)[0])))

static void generate(char *line, size_t size)
{
	static const char *const remotes[] = {"192.0.2.1", "2001:db8::1", "host.example.org",
					      "::ffff:10.0.0.1"};
	static const char *const users[] = {"-", "ann", "john.doe@example.org", "-"};
	static const char *const methods[] = {"GET", "POST", "DELETE", "OPTIONS", "M-SEARCH", "get"};
	static const char *const paths[] = {"/",  "/a/b?c=d", "/x%20y", "*",
					    "/?", "/a?b?c",   "/~u/;p", "//double"};
	static const char *const protocols[] = {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"};
	static const char *const texts[] = {"-",       "curl/8.1", "Mozilla/5.0 (X11; Linux x86_64)",
					    "a [b] c", "x - y",    "https://example.org/?a=1&b=2"};
	static const char *const zones[] = {"+0000", "-0700", "+0530", "+1400"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Jun", "Oct", "Dec"};

	snprintf(line, size, "%s - %s [%02u/%s/%04u:%02u:%02u:%02u %s] \"%s %s %s\" %u %u \"%s\" \"%s\"",
		 ONE_OF(remotes), ONE_OF(users), 1 + below(28), ONE_OF(months), 1990 + below(60), below(24),
		 below(60), below(60), ONE_OF(zones), ONE_OF(methods), ONE_OF(paths), ONE_OF(protocols),
		 100 + below(500), below(1000000), ONE_OF(texts), ONE_OF(texts));
}

/* Changes, removes or doubles a byte, cuts the line, or glues on what it begins with. */
static void damage(char *line, size_t size)
{
	static const char bytes[] = "\" []/:-+0aZ.=";
	size_t n = strlen(line), at = below((unsigned)n);

	switch (below(5)) {
	case 0:
		line[at] = bytes[below(sizeof(bytes) - 1)];
		break;
	case 1:
		memmove(line + at, line + at + 1, n - at);
		break;
	case 2:
		if (n + 2 < size)
			memmove(line + at + 1, line + at, n - at + 1);
		break;
	case 3:
		line[at] = '\0';
		break;
	default:
		if (n * 2 + 1 < size)
			memcpy(line + n, line, at);
		line[n + at] = '\0';
	}
}

static bool same(struct slice s, const char *line, const regmatch_t *m)
{
	size_t n = (size_t)(m->rm_eo - m->rm_so);
	bool dash = n == 1 && line[m->rm_so] == '-';

	if (m->rm_so < 0 || !n || dash)
		return !s.p;
	return s.n == n && !memcmp(s.p, line + m->rm_so, n);
}

/* The time by timegm(3) and the offset. */
static int64_t seconds(const char *line, const regmatch_t *m)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *s = line + m->rm_so;
	char name[4] = {s[3], s[4], s[5], 0};
	struct tm tm = {.tm_mday = atoi(s),
			.tm_mon = (int)((strstr(months, name) - months) / 3),
			.tm_year = atoi(s + 7) - 1900,
			.tm_hour = atoi(s + 12),
			.tm_min = atoi(s + 15),
			.tm_sec = atoi(s + 18)};
	int east = ((s[22] - '0') * 10 + s[23] - '0') * 60 + atoi(s + 24);

	return (int64_t)timegm(&tm) - (s[21] == '-' ? -60 : 60) * (int64_t)east;
}

/* Is the date one that exists? The expression does not know. */
static bool exists(const char *line, const regmatch_t *m)
{
	time_t t = seconds(line, m) + 0;
	const char *s = line + m->rm_so;
	struct tm tm;
	int east = ((s[22] - '0') * 10 + s[23] - '0') * 60 + atoi(s + 24);

	t += (s[21] == '-' ? -60 : 60) * (time_t)east;
	gmtime_r(&t, &tm);
	return tm.tm_mday == atoi(s) && atoi(s + 7) > 0;
}

static const char pattern[] = "^([^ ]*) (-|[^ ]*) (.*) "
			      "\\[([0-3][0-9]/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/"
			      "[0-9]{4}:([01][0-9]|2[0-3]):[0-5][0-9]:"
			      "([0-5][0-9]|60) [-+]([01][0-9]|2[0-3])[0-5][0-9])\\] "
			      "\"(([A-Za-z_-]{1,32}) ([^\"]+) (HTTP/[^ \"]{1,5})|[^\"]*)\" ([0-9]{3}|-) "
			      "([0-9]+|-) \"([^\"]*)\" \"([^\"]*)\"$";

enum {
	REMOTE = 1,
	IDENT,
	USER,
	TIME,
	REQUEST = 9,
	METHOD,
	TARGET,
	PROTOCOL,
	STATUS,
	BYTES,
	REFERRER,
	AGENT,
	GROUPS
};

static bool agrees(const char *line, const regmatch_t *m, const struct record *r)
{
	int status = line[m[STATUS].rm_so] == '-' ? 0 : atoi(line + m[STATUS].rm_so);

	if (!same(r->remote, line, &m[REMOTE]) || !same(r->user, line, &m[USER]) ||
	    !same(r->referrer, line, &m[REFERRER]) || !same(r->agent, line, &m[AGENT]))
		return false;
	if (r->time != seconds(line, &m[TIME]) * 1000000 || r->status != (status < 100 ? 0 : status))
		return false;
	if (r->bytes != (line[m[BYTES].rm_so] == '-' ? RECORD_NONE : atoll(line + m[BYTES].rm_so)))
		return false;
	if (m[METHOD].rm_so < 0)
		return true; /* garbage, or a request of HTTP/0.9 */
	return same(r->method, line, &m[METHOD]) && same(r->protocol, line, &m[PROTOCOL]) && r->path.p &&
	       (line[m[TARGET].rm_so] != '/' || r->path.p == line + m[TARGET].rm_so);
}

/* What the expression cannot say: it is no line of this format for other reasons. */
static bool not_ours(const char *line, const regmatch_t *m)
{
	bool ident = m[IDENT].rm_eo - m[IDENT].rm_so != 1 || line[m[IDENT].rm_so] != '-';
	bool no_ident = m[IDENT].rm_eo == m[IDENT].rm_so;
	size_t user = (size_t)(m[USER].rm_eo - m[USER].rm_so);
	int status = atoi(line + m[STATUS].rm_so);

	return !exists(line, &m[TIME]) || m[BYTES].rm_eo - m[BYTES].rm_so > 18 ||
	       (ident && !no_ident && memchr(line + m[USER].rm_so, ' ', user)) ||
	       strstr(line + m[USER].rm_so, " [") != line + m[USER].rm_eo ||
	       (line[m[STATUS].rm_so] != '-' && status < 100 && status != 0 && status != 9);
}

static void check(struct parser *p, const regex_t *re, const char *line, size_t counts[2])
{
	struct parse_state state = {0};
	struct record r = {0};
	regmatch_t m[GROUPS];
	const char *why;
	bool taken = parser_line(p, &state, line, strlen(line), &r, &why);
	bool matches = !regexec(re, line, GROUPS, m, 0);

	counts[taken]++;
	if (taken ? !matches || !agrees(line, m, &r) : matches && !not_ours(line, m))
		ok(false, "%s by us, %s by the expression: %s", taken ? "taken" : why,
		   matches ? "taken" : "not", line);
	record_release(&r);
}

int main(void)
{
	struct parser *p;
	regex_t re;
	char line[1024] = "";
	size_t counts[2] = {0};

	ok(regcomp(&re, pattern, REG_EXTENDED) == 0, "the expression");
	ok(parser_new(&p, "combined", NULL, 0) == 0, "the parser");
	for (int i = 0; i < LINES; i++) {
		generate(line, sizeof(line));
		if (i % 2)
			damage(line, sizeof(line));
		check(p, &re, line, counts);
	}
	ok(counts[true] > LINES / 2 && counts[false] > LINES / 8, "%zu lines taken, %zu not", counts[true],
	   counts[false]);
	parser_free(p);
	regfree(&re);
	return tap_done();
}
