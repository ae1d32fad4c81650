/* SPDX-License-Identifier: ISC */
#include "glob.h"

#include "buf.h"
#include "tap.h"

/* clang-format off */
static const char *const paths[] = {
	"*",
	".dot/rc",
	".gitx",
	"Makefile",
	"[d]/h",
	"a*/f",
	"ab/i",
	"b\\c/j",
	"m-",
	"m]",
	"m^",
	"q?",
	"qq",
	"src.c",
	"src/a.c",
	"src/b.h",
	"src/sub/c.c",
	"src/sub/deep/d.c",
	"srcx/e.c",
	"tab\\k",
	"top.c",
	"x/y/x/y/z",
	"x/y/z",
	"\303\251.c",
};

/*
 * What git 2.39 answers in a repository of these files, and `git log --format= --name-only -- ':(glob)...'` the same:
 *
 *	git ls-files ':(glob)PATTERN'
 */
static const struct {
	const char *pattern, *matches;
} table[] = {
	{"src/*", "src/a.c src/b.h"},
	{"sr?", ""},
	{"sr?/", ""},
	{"src*/", ""},
	{"src/", "src/a.c src/b.h src/sub/c.c src/sub/deep/d.c"},
	{"src", "src/a.c src/b.h src/sub/c.c src/sub/deep/d.c"},
	{"src/sub", "src/sub/c.c src/sub/deep/d.c"},
	{"src/s", ""},
	{"*", "* .gitx Makefile m- m] m^ q? qq src.c tab\\k top.c \303\251.c"},
	{"**", "* .dot/rc .gitx Makefile [d]/h a*/f ab/i b\\c/j m- m] m^ q? qq src.c src/a.c src/b.h src/sub/c.c src/sub/deep/d.c srcx/e.c tab\\k top.c x/y/x/y/z x/y/z \303\251.c"},
	{"***", "* .dot/rc .gitx Makefile [d]/h a*/f ab/i b\\c/j m- m] m^ q? qq src.c src/a.c src/b.h src/sub/c.c src/sub/deep/d.c srcx/e.c tab\\k top.c x/y/x/y/z x/y/z \303\251.c"},
	{"s*", "src.c"},
	{"src/**", "src/a.c src/b.h src/sub/c.c src/sub/deep/d.c"},
	{"src/**/", ""},
	{"**/sub", ""},
	{"**/sub/", ""},
	{"**/sub/**", "src/sub/c.c src/sub/deep/d.c"},
	{"**/sub/*", "src/sub/c.c"},
	{"**/**/c.c", "src/sub/c.c"},
	{"**/deep/**/d.c", "src/sub/deep/d.c"},
	{"src/**/d.c", "src/sub/deep/d.c"},
	{"src/**/a.c", "src/a.c"},
	{"src/**/deep/**", "src/sub/deep/d.c"},
	{"a*", "a*/f"},
	{"a\\*", ""},
	{"a\\*/f", "a*/f"},
	{"a\\*/*", "a*/f"},
	{"\\[d\\]", ""},
	{"\\[d\\]/h", "[d]/h"},
	{"[d]", "[d]/h"},
	{"[d]/h", "[d]/h"},
	{"[[]d]/h", "[d]/h"},
	{"[", ""},
	{"[]", ""},
	{"src[", ""},
	{"src/s*", ""},
	{"src/s*/**", "src/sub/c.c src/sub/deep/d.c"},
	{"src/s*/*", "src/sub/c.c"},
	{"**/*.c", "src.c src/a.c src/sub/c.c src/sub/deep/d.c srcx/e.c top.c \303\251.c"},
	{"*.c", "src.c top.c \303\251.c"},
	{"*.[ch]", "src.c top.c \303\251.c"},
	{"src/*.[ch]", "src/a.c src/b.h"},
	{"src/*.[!c]", "src/b.h"},
	{"src/*.[^c]", "src/b.h"},
	{"src/*.[a-z]", "src/a.c src/b.h"},
	{"src/[a-b].?", "src/a.c src/b.h"},
	{"[[:upper:]]*", "Makefile"},
	{"[[:alpha:]]*.c", "src.c top.c"},
	{"[[:nope:]]*", ""},
	{"[[:upper:]akefile", ""},
	{"[![:alpha:]]*", "* .gitx \303\251.c"},
	{"src/[/]a.c", ""},
	{"src[/]a.c", ""},
	{"src?a.c", ""},
	{"src*a.c", ""},
	{"s[r/]c/a.c", "src/a.c"},
	{"src\\/a.c", "src/a.c"},
	{"./src", "src/a.c src/b.h src/sub/c.c src/sub/deep/d.c"},
	{"./src/*.c", "src/a.c"},
	{".", "* .dot/rc .gitx Makefile [d]/h a*/f ab/i b\\c/j m- m] m^ q? qq src.c src/a.c src/b.h src/sub/c.c src/sub/deep/d.c srcx/e.c tab\\k top.c x/y/x/y/z x/y/z \303\251.c"},
	{"**.c", "src.c top.c \303\251.c"},
	{"src/***", "src/a.c src/b.h src/sub/c.c src/sub/deep/d.c"},
	{"***/c.c", "src/sub/c.c"},
	{"**a.c", ""},
	{"src/a**", "src/a.c"},
	{"src/sub/*/", ""},
	{"src/*/c.c", "src/sub/c.c"},
	{"*/*", ".dot/rc [d]/h a*/f ab/i b\\c/j src/a.c src/b.h srcx/e.c"},
	{"*/*/*", "src/sub/c.c x/y/z"},
	{"*/*/*/*", "src/sub/deep/d.c"},
	{".*", ".gitx"},
	{"*.*", ".gitx src.c top.c \303\251.c"},
	{"**/.*", ".gitx"},
	{"**/y/**", "x/y/x/y/z x/y/z"},
	{"**/y", ""},
	{"**/y/z", "x/y/x/y/z x/y/z"},
	{"x/**/z", "x/y/x/y/z x/y/z"},
	{"x/**/y/z", "x/y/x/y/z x/y/z"},
	{"**/x/**/y/**", "x/y/x/y/z x/y/z"},
	{"x/y", "x/y/x/y/z x/y/z"},
	{"x/y/", "x/y/x/y/z x/y/z"},
	{"?.c", ""},
	{"??.c", "\303\251.c"},
	{"tab\\k", "tab\\k"},
	{"tab\\\\k", "tab\\k"},
	{"tab?k", "tab\\k"},
	{"b\\c", "b\\c/j"},
	{"b\\c/j", "b\\c/j"},
	{"b\\\\c", ""},
	{"b\\\\c/j", "b\\c/j"},
	{"b\\\\c/*", "b\\c/j"},
	{"q?", "q? qq"},
	{"q\\?", "q?"},
	{"q[?]", "q?"},
	{"m[]]", "m]"},
	{"m[]-]", "m- m]"},
	{"m[!]]", "m- m^"},
	{"m[--^]", "m- m] m^"},
	{"m[\\]]", "m]"},
	{"m[\\]-^]", "m] m^"},
	{"m[a-]", "m-"},
	{"\\*", "*"},
	{"\\", ""},
	{"src\\", ""},
	{"x/**z", ""},
	{"x**/z", "x/y/x/y/z x/y/z"},
	{"x/y**/z", "x/y/x/y/z x/y/z"},
	{"**/", ""},
	{"**/*", "* .dot/rc .gitx Makefile [d]/h a*/f ab/i b\\c/j m- m] m^ q? qq src.c src/a.c src/b.h src/sub/c.c src/sub/deep/d.c srcx/e.c tab\\k top.c x/y/x/y/z x/y/z \303\251.c"},
	{"src/a.c/", ""},
	{"Make*le", "Makefile"},
	{"M*k*f*e", "Makefile"},
	{"M*k*f*x", ""},
	{"*a*b*c*d*e*", ""},
	{"makefile", ""},
};
/* clang-format on */

static void test_as_git(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf got = {0};

		for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++)
			if (glob_match(table[i].pattern, paths[k], strlen(paths[k])))
				buf_addf(&got, "%s%s", got.len ? " " : "", paths[k]);
		is_str(buf_cstr(&got), table[i].matches, "%s", table[i].pattern);
		buf_release(&got);
	}
}

/* Every folder above a match must be entered. */
static void test_never_a_false_no(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *missed = NULL, *pattern = table[i].pattern;

		for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
			if (!glob_match(pattern, paths[k], strlen(paths[k])))
				continue;
			if (!glob_may_match_below(pattern, "", 0))
				missed = paths[k];
			for (const char *s = paths[k]; (s = strchr(s, '/')); s++)
				if (!glob_may_match_below(pattern, paths[k], (size_t)(s - paths[k])))
					missed = paths[k];
		}
		is_str(missed, NULL, "the folders on the way to %s are entered", pattern);
	}
}

static bool below(const char *pattern, const char *dir)
{
	return glob_may_match_below(pattern, dir, strlen(dir));
}

/* What makes --path fast: folders that are not entered. */
static void test_pruning(void)
{
	ok(!below("src/*.c", "doc"), "src/*.c does not enter doc");
	ok(!below("src/*.c", "src/sub"), "src/*.c does not enter src/sub");
	ok(below("src/*.c", "src"), "src/*.c enters src");
	ok(!below("src/*.c", "srcx"), "src/*.c does not enter srcx");
	ok(!below("src", "srcx"), "src does not enter srcx");
	ok(below("src", "src/sub/deep"), "src enters all below");
	ok(below("src/sub/deep", "src"), "a folder is entered on the way to a deeper one");
	ok(!below("src/sub/deep", "src/su"), "src/su is not on the way to src/sub");
	ok(!below("*.c", "src"), "*.c enters no folder");
	ok(below("**/*.c", "a/b/c"), "a doublestar enters all");
	ok(!below("a/**/b", "b"), "... behind what it begins with");
	ok(!below("*/x", "a/b"), "*/x does not enter a/b");
	ok(below("a/?", "a"), "a/? enters a");
	ok(below("a\\/b", "a"), "a quoted slash separates");
	ok(!below("Makefile", "src"), "a file in the root needs no folder");
}

static void test_set(void)
{
	static const char *const include[] = {"src", "*.md"}, *const exclude[] = {"src/sub", "**/gen/**",
										  "src/*.h", "?r**"};
	const struct glob_set all = {0}, set = {include, 2, exclude, 3}, no_gen = {NULL, 0, exclude + 1, 1},
			      stars = {NULL, 0, exclude + 3, 1};

	ok(glob_set_match(&all, "x/y", 3), "an empty set matches everything");
	ok(glob_set_may_match_below(&all, "x", 1), "... and below everything");
	ok(glob_set_match(&set, "src/a.c", 7), "one of the included");
	ok(glob_set_match(&set, "a.md", 4), "another one");
	ok(!glob_set_match(&set, "doc/a.md", 8), "none of the included");
	ok(!glob_set_match(&set, "src/a.h", 7), "exclude wins");
	ok(!glob_set_match(&set, "src/sub/a.c", 11), "so it does for a folder");
	ok(!glob_set_may_match_below(&set, "src/sub", 7), "an excluded folder is not entered");
	ok(!glob_set_may_match_below(&set, "src/sub/deep", 12), "nor what is below it");
	ok(glob_set_may_match_below(&set, "src", 3), "a folder of which some is excluded is entered");
	ok(!glob_set_may_match_below(&no_gen, "a/gen", 5),
	   "a pattern that ends in a doublestar excludes whole folders");
	ok(!glob_set_may_match_below(&no_gen, "a/gen/b", 7), "... and those in them");
	ok(glob_set_may_match_below(&no_gen, "a", 1), "... but not those above");
	ok(glob_set_may_match_below(&stars, "src", 3), "stars that stop at a slash exclude no folder");
	ok(!glob_set_match(&no_gen, "gen/x", 5), "a leading doublestar matches no component, too");
}

/* Patterns that take a naive matcher years. */
static void test_no_explosion(void)
{
	char path[513];

	for (size_t i = 0; i < 512; i++)
		path[i] = i % 2 ? '/' : 'a';
	path[512] = '\0';
	ok(!glob_match("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", path, 511),
	   "many doublestars end in time");
	memset(path, 'a', 512);
	ok(!glob_match("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path, 512), "many stars end in time");
}

int main(void)
{
	test_as_git();
	test_never_a_false_no();
	test_pruning();
	test_set();
	test_no_explosion();
	return tap_done();
}
