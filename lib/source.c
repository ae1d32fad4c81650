/* SPDX-License-Identifier: ISC */
#include "source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint.h"
#include "file.h"
#include "lines.h"
#include "sourceout.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum {
	PIPE_SIZE = 1 << 20,          /* what is asked of the kernel for a pipe on stdout */
	CHECKPOINT_EVERY_US = 1000000 /* at most one checkpoint in this time, but for the last */
};

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	caught = sig;
}

bool source_interrupted(void)
{
	return caught != 0;
}

static int64_t monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* What every event repeats has to be a value that readers take. */
static int check_identity(const struct source *src)
{
	const char *id = src->source_id;
	size_t n = id ? strlen(id) : 0;

	if (id && (!n || n > EVENT_ID_MAX))
		return log_error(EX_USAGE, "--source-id: 1 to %d bytes", EVENT_ID_MAX);
	if (id && (text_has_control(id, n) || !text_valid(id, n)))
		return log_error(EX_USAGE, "--source-id: UTF-8 without control characters");
	if (src->project > EVENT_INTEGER_MAX)
		return log_error(EX_USAGE, "--project: at most %" PRId64, EVENT_INTEGER_MAX);
	return 0;
}

int source_setup(struct source *src)
{
	/* A second signal kills: the first one may be waiting for a reader that never reads. */
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND},
			 ignore = {.sa_handler = SIG_IGN};
	int rc;

	log_set_level(src->quiet ? LOG_QUIET : src->verbose ? LOG_VERBOSE : LOG_NORMAL);
	if (src->progress || src->no_progress)
		log_progress_mode(src->no_progress ? LOG_PROGRESS_OFF : LOG_PROGRESS_ON);
	if (src->cursor_path && src->until != SOURCE_NO_TIME)
		return log_error(EX_USAGE, "--until: not with --cursor: what comes after it would be skipped "
					   "for good; use --limit");
	if (src->commit == SOURCE_COMMIT_EXIT && !src->cursor_path)
		return log_error(EX_USAGE, "--commit=exit: there is no cursor to move; add --cursor FILE");
	rc = check_identity(src);
	if (rc)
		return rc;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL); /* a file that may not grow is an error of write(2) */
	src->metrics.started_us = stamp_now();
	return 0;
}

static enum source_sink look_at_stdout(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return SOURCE_SINK_NOBODY;
	if (S_ISREG(st.st_mode))
		return SOURCE_SINK_FILE;
	if (S_ISFIFO(st.st_mode))
		fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE); /* refused: slower, no harm */
	return SOURCE_SINK_PIPE;
}

/* A line that a killed writer left unfinished must not swallow our first one. */
static void end_torn_line(struct source *src)
{
	off_t at = fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND ? lseek(STDOUT_FILENO, 0, SEEK_END)
							    : lseek(STDOUT_FILENO, 0, SEEK_CUR);
	int fd = at > 0 ? open("/dev/fd/1", O_RDONLY | O_CLOEXEC) : -1;
	char last = '\n';

	if (fd < 0)
		return;
	if (file_pread(fd, &last, 1, at - 1) == 1 && last != '\n') {
		log_note("the output ended within a line, which was ended; that line is lost, its event "
			 "comes again");
		buf_addc(&src->out, '\n');
	}
	close(fd);
}

/* F's floor holds: --since may lower it, never raise it. */
static int resume_floor(struct source *src)
{
	const char *text = json_string_value(json_object_get(src->from->selection, "since"));
	int64_t floor = SOURCE_NO_TIME;

	if (text && !stamp_parse(text, strlen(text), &floor))
		return log_error(EX_CONFIG, "%s: damaged cursor: since is no time", src->file.path);
	if (src->since != SOURCE_NO_TIME && (floor == SOURCE_NO_TIME || src->since > floor))
		log_verbose("--since: %s already goes back to %s; that stays", src->file.path,
			    text ? text : "the start");
	if (src->since == SOURCE_NO_TIME || floor == SOURCE_NO_TIME || src->since > floor)
		src->since = floor;
	return 0;
}

/* A question is answered beside a run that holds F. */
static int hold_cursor(struct source *src)
{
	int rc;

	if (src->check || src->plan)
		return cursorfile_look(&src->file, src->cursor_path, src->source_id);
	rc = cursorfile_open(&src->file, src->cursor_path);
	src->file.keep_left = src->keep_left;
	return rc ? rc : cursorfile_claim(&src->file, src->source_id);
}

int source_begin(struct source *src, const char *natural_id)
{
	int rc;

	if (!src->source_id)
		src->source_id = natural_id;
	buf_init(&src->out, 0);
	src->sink = look_at_stdout();
	src->terminal = src->sink == SOURCE_SINK_NOBODY && isatty(STDOUT_FILENO);
	src->last_checkpoint = monotonic_us();
	if (src->cursor_path) {
		rc = hold_cursor(src);
		if (rc)
			return rc;
		if (src->sink == SOURCE_SINK_NOBODY || src->commit == SOURCE_COMMIT_EXIT)
			src->file.keep = 1;
		if (src->file.unacknowledged)
			log_note("%s: an earlier run was not acknowledged by its reader; starting from this "
				 "cursor again; if that is so each time, a filter on the way drops control "
				 "records: let them pass, as select(.athena or ...) does",
				 src->file.path);
		src->from = src->file.at.position ? &src->file.at : NULL;
		if (src->from && (rc = resume_floor(src)))
			return rc;
	}
	if (src->sink == SOURCE_SINK_FILE)
		end_torn_line(src);
	return 0;
}

void source_confine(const struct source *src, unsigned keep, const char *const *folders, size_t n)
{
	const char **all = xcalloc(n + 2, sizeof(*all));
	char *cursor = src->cursor_path ? cursorfile_folder(src->cursor_path) : NULL;
	char *metrics = src->metrics_path ? file_folder(src->metrics_path) : NULL;

	if (n)
		memcpy(all, folders, n * sizeof(*all));
	all[n] = cursor;
	all[n + 1] = metrics;
	confine(keep, all, n + 2);
	free(all);
	free(cursor);
	free(metrics);
}

void source_floor(const struct source *src, json_t *selection)
{
	char text[STAMP_SIZE];

	if (src->since == SOURCE_NO_TIME)
		return;
	stamp_format(src->since, text);
	json_object_set_new(selection, "since", json_string(text));
}

static bool listed(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* Names the members of a that b has not, or has otherwise. */
static void differing(json_t *a, json_t *b, const char *const *continuable, bool only_absent,
		      struct buf *names)
{
	const char *name;
	json_t *value;

	json_object_foreach (a, name, value) {
		json_t *other = json_object_get(b, name);

		if (listed(continuable, name) || (only_absent ? other != NULL : json_equal(value, other)))
			continue;
		buf_adds(names, names->len ? ", --" : "--");
		for (const char *c = name; *c; c++)
			buf_addc(names, *c == '_' ? '-' : *c);
	}
}

int source_same_selection(const struct source *src, json_t *selection, const char *const *continuable)
{
	struct buf names = {0};
	int rc = 0;

	if (!src->from)
		return 0;
	differing(selection, src->from->selection, continuable, false, &names);
	differing(src->from->selection, selection, continuable, true, &names);
	if (names.len)
		rc = log_error(EX_CONFIG,
			       "%s: this cursor was begun with other options (%s), so what was left out "
			       "then would be missing; use the same options, or another cursor file",
			       src->file.path, buf_cstr(&names));
	buf_release(&names);
	return rc;
}

bool source_wants(const struct source *src, int64_t timestamp)
{
	return (src->since == SOURCE_NO_TIME || timestamp >= src->since) &&
	       (src->until == SOURCE_NO_TIME || timestamp < src->until);
}

bool source_due(struct source *src)
{
	return src->file.path && (caught || monotonic_us() - src->last_checkpoint >= CHECKPOINT_EVERY_US);
}

/* A regular file is its own reader: once it is on the disk, the cursor may move. */
static int take_over(struct source *src)
{
	int rc = source_sync(src);

	return rc ? rc : cursorfile_promote(&src->file);
}

/* A position cannot be cut as a text can: the reader has to take the line as it is. */
static void warn_of_long(struct source *src, size_t n)
{
	if (n <= LINES_MAX_DEFAULT || src->said_long)
		return;
	log_warn("%s: the position is a line of %s bytes; athena-store needs --max-line=%zuM to take it, "
		 "or ask for less at once",
		 src->cursor_path, log_count(n), (n >> 20) * 2);
	src->said_long = true;
}

static int checkpoint(struct source *src, json_t *selection, json_t *position, bool final)
{
	struct cursorfile *f = &src->file;
	struct checkpoint cp = {
		.source_id = (char *)src->source_id, .events = src->unconfirmed, .final = final};
	size_t start;
	int rc;

	memcpy(cp.prev, f->last.hash, SHA256_HEX);
	rc = cursorfile_stage(f, selection, position);
	src->cursor_failed = rc != 0;
	if (rc)
		return rc;
	if (final)
		cursorfile_drop_left(f);
	memcpy(cp.next, f->last.hash, SHA256_HEX);
	cp.cursor = f->canonical;
	if (src->commit != SOURCE_COMMIT_EXIT) {
		cp.ack = f->path;
		cp.stage = f->stage;
	}
	start = src->out.len;
	checkpoint_write(&src->out, &cp);
	src->unconfirmed = 0;
	src->last_checkpoint = monotonic_us();
	warn_of_long(src, src->out.len - start);
	rc = source_flush(src);
	if (!rc && src->sink == SOURCE_SINK_FILE && src->commit == SOURCE_COMMIT_AUTO) {
		rc = take_over(src);
		src->cursor_failed = rc != 0;
	}
	return rc;
}

int source_checkpoint(struct source *src, json_t *selection, json_t *position)
{
	return checkpoint(src, selection, position, false);
}

int source_end(struct source *src, int rc, json_t *selection, json_t *position)
{
	bool clean = rc <= 0 && !caught, ours = src->commit == SOURCE_COMMIT_EXIT && clean && position;
	int failed = rc > 0 ? rc : 0;

	/* after a failed write lines are missing, and that a cursor cannot be moved was logged */
	if (!src->reader_gone && !src->write_failed && !src->cursor_failed && src->cursor_path && position &&
	    src->file.last.source_id) {
		rc = checkpoint(src, selection, position, clean);
		failed = failed ? failed : rc > 0 ? rc : 0;
	}
	if (!src->reader_gone) {
		rc = source_flush(src);
		failed = failed ? failed : rc > 0 ? rc : 0;
	}
	if (ours && src->sink == SOURCE_SINK_FILE && !failed)
		failed = source_sync(src);
	if (!src->reader_gone && close(STDOUT_FILENO) && !failed)
		failed = source_write_error(src);
	if (ours && !failed && !src->reader_gone)
		failed = cursorfile_promote(&src->file);
	log_progress_end();
	if (!failed && caught)
		failed = 128 + caught;
	if (src->metrics_path && src->source_id) {
		int code = failed || !src->reader_gone ? failed : 128 + SIGPIPE;

		rc = metrics_write(src->metrics_path, log_program(), src->source_id, &src->metrics, code);
		failed = failed ? failed : rc;
	}
	cursorfile_close(&src->file);
	buf_release(&src->out);
	if (src->reader_gone && !failed) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return failed;
}
