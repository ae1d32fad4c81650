/* SPDX-License-Identifier: ISC
 *
 * athena-commit - makes any command an acknowledged sink.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "commit.h"
#include "lines.h"
#include "log.h"
#include "metrics.h"
#include "opt.h"
#include "stamp.h"

enum { LINE_LEAST = 1024, LINE_MOST = 512 << 20 };

static volatile sig_atomic_t signal_seen;
static struct commit commit = {
	.scan = EVENT_SCAN,
	.deliver = {.delay_us = STAMP_SECOND, .stop = &signal_seen},
	.max_line = LINES_MAX_DEFAULT,
	.rejects = -1,
	.lines = {.fd = -1},
	.checkpoints = {.fd = -1},
};
static const char *metrics_path;
static bool progress, no_progress, quiet, verbose;

static const struct opt options[] = {
	{"batch", 0, OPT_COUNT, "N", "a run of CMD for every N events or more, up to the next checkpoint",
	 &commit.batch, "all in one"},
	{"keep-control", 0, OPT_FLAG, NULL, "give CMD the control records too", &commit.keep_control, NULL},
	{"max-line", 0, OPT_SIZE, "SIZE", "reject lines of more bytes", &commit.max_line, "16M"},
	{"metrics", 0, OPT_STRING, "FILE", "write Prometheus metrics to FILE at the end", &metrics_path,
	 NULL},
	{"no-progress", 0, OPT_FLAG, NULL, "show no progress", &no_progress, NULL},
	{"progress", 0, OPT_FLAG, NULL, "show progress even where stderr is no terminal", &progress, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only", &quiet, NULL},
	{"rejects", 0, OPT_STRING, "FILE", "add the lines that are rejected to FILE", &commit.rejects_path,
	 NULL},
	{"retries", 0, OPT_COUNT, "N", "give CMD again what it did not take", &commit.deliver.retries, "0"},
	{"retry-delay", 0, OPT_SPAN, "T", "wait before the first retry, then double",
	 &commit.deliver.delay_us, "1s"},
	{"strict", 0, OPT_FLAG, NULL, "stop at the first line that is rejected", &commit.strict, NULL},
	{"verbose", 'v', OPT_FLAG, NULL, "say how many events were delivered", &verbose, NULL},
	{0},
};

static const struct opt_env environment[] = {
	{"TMPDIR", "where batches are spooled; /tmp where it is not set"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-commit",
	.synopsis = "[options] -- CMD [ARG...]",
	.summary = "Give events to CMD, and move the cursor once CMD has taken them",
	.options = options,
	.env = environment,
	.footer = "Example: athena-src-git --cursor F | athena-commit -- kcat -P -b host -t events",
};

static void on_signal(int number)
{
	signal_seen = number;
}

static void catch_signals(void)
{
	/* A second signal kills, which loses nothing: CMD may be slow to end. */
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND},
			 ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	deliver_setup();
}

static int check_options(struct opt_list *operands)
{
	const char *folder = getenv("TMPDIR");

	if (!operands->n || !*operands->items[0])
		return log_error(EX_USAGE, "a command is needed, after --; see --help");
	if (commit.max_line < LINE_LEAST || commit.max_line > LINE_MOST)
		return log_error(EX_USAGE, "--max-line is from 1K to 512M");
	if (opt_given("batch") && !commit.batch)
		return log_error(EX_USAGE, "--batch is 1 or more; without it the whole stream is one batch");
	if (progress && no_progress)
		return log_error(EX_USAGE, "--progress and --no-progress exclude each other");
	if (quiet && verbose)
		return log_error(EX_USAGE, "-q and -v exclude each other");
	opt_list_add(operands, NULL);
	commit.deliver.argv = operands->items;
	commit.folder = folder && *folder ? folder : "/tmp";
	commit.lines.folder = commit.checkpoints.folder = commit.folder;
	log_set_level(quiet ? LOG_QUIET : verbose ? LOG_VERBOSE : LOG_NORMAL);
	log_progress_mode(progress ? LOG_PROGRESS_ON : no_progress ? LOG_PROGRESS_OFF : LOG_PROGRESS_AUTO);
	return 0;
}

static int open_rejects(void)
{
	if (!commit.rejects_path)
		return 0;
	commit.rejects = open(commit.rejects_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (commit.rejects < 0)
		return log_error(EX_CANTCREAT, "%s: %s", commit.rejects_path, strerror(errno));
	return 0;
}

static int write_metrics(int64_t started, int code)
{
	const struct metrics m = {
		.events = commit.delivered,
		.bytes = commit.bytes,
		.rejects = commit.rejected,
		.started_us = started,
	};
	int rc = metrics_path ? metrics_write(metrics_path, program.name, commit.deliver.argv[0], &m, code)
			      : 0;

	return code ? code : rc;
}

static int run(void)
{
	int64_t started = stamp_now();
	int rc = open_rejects();

	if (rc)
		return rc;
	catch_signals();
	rc = commit_end(&commit, commit_stream(&commit, STDIN_FILENO));
	if (commit.rejects >= 0)
		close(commit.rejects);
	return write_metrics(started, rc);
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init(program.name);
	rc = opt_parse(&program, argc, argv, &operands);
	if (!rc)
		rc = check_options(&operands);
	if (!rc)
		rc = run();
	opt_list_release(&operands);
	return rc == OPT_DONE ? 0 : rc;
}
