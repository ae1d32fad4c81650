/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-query/by.c cmd/athena-query/configured.c cmd/athena-query/functions.c cmd/athena-query/match.c cmd/athena-query/print.c cmd/athena-query/refs.c cmd/athena-query/row.c cmd/athena-query/select.c cmd/athena-query/show.c cmd/athena-query/write.c pkg: sqlite3 */
#include "by.h"
#include "functions.h"
#include "match.h"
#include "refs.h"
#include "select.h"
#include "show.h"
#include "stamp.h"
#include "tap.h"
#include "write.h"

static struct buf out;

static const char *text(void)
{
	return buf_cstr(&out);
}

/* ---- the words of --match ---- */

static const char *expression(const char *s)
{
	buf_reset(&out);
	return match_expression(&out, s) ? text() : "(nothing)";
}

static void test_match(void)
{
	is_str(expression("fix parser"), "\"fix\" \"parser\"", "two words");
	is_str(expression("  a\tb\n"), "\"a\" \"b\"", "white space");
	is_str(expression("pars*"), "\"pars*\" *", "a prefix");
	is_str(expression("\"two words\" x"), "\"two words\" \"x\"", "a phrase");
	is_str(expression("\"two wor\"*x"), "\"two wor\" * \"x\"", "a phrase whose last word is a prefix");
	is_str(expression("\"open end"), "\"open end\"", "a phrase that is not closed");
	is_str(expression("a\"b"), "\"a\"\"b\"", "a quote within a word");
	is_str(expression("NOT (a OR b) NEAR:c^"), "\"NOT\" \"(a\" \"OR\" \"b)\" \"NEAR:c^\"",
	       "nothing has a meaning");
	is_str(expression("!!! x --"), "\"x\"", "what has no word is left out");
	is_str(expression("!!! \"\" * \"*\""), "(nothing)", "nothing but such");
	is_str(expression(""), "(nothing)", "nothing");
	is_str(expression("\xff"), "\"\xef\xbf\xbd\"", "no UTF-8");
}

/* ---- patterns and paths ---- */

static const char *pattern(const char *s)
{
	buf_reset(&out);
	select_pattern(&out, s);
	return text();
}

static bool touches(const char *glob, const char *path, const char *context)
{
	struct opt_list globs = {.items = &glob, .n = 1};

	return functions_touches(&globs, (struct member){path, path ? strlen(path) : 0},
				 (struct member){context, context ? strlen(context) : 0});
}

static void test_paths(void)
{
	is_str(pattern("a*[b]?"), "a*[[]b]?", "brackets stand for themselves");
	ok(touches("src/*.c", "src/a.c", NULL), "the file's path");
	ok(touches("src", "src/b/a.c", NULL), "a folder");
	ok(!touches("src/*.c", "src/b/a.c", NULL), "a star stops at a slash");
	ok(touches("b.c", NULL, "{\"x\":[\"b.c\"],\"files\":[\"a.c\",\"b.c\"]}"), "the second of the list");
	ok(!touches("x.c", NULL, "{\"x\":[\"x.c\"],\"files\":[[\"x.c\"],{\"x.c\":\"x.c\"}]}"),
	   "only strings of that list");
	ok(touches("q\"\xc3\xbc", NULL, "{\"files\":[\"]\",\"\\\\\",\"q\\\"\\u00fc\"]}"), "escapes");
	ok(!touches("a", NULL, "{\"files\":\"a\"}") && !touches("a", NULL, "{\"files\":") &&
		   !touches("a", NULL, NULL),
	   "no list, no JSON, nothing");
}

/* ---- references ---- */

static const char *oids(const char *s, size_t least)
{
	const char *oid;
	size_t len;

	buf_reset(&out);
	for (size_t at = 0; refs_next_oid(s, strlen(s), least, &at, &oid, &len);)
		buf_addf(&out, "%.*s;", (int)len, oid);
	return text();
}

static const char *numbers(const char *s)
{
	struct refs_number found;

	buf_reset(&out);
	for (size_t at = 0; refs_next_number(s, strlen(s), &at, &found);)
		buf_addf(&out, "%.*s#%d;", found.repo ? (int)found.repo_len : 0, found.repo ? found.repo : "",
			 (int)found.number);
	return text();
}

static const char *repo(const char *source_id)
{
	const char *found = refs_repo(source_id);

	return found ? found : "(none)";
}

static bool mentions(const char *s, const char *source_id)
{
	return refs_mentions(s, strlen(s), source_id, "o/r", 12);
}

#define OID "0123456789abcdef0123456789abcdef01234567"

static void test_refs(void)
{
	is_str(oids("see 1a2b3c4, (" OID ") and\n1234567", 7), "1a2b3c4;" OID ";1234567;", "commits");
	is_str(oids("defaced 1a2b3c 1a2b3c4g x1a2b3c4 1A2B3C4 _1a2b3c4", 7), "", "words that are none");
	is_str(oids(OID "0 " OID, 40), OID ";", "whole ones only");
	is_str(oids("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 7),
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "letters only, but whole");
	is_str(numbers("#12, fixes #3. (#4)"), "#12;#3;#4;", "numbers");
	is_str(numbers("o/r#12 and GH-5"), "o/r#12;#5;", "of another repository, and GitHub's own way");
	is_str(numbers("https://github.com/o/r/pull/12 http://x/a.b/c-d/issues/7/files"), "o/r#12;a.b/c-d#7;",
	       "addresses");
	is_str(numbers("12 a#12 #12a #0 #1234567890 /pull/3 # 5 #-1"), "", "numbers that are none");
	is_str(repo("github:o/r"), "o/r", "of github");
	is_str(repo("git:github.com/o/r"), "o/r", "of git");
	is_str(repo("git:example.org/deep/o/r"), "o/r", "of a deeper path");
	is_str(repo("git:/srv/o/r"), "(none)", "of a folder");
	is_str(repo("slack:T1"), "(none)", "of something else");
	ok(mentions("see #12", "github:o/r") && mentions("see #12", "git:github.com/O/R"), "its own number");
	ok(!mentions("see #12", "slack:T1") && !mentions("see #12", "github:o/other"), "that of another");
	ok(mentions("see O/r#12", "slack:T1") && mentions("https://github.com/o/r/pull/12", "slack:T1"),
	   "in full");
	ok(!mentions("see #112 #121 o/rr#12", "github:o/r"), "another number");
}

/* ---- CSV ---- */

static const char *field(const char *s, size_t n)
{
	buf_reset(&out);
	write_csv_field(&out, s, n);
	return text();
}

static void test_csv(void)
{
	is_str(field("plain text", 10), "plain text", "plain");
	is_str(field("a,b", 3), "\"a,b\"", "a comma");
	is_str(field("say \"hi\"", 8), "\"say \"\"hi\"\"\"", "quotes");
	is_str(field("\"", 1), "\"\"\"\"", "a quote alone");
	is_str(field("a\nb", 3), "\"a\nb\"", "a line end");
	is_str(field("a\rb", 3), "\"a\rb\"", "a carriage return");
	is_str(field("=1+1", 4), "=1+1", "what a spreadsheet takes for a formula is what it was");
	is_str(field(NULL, 0), "", "absent");
	is_str(field("", 0), "\"\"", "empty");
}

/* ---- the table ---- */

static const char *ago(int64_t seconds)
{
	const int64_t now = INT64_C(1700000000) * STAMP_SECOND;

	buf_reset(&out);
	show_ago(&out, now - seconds * STAMP_SECOND, now);
	return text();
}

static void test_ago(void)
{
	is_str(ago(0), "just now", "now");
	is_str(ago(59), "59s ago", "seconds");
	is_str(ago(60), "1m ago", "a minute");
	is_str(ago(3599), "59m ago", "minutes");
	is_str(ago(3600), "1h ago", "an hour");
	is_str(ago(2 * 86400 - 1), "47h ago", "hours");
	is_str(ago(2 * 86400), "2d ago", "days");
	is_str(ago(14 * 86400), "2w ago", "weeks");
	is_str(ago(62 * 86400), "2mo ago", "months");
	is_str(ago(INT64_C(3) * 31556952), "3y ago", "years");
	is_str(ago(-7200), "in 2h", "a time to come");
	is_str(ago(INT64_C(1700000000)), "53y ago", "1970");
}

/* The widths, separated by spaces. */
static const char *fit(const char *natural, size_t width)
{
	size_t in[8] = {0}, fitted[8], n = 0, sum = 0;
	char *end;

	for (const char *p = natural; *p; p = end)
		in[n++] = strtoul(p, &end, 10);
	show_fit(in, n, width, fitted);
	buf_reset(&out);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&out, "%s%zu", i ? " " : "", fitted[i]);
		sum += fitted[i] + (i + 1 < n && fitted[i] ? 2 : 0);
	}
	if (width && sum > width)
		buf_addf(&out, " which is %zu", sum);
	return text();
}

static void test_fit(void)
{
	is_str(fit("7 10 6 30", 0), "7 10 6 30", "no terminal, no limit");
	is_str(fit("7 10 6 30", 80), "7 10 6 51", "the last takes what is left");
	is_str(fit("7 10 6 300", 80), "7 10 6 51", "and no more");
	is_str(fit("7 40 30 300", 80), "7 13 14 40", "the widest give way, so that the last has half");
	is_str(fit("7 40 30 20", 80), "7 23 24 20", "or what it needs");
	is_str(fit("7 0 6 300", 80), "7 0 6 63", "a column that is not there takes nothing");
	is_str(fit("7 10 6 300", 30), "6 0 0 22", "narrow ones are dropped, the first one last");
	is_str(fit("7 10 6 300", 10), "0 0 0 10", "all but the last");
	is_str(fit("7 10 6 300", 1), "0 0 0 1", "a terminal of one column");
}

static const char *bar(int64_t n, int64_t most, size_t columns)
{
	buf_reset(&out);
	by_bar(&out, n, most, columns);
	return text();
}

static void test_bars(void)
{
	is_str(bar(4, 4, 3), "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88", "the longest");
	is_str(bar(1, 2, 3), "\xe2\x96\x88\xe2\x96\x8c", "one and a half");
	is_str(bar(1, 1000000, 3), "\xe2\x96\x8f", "something is never nothing");
	is_str(bar(0, 10, 3), "", "nothing is");
	is_str(bar(0, 0, 3), "", "of nothing");
	is_int((int64_t)strlen(bar(INT64_MAX, INT64_MAX, 60)), 180, "no overflow");
}

int main(void)
{
	test_match();
	test_paths();
	test_refs();
	test_csv();
	test_ago();
	test_fit();
	test_bars();
	buf_release(&out);
	return tap_done();
}
