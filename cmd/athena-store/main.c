/* SPDX-License-Identifier: ISC
 *
 * athena-store - NDJSON events on standard input into an SQLite database.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "check.h"
#include "confine.h"
#include "feed.h"
#include "lines.h"
#include "log.h"
#include "metrics.h"
#include "opt.h"
#include "schema.h"

enum { LINE_LEAST = 1024, LINE_MOST = 512 << 20 };

static volatile sig_atomic_t signal_seen;
static int wake[] = {-1, -1}; /* a pipe: who waits for input is told of the signal */
static struct store store = {.db = {.busy_us = 60 * STAMP_SECOND, .stop = &signal_seen}};
static const char *cursor_of, *metrics_path;
static int64_t max_line = LINES_MAX_DEFAULT;
static bool check, progress, no_progress, quiet, verbose;

static const struct opt options[] = {
	{"busy-timeout", 0, OPT_SPAN, "T", "wait so long for another writer", &store.db.busy_us, "60s"},
	{"check", 0, OPT_FLAG, NULL, "can the database be written? what to do if not", &check, NULL},
	{"cursor-of", 0, OPT_STRING, "SOURCE", "print the cursor of SOURCE, and read nothing", &cursor_of,
	 NULL},
	{"max-line", 0, OPT_SIZE, "SIZE", "reject lines of more bytes", &max_line, "16M"},
	{"metrics", 0, OPT_STRING, "FILE", "write Prometheus metrics to FILE at the end", &metrics_path,
	 NULL},
	{"no-ack", 0, OPT_FLAG, NULL, "leave the cursor files of the sources where they are", &store.no_ack,
	 NULL},
	{"no-cursor", 0, OPT_FLAG, NULL, "record no positions either: for an untrusted stream",
	 &store.no_cursor, NULL},
	{"no-progress", 0, OPT_FLAG, NULL, "show no progress", &no_progress, NULL},
	{"progress", 0, OPT_FLAG, NULL, "show progress even where stderr is no terminal", &progress, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only", &quiet, NULL},
	{"strict", 0, OPT_FLAG, NULL,
	 "stop at the first line that is rejected, and keep nothing of its batch", &store.strict, NULL},
	{"verbose", 'v', OPT_FLAG, NULL, "say how many events were inserted, updated and known", &verbose,
	 NULL},
	{0},
};

static const struct opt_program program = {
	.name = "athena-store",
	.synopsis = "[options] DATABASE",
	.summary = "Keep events from standard input in an SQLite database",
	.options = options,
	.footer = "Example: athena-src-git --cursor git.cursor repo | athena-store data.db",
};

static void on_signal(int number)
{
	int saved = errno;

	signal_seen = number;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static int catch_signals(void)
{
	/* A second signal kills, which loses nothing: the first one may be waiting for a lock. */
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND},
			 ignore = {.sa_handler = SIG_IGN};

	if (pipe2(wake, O_CLOEXEC))
		return log_error(EX_IOERR, "a pipe: %s", strerror(errno));
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	/* A file that may not grow any more is an error like a full disk, not death. */
	sigaction(SIGXFSZ, &ignore, NULL);
	return 0;
}

static int check_options(const struct opt_list *operands)
{
	if (operands->n != 1 || !*operands->items[0])
		return log_error(EX_USAGE, operands->n > 1
						   ? "one database is needed, and events on standard input: "
						     "athena-store DATABASE < FILE"
						   : "one database is needed; see --help");
	if (max_line < LINE_LEAST || max_line > LINE_MOST)
		return log_error(EX_USAGE, "--max-line is from 1K to 512M");
	if (progress && no_progress)
		return log_error(EX_USAGE, "--progress and --no-progress exclude each other");
	if (check && cursor_of)
		return log_error(EX_USAGE, "--check and --cursor-of exclude each other");
	if (quiet && verbose)
		return log_error(EX_USAGE, "-q and -v exclude each other");
	store.db.path = operands->items[0];
	log_set_level(quiet ? LOG_QUIET : verbose ? LOG_VERBOSE : LOG_NORMAL);
	log_progress_mode(progress ? LOG_PROGRESS_ON : no_progress ? LOG_PROGRESS_OFF : LOG_PROGRESS_AUTO);
	return 0;
}

static int print_cursor(void)
{
	int rc = db_open(&store.db, DB_READ);

	if (!rc)
		rc = schema_read(&store.db);
	if (!rc)
		rc = record_print_cursor(&store.db, cursor_of);
	db_close(&store.db);
	return rc;
}

static int write_metrics(int64_t started, int code)
{
	const struct counts *n = &store.kept;
	const struct metrics m = {
		.events = n->events,
		.bytes = n->bytes,
		.rejects = n->rejected,
		.started_us = started,
		.inserted = n->inserted,
		.updated = n->updated,
		.known = n->known,
	};
	int rc = metrics_path ? metrics_write(metrics_path, program.name, store.db.path, &m, code) : 0;

	return code ? code : rc;
}

static int run(void)
{
	int64_t started = stamp_now();
	int rc;

	/* Else the next file that is opened would be taken for it. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		return log_error(EX_IOERR, "stdin: %s", strerror(errno));
	if (isatty(STDIN_FILENO))
		log_note("reading events from the terminal; a source gives them: athena-src-git repo | "
			 "athena-store %s",
			 store.db.path);
	rc = store_open(&store);
	if (!rc)
		rc = feed(&store, STDIN_FILENO, (size_t)max_line, wake);
	if (!rc && signal_seen)
		rc = 128 + signal_seen;
	return write_metrics(started, store_end(&store, rc));
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
		rc = catch_signals();
	/* Cursor files may lie anywhere, and the input names them: but it sends nothing and starts nothing. */
	confine(CONFINE_FILES, NULL, 0);
	if (!rc)
		rc = check ? check_run(&store.db) : cursor_of ? print_cursor() : run();
	opt_list_release(&operands);
	return rc == OPT_DONE ? 0 : rc;
}
