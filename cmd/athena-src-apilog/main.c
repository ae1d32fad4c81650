/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "confine.h"
#include "fetch.h"
#include "log.h"
#include "opt.h"

static struct source src = SOURCE_INIT("apilog");
static struct apilog_options options = {.format = "auto", .max_line = 16 << 20};
static struct opt_list files, globs;

static const struct opt table[] = {
	{"file", 0, OPT_LIST, "FILE", "a log, as the operands: a file, a folder, a quoted glob, - for stdin",
	 &files, NULL},
	{"glob", 0, OPT_LIST, "GLOB", "which files of a folder are logs, ** for folders below it", &globs,
	 "*.log"},
	{"format", 0, OPT_STRING, "FORMAT",
	 "auto, json, logfmt, w3c, combined, haproxy, alb ..., or an nginx log_format string",
	 &options.format, "auto"},
	{"field", 0, OPT_LIST, "NAME=PATH", "NAME is the member PATH of a JSON line, a.b.c, or a logfmt key",
	 &options.fields, NULL},
	{"status", 0, OPT_LIST, "LIST", "only these: 500,503,5xx,400-499", &options.statuses, NULL},
	{"endpoint", 0, OPT_LIST, "GLOB", "paths that match; !GLOB leaves out; the last decides",
	 &options.endpoints, NULL},
	{"method", 0, OPT_LIST, "LIST", "only these: GET,POST", &options.methods, NULL},
	{"min-duration", 0, OPT_SPAN, "T", "only what took at least T: 500ms, 2s", &options.min_duration_us,
	 NULL},
	{"follow", 0, OPT_FLAG, NULL,
	 "go on as the logs grow and are rotated, until a signal comes, or the time of --until",
	 &options.follow, NULL},
	{"rejects", 0, OPT_STRING, "FILE", "add lines that are no event to FILE, as they are",
	 &options.rejects, NULL},
	{"max-line", 0, OPT_SIZE, "BYTES", "leave out longer lines", &options.max_line, "16M"},
	{"no-redact", 0, OPT_FLAG, NULL, "leave secrets in query strings and members as they are",
	 &options.no_redact, NULL},
	SOURCE_OPTIONS(src),
	{0},
};

static const struct opt_env environment[] = {
	{"TZ", "the zone of times that name none, as of HAProxy"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-src-apilog",
	.synopsis = "[options] [FILE...]",
	.summary = "Events from the logs of APIs and web servers, through every rotation",
	.type = "apilog",
	.options = table,
	.usual = " check cursor endpoint file follow format plan since status ",
	.env = environment,
	.footer = "Example: athena-src-apilog --cursor FILE access.log | athena-store DB",
};

static int settle(const struct opt_list *operands)
{
	for (size_t i = 0; i < operands->n; i++)
		opt_list_add(&files, operands->items[i]);
	if (!files.n)
		return log_error(
			EX_USAGE,
			"no log is named, nor `-` for standard input; see 'athena-src-apilog --help'");
	if (options.max_line < 1)
		return log_error(EX_USAGE, "--max-line: at least 1");
	return 0;
}

/* A position is that of one source, and of what can be read again. */
static int check_cursor(const struct logs *all)
{
	if (src.cursor_path && all->pipes.n)
		return log_error(EX_USAGE,
				 "%s: not with --cursor: a pipe cannot be read again from a position",
				 all->pipes.items[0]);
	if (src.cursor_path && all->ambiguous && !opt_given("source-id"))
		return log_error(
			EX_USAGE,
			"several logs are one source only under a name of your own: add --source-id ID; the "
			"rotated files of one are found when only that is named");
	if (!all->n && !all->pipes.n && !opt_given("source-id"))
		return log_error(EX_NOINPUT, "%s: no such log", all->missing.n ? all->missing.items[0] : "");
	return 0;
}

/* --follow keeps a file of each log open. */
static void allow_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool shows_progress(void)
{
	return src.progress || (!src.no_progress && !src.quiet && isatty(STDERR_FILENO));
}

/* What compresses is a program of its own, so programs may be started; on Linux they may do no more than this one. */
static int open_and_confine(struct fetch *f)
{
	int rc = 0;

	reader_init(&f->reader, (size_t)options.max_line);
	f->rejects.path = options.rejects;
	if (!src.check && !src.plan)
		rc = rejects_open(&f->rejects);
	if (!rc)
		source_confine(&src, CONFINE_PROGRAMS, NULL, 0);
	return rc;
}

static int run(struct fetch *f)
{
	int rc;

	if (shows_progress())
		f->total = plan_bytes(f);
	rc = fetch_all(f);
	if (!rc && options.follow)
		rc = follow_run(f);
	return rc;
}

static int source_main(struct logs *all)
{
	struct fetch f = {.src = &src, .options = &options, .logs = all};
	json_t *position = NULL;
	int rc = source_begin(&src, all->n ? all->items[0]->id : "apilog:-"), closed;

	f.own_ids = !src.cursor_path && !opt_given("source-id");
	if (!rc)
		rc = open_and_confine(&f);
	if (!rc)
		rc = fetch_open(&f);
	if (!rc && (src.check || src.plan)) {
		rc = src.check ? check_run(&f) : plan_run(&f);
	} else if (!rc) {
		rc = run(&f);
		closed = rejects_close(&f.rejects);
		rc = rc > 0 ? rc : closed ? closed : f.code && !source_interrupted() ? f.code : rc;
		position = fetch_position(&f);
	}
	rc = source_end(&src, rc, f.selection, position);
	if (!rc && f.rejects.n)
		rc = EX_DATAERR; /* the run itself ended well */
	json_decref(position);
	fetch_close(&f);
	return rc;
}

int main(int argc, char **argv)
{
	struct logs all = {.operands = &files, .globs = &globs};
	struct opt_list operands = {0};
	int rc;

	log_init("athena-src-apilog");
	rc = opt_parse(&program, argc, argv, &operands);
	if (rc)
		return rc == OPT_DONE ? 0 : rc;
	rc = settle(&operands);
	if (!rc)
		rc = source_setup(&src);
	allow_files();
	if (!rc)
		rc = logs_find(&all);
	if (!rc)
		rc = check_cursor(&all);
	if (!rc)
		rc = source_main(&all);
	logs_release(&all);
	opt_list_release(&operands);
	opt_list_release(&files);
	opt_list_release(&globs);
	opt_list_release(&options.fields);
	opt_list_release(&options.statuses);
	opt_list_release(&options.endpoints);
	opt_list_release(&options.methods);
	return rc;
}
