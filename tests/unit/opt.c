/* SPDX-License-Identifier: ISC */
#include "opt.h"

#include <jansson.h>
#include <sysexits.h>

#include "log.h"
#include "stamp.h"
#include "tap.h"

static struct values {
	bool all, verbose;
	const char *cursor;
	struct opt_list branches;
	int64_t limit, size, span, since;
	int stat;
} v;

static const struct opt table[] = {
	{"stat", 0, OPT_CHOICE, "none|files|lines", "what to count", &v.stat, "lines"},
	{"since", 0, OPT_WHEN, "WHEN", "only events at or after WHEN", &v.since, NULL},
	{"size", 's', OPT_SIZE, "BYTES", "how large", &v.size, "1M"},
	{"span", 0, OPT_SPAN, "T", "how long", &v.span, NULL},
	{"all", 0, OPT_FLAG, NULL,
	 "every ref, and a text so long that it has to go on in another line of the help", &v.all, NULL},
	{"branch", 'b', OPT_LIST, "NAME", "walk NAME", &v.branches, "HEAD"},
	{"limit", 'n', OPT_COUNT, "N", "at most N", &v.limit, NULL},
	{"cursor", 0, OPT_STRING, "FILE", "resume after FILE", &v.cursor, NULL},
	{"verbose", 'v', OPT_FLAG, NULL, "say more", &v.verbose, NULL},
	{0},
};

static const struct opt_env env[] = {{"GIT_DIR", "where the repository is"}, {0}};

static const struct opt_program source = {
	.name = "athena-src-test",
	.synopsis = "[options] [REPO]",
	.summary = "Things as events",
	.type = "test",
	.options = table,
	.env = env,
	.footer = "More in athena-src-test(1).",
};

static const struct opt_program tool = {
	.name = "athena-tool", .synopsis = "DB", .summary = "Tool", .options = table};

/* One call of opt_parse(): the command line, split at spaces, and what came of it. */
static struct call {
	const struct opt_program *program;
	char line[256];
	struct opt_list operands;
	int rc;
} call;

static void parse(void *unused)
{
	char *argv[16] = {call.line};
	int argc = 0;

	(void)unused;
	argv[argc++] = call.line;
	for (char *s = strchr(call.line, ' '); s; s = strchr(s, ' ')) {
		*s++ = '\0';
		argv[argc++] = s;
	}
	call.rc = opt_parse(call.program, argc, argv, &call.operands);
}

/* What opt_parse() says on fd about this command line. */
static const char *said(int fd, const struct opt_program *program, const char *options)
{
	opt_list_release(&v.branches);
	opt_list_release(&call.operands);
	v = (struct values){.limit = -1, .size = -1, .span = -1, .since = -1, .stat = 2};
	call.program = program;
	snprintf(call.line, sizeof(call.line), "prog%s%s", *options ? " " : "", options);
	return tap_capture(fd, parse, NULL);
}

static int run(const char *options)
{
	said(STDERR_FILENO, &source, options);
	return call.rc;
}

static void test_values(void)
{
	is_int(run(""), 0, "no option");
	is_int(v.stat, 2, "... leaves the defaults");
	ok(!opt_given("stat"), "... none is given");
	is_int(run("--all --cursor=F --limit 7 -b x -by --branch=z --stat files --size=2k --span 90m one "
		   "two"),
	       0, "all kinds");
	ok(v.all && !v.verbose, "flags");
	is_str(v.cursor, "F", "a string");
	is_int(v.limit, 7, "a count");
	is_int((int64_t)v.branches.n, 3, "a list");
	is_str(v.branches.n == 3 ? v.branches.items[1] : NULL, "y", "... in order");
	is_int(v.stat, 1, "a choice");
	is_int(v.size, 2048, "a size");
	is_int(v.span, 5400 * STAMP_SECOND, "a span");
	is_int((int64_t)call.operands.n, 2, "operands");
	ok(opt_given("stat") && opt_given("branch") && !opt_given("since"), "what was given is known");
	is_int(run("a --all b"), 0, "options and operands may be mixed");
	is_int((int64_t)call.operands.n, 2, "... both operands");
	ok(v.all && !opt_given("stat"), "... and the option; what an earlier call was given is forgotten");
	is_int(run("-v -- --all -"), 0, "-- ends the options");
	is_str(call.operands.n == 2 ? call.operands.items[0] : NULL, "--all",
	       "... and makes an operand of one");
	is_str(call.operands.n == 2 ? call.operands.items[1] : NULL, "-", "- is an operand");
	ok(!v.all && v.verbose, "... not an option");
	is_int(run("--lim=3 --br x --cur="), 0, "names may be shortened");
	is_int(v.limit, 3, "... the right one");
	is_str(v.cursor, "", "an empty argument is one");
	is_int(run("--limit=1 --limit=2"), 0, "twice");
	is_int(v.limit, 2, "... the last one counts");
	is_int(run("--since=2024-01-01"), 0, "a time");
	is_int(v.since, INT64_C(1704067200) * STAMP_SECOND, "... in microseconds");
}

static void test_numbers(void)
{
	static const struct {
		const char *option;
		int64_t want; /* -1: refused */
	} cases[] = {
		{"--limit=0", 0},
		{"--limit=9223372036854775807", INT64_MAX},
		{"--limit=9223372036854775808", -1},
		{"--limit=99999999999999999999", -1},
		{"--limit=-1", -1},
		{"--limit=+1", -1},
		{"--limit=", -1},
		{"--limit=1x", -1},
		{"--limit=0x10", -1},
		{"--limit=1.5", -1},
		{"--size=0", 0},
		{"--size=1K", 1024},
		{"--size=16M", 16 << 20},
		{"--size=2G", INT64_C(2) << 30},
		{"--size=3g", INT64_C(3) << 30},
		{"--size=8589934591G", INT64_C(8589934591) << 30},
		{"--size=8589934592G", -1},
		{"--size=1T", -1},
		{"--size=1KB", -1},
		{"--size=K", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = run(cases[i].option);

		is_int(rc, cases[i].want < 0 ? EX_USAGE : 0, "%s", cases[i].option);
		is_int(opt_given("size") ? v.size : v.limit, cases[i].want, "... and its value");
	}
	is_int(run("--span=7y"), EX_USAGE, "no span");
	is_int(run("--since=yesterday"), EX_USAGE, "no time");
}

static void test_messages(void)
{
	static const struct {
		const char *options, *message;
	} cases[] = {
		{"--bogus", "unknown option --bogus"},
		{"--bogus=x", "unknown option --bogus"},
		{"--files", "unknown option --files; did you mean --stat=files?"},
		{"--limti=3", "unknown option --limti; did you mean --limit?"},
		{"-x", "unknown option -x"},
		{"-vx", "unknown option -x"},
		{"--limit", "option --limit needs an argument"},
		{"-n", "option -n needs an argument"},
		{"--all=1", "option --all takes no argument"},
		{"--s=1", "option --s could be --stat, --since, --size, --span"},
		{"--stat=many", "--stat: 'many' is not one of none, files, lines"},
		{"--stat=line", "--stat: 'line' is not one of none, files, lines"},
		{"--stat=", "--stat: '' is not one of none, files, lines"},
		{"--stat=none|files", "--stat: 'none|files' is not one of none, files, lines"},
		{"--limit=x", "--limit: 'x' is not a number of 0 or more"},
		{"one --bogus two", "unknown option --bogus"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[256];

		snprintf(want, sizeof(want), "prog: %s%s see 'athena-src-test --help'\n", cases[i].message,
			 strchr(cases[i].message, '?') ? "" : ";");
		is_str(said(STDERR_FILENO, &source, cases[i].options), want, "%s", cases[i].options);
		is_int(call.rc, EX_USAGE, "... is a usage error");
	}
	said(STDERR_FILENO, &tool, "--describe");
	is_int(call.rc, EX_USAGE, "a program that is no source does not describe itself");
}

/* What follows the first operand is another program's. */
static void test_operands_end(void)
{
	const struct opt_program runner = {.name = "athena-run",
					   .synopsis = "CMD",
					   .summary = "Run",
					   .options = table,
					   .operands_end = true};

	said(STDERR_FILENO, &runner, "--all b -v --nosuch");
	is_int(call.rc, 0, "options of another program");
	ok(v.all && !v.verbose && call.operands.n == 3, "... are operands");
	said(STDERR_FILENO, &runner, "--nosuch b");
	is_int(call.rc, EX_USAGE, "its own are still checked");
}

static void test_help(void)
{
	static const char want[] =
		"Usage: athena-src-test [options] [REPO]\n"
		"Things as events.\n"
		"\n"
		"Options:\n"
		"      --all             every ref, and a text so long that it has to go on in\n"
		"                        another line of the help\n"
		"  -b, --branch=NAME...  walk NAME (default: HEAD)\n"
		"      --cursor=FILE     resume after FILE\n"
		"      --describe        this source as JSON: options, environment, protocol\n"
		"  -h, --help            show this help; --help all: every option\n"
		"  -n, --limit=N         at most N\n"
		"      --since=WHEN      only events at or after WHEN\n"
		"  -s, --size=BYTES      how large (default: 1M)\n"
		"      --span=T          how long\n"
		"      --stat=none|files|lines\n"
		"                        what to count (default: lines)\n"
		"  -v, --verbose         say more\n"
		"      --version         show the version\n"
		"\n"
		"Environment: GIT_DIR; see athena-src-test(1)\n"
		"\n"
		"More in athena-src-test(1).\n";

	is_str(said(STDOUT_FILENO, &source, "--help"), want, "--help");
	is_int(call.rc, OPT_DONE, "... is all there is to do");
	is_str(said(STDOUT_FILENO, &source, "x -h"), want, "-h");
	is_str(said(STDOUT_FILENO, &source, "--version"), "athena-src-test 0.1.0\n", "--version");
	is_int(call.rc, OPT_DONE, "... is all there is to do");
	is_str(said(STDOUT_FILENO, &source, "--help all"), want, "--help all, where that is all there is");
	said(STDERR_FILENO, &source, "--help=some");
	is_int(call.rc, EX_USAGE, "--help takes no other word");
	ok(!strstr(said(STDOUT_FILENO, &tool, "--help"), "--describe"),
	   "no --describe for what is no source");
}

/* A few of many, and how to see the rest. */
static void test_usual(void)
{
	const struct opt_program some = {
		.name = "some",
		.synopsis = "[options]",
		.summary = "Some",
		.options = table,
		.usual = " all since ",
	};

	is_str(said(STDOUT_FILENO, &some, "--help"),
	       "Usage: some [options]\nSome.\n\nOptions:\n"
	       "      --all         every ref, and a text so long that it has to go on in\n"
	       "                    another line of the help\n"
	       "  -h, --help        show this help; --help all: every option\n"
	       "      --since=WHEN  only events at or after WHEN\n"
	       "\nMore options: some --help all; its manual: man some\n",
	       "--help shows the usual ones");
	for (int i = 0; i < 3; i++) {
		const char *line = ((const char *[]){"--help all", "-h all", "x --help=all"})[i];
		const char *help = said(STDOUT_FILENO, &some, line);

		ok(strstr(help, "--stat=") && !strstr(help, "More options"), "%s shows every one", line);
	}
	ok(!strstr(said(STDOUT_FILENO, &some, "--help x all"), "--stat="),
	   "all is the next word, or not meant");
}

static void test_describe(void)
{
	json_t *all = json_loads(said(STDOUT_FILENO, &source, "--describe"), JSON_REJECT_DUPLICATES, NULL),
	       *options, *o;
	const char *name, *type, *summary, *synopsis, *variable, *help;
	int protocol;

	is_int(call.rc, OPT_DONE, "--describe");
	ok(!json_unpack(all, "{s:s s:s s:i s:s s:s s:o s:[{s:s s:s !}!]}", "name", &name, "type", &type,
			"protocol", &protocol, "summary", &summary, "synopsis", &synopsis, "options",
			&options, "environment", "name", &variable, "help", &help),
	   "... has its members");
	is_str(name, "athena-src-test", "name");
	is_str(type, "test", "type");
	is_int(protocol, 1, "protocol");
	is_str(variable, "GIT_DIR", "environment");
	is_int((int64_t)json_array_size(options), 12, "all options, and the three that are always there");
	o = json_array_get(options, 1);
	is_str(json_string_value(json_object_get(o, "name")), "branch", "sorted by name");
	is_str(json_string_value(json_object_get(o, "letter")), "b", "letter");
	is_str(json_string_value(json_object_get(o, "kind")), "string", "kind");
	is_str(json_string_value(json_object_get(o, "arg")), "NAME", "arg");
	is_str(json_string_value(json_object_get(o, "default")), "HEAD", "default");
	ok(json_is_true(json_object_get(o, "repeatable")), "repeatable");
	o = json_array_get(options, 0);
	ok(!json_object_get(o, "letter") && !json_object_get(o, "arg") && !json_object_get(o, "repeatable"),
	   "what does not apply is left out");
	json_decref(all);
}

/* Help that nobody can read is a failure. */
static void full(void *unused)
{
	FILE *f = fopen("/dev/full", "w");
	int saved = dup(STDOUT_FILENO);

	(void)unused;
	if (!f || saved < 0 || dup2(fileno(f), STDOUT_FILENO) < 0)
		exit(1);
	strcpy(call.line, "prog --help");
	parse(NULL);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	fclose(f);
}

int main(void)
{
	log_init("prog");
	test_values();
	test_numbers();
	test_messages();
	test_operands_end();
	test_help();
	test_usual();
	test_describe();
	is_str(tap_capture(STDERR_FILENO, full, NULL), "prog: stdout: No space left on device\n",
	       "a full disk");
	is_int(call.rc, EX_IOERR, "... is an I/O error");
	opt_list_release(&v.branches);
	opt_list_release(&call.operands);
	return tap_done();
}
