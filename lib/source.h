/* SPDX-License-Identifier: ISC
 *
 * source - what every athena-src-* program holds: the common options, the
 * cursor, the output, the counts. Not a framework: main() keeps the loop.
 *
 *	static struct source src = SOURCE_INIT("git");
 *	static const struct opt table[] = {SOURCE_OPTIONS(src), {0}};
 *	static const struct opt_program program = {.name = "athena-src-git", .type = "git", .options = table};
 *
 *	rc = opt_parse(&program, argc, argv, &operands);
 *	rc = source_setup(&src);                     options are consistent, signals are caught
 *	rc = source_begin(&src, "git:example.org/x");   lock (not for --check, --plan), load; resume after src.from->position
 *	source_confine(&src, 0, NULL, 0);            no programs, no network, no files but F's
 *	while (next(&event) && !rc) {
 *		rc = source_emit(&src, &event);
 *		if (!rc && source_due(&src))
 *			rc = source_checkpoint(&src, selection, position);
 *	}
 *	return source_end(&src, rc, selection, position);   final checkpoint, flush, metrics, exit code
 *
 * Order on the way out: events are written, the position is staged (durable), the checkpoint
 * line is written, stdout is flushed. Who moves F depends on stdout: a pipe or socket: the
 * consumer; a regular file: this program, after it synced the file; a terminal or
 * /dev/null: nobody. --commit=exit: this program, after a clean end.
 *
 * Codes above 0 are sysexits, and logged. SOURCE_STOP means: stop reading and
 * call source_end(); it is no failure (the limit is reached, a signal came, the reader is gone).
 *
 * Files: source.c has the run from its beginning to its end, sourceout.c what is written meanwhile.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "confine.h"
#include "cursorfile.h"
#include "event.h"
#include "log.h"
#include "metrics.h"
#include "opt.h"

enum { SOURCE_STOP = -1 };
enum source_commit { SOURCE_COMMIT_AUTO, SOURCE_COMMIT_EXIT };
enum source_sink { SOURCE_SINK_PIPE, SOURCE_SINK_FILE, SOURCE_SINK_NOBODY };

#define SOURCE_NO_TIME INT64_MIN

struct source {
	const char *type; /* "git" */

	/* options; borrowed from argv */
	const char *cursor_path;
	int commit;             /* enum source_commit */
	int64_t since, until;   /* microseconds since 1970, SOURCE_NO_TIME: not given */
	int64_t limit;          /* events; -1: none */
	const char *source_id;  /* --source-id; after source_begin() the one in use */
	int64_t project;        /* default 1 */
	const char *session;    /* --session; NULL: each event's own */
	bool check, plan;
	const char *metrics_path;
	bool progress, no_progress, quiet, verbose;

	bool keep_left; /* for source_begin(): see cursorfile.h; for a source that looks at file.left */

	/* after source_begin() */
	struct cursorfile file; /* file.path is NULL without --cursor */
	const struct cursor *from; /* what F said: selection, position; NULL: from the start. Points into file */
	enum source_sink sink;
	struct metrics metrics;

	/* output, private to source.c and sourceout.c */
	struct buf out;          /* lines not yet written */
	int64_t unconfirmed;     /* events since the last checkpoint */
	int64_t last_checkpoint; /* monotonic microseconds */
	bool terminal;           /* stdout is one */
	bool reader_gone;        /* EPIPE */
	bool write_failed;       /* another error of stdout: lines are missing in it */
	bool cursor_failed;      /* a position could not be staged or taken over: no other one is tried */
	bool folder_synced;      /* of a regular file on stdout */
	bool said_long;          /* that a position is longer than a reader usually takes */
};

#define SOURCE_INIT(t)                                                                                                 \
	{                                                                                                              \
		.type = (t), .since = SOURCE_NO_TIME, .until = SOURCE_NO_TIME, .limit = -1, .project = 1               \
	}

/* clang-format off */
#define SOURCE_OPTIONS(s)                                                                                              \
	{"cursor", 0, OPT_STRING, "FILE", "go on from FILE, and leave the next position there", &(s).cursor_path, NULL}, \
	{"commit", 0, OPT_CHOICE, "auto|exit", "who moves FILE: reader or source", &(s).commit, "auto"}, \
	{"since", 0, OPT_WHEN, "WHEN", "from WHEN on: 2024-05-01[T12:00:00Z], @epoch, 24h, 7d", &(s).since, NULL}, \
	{"until", 0, OPT_WHEN, "WHEN", "only events before WHEN; not with --cursor", &(s).until, NULL}, \
	{"limit", 0, OPT_COUNT, "N", "the oldest N events; the next run goes on", &(s).limit, NULL}, \
	{"source-id", 0, OPT_STRING, "ID", "call the source ID", &(s).source_id, NULL}, \
	{"project", 0, OPT_COUNT, "N", "project_id of the events", &(s).project, "1"}, \
	{"session", 0, OPT_STRING, "ID", "session_id of all events", &(s).session, NULL}, \
	{"check", 0, OPT_FLAG, NULL, "is all there that a run needs? what to do if not", &(s).check, NULL}, \
	{"plan", 0, OPT_FLAG, NULL, "say what a run would do and cost, without doing it", &(s).plan, NULL}, \
	{"metrics", 0, OPT_STRING, "FILE", "write Prometheus metrics to FILE at the end", &(s).metrics_path, NULL}, \
	{"progress", 0, OPT_FLAG, NULL, "show progress even where stderr is no terminal", &(s).progress, NULL}, \
	{"no-progress", 0, OPT_FLAG, NULL, "show no progress", &(s).no_progress, NULL}, \
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only", &(s).quiet, NULL}, \
	{"verbose", 'v', OPT_FLAG, NULL, "say more", &(s).verbose, NULL}
/* clang-format on */

/* Checks the common options against each other, sets the log level, catches SIGINT and SIGTERM, ignores SIGPIPE. */
int source_setup(struct source *src);

/*
 * Takes the source's natural id (--source-id wins), locks and loads F, looks at stdout, ends
 * a torn line in a regular file, notes what an earlier run left unacknowledged.
 * A --since that F already holds is replaced by F's floor where it would raise it
 * (F keeps the floor as selection.since, an RFC 3339 text that the source puts there: see source_floor()).
 */
int source_begin(struct source *src, const char *natural_id);

/*
 * Gives up what the run does not need (confine.h): files are written only in the folders of F and of --metrics,
 * and in the n `folders` (NULL among them is none). `keep`: CONFINE_NETWORK, CONFINE_PROGRAMS, or 0. To be called
 * once all else that is written is open, and before anything from outside is parsed.
 */
void source_confine(const struct source *src, unsigned keep, const char *const *folders, size_t n);

/* Puts src->since into a selection as "since", or leaves it out where there is none. */
void source_floor(const struct source *src, json_t *selection);

/*
 * Refuses a cursor whose selection cannot be continued: says the options that differ (names of
 * members of the two selections, except those in `continuable`, a NULL-ended list) and returns 78, F untouched.
 * 0 where they agree or there is no F.
 */
int source_same_selection(const struct source *src, json_t *selection, const char *const *continuable);

/* True when an event of this time is asked for. */
bool source_wants(const struct source *src, int64_t timestamp);

/*
 * Writes an event (source_id, source_type, project_id and session_id filled in). 0, SOURCE_STOP or a code. An event that does not fit
 * into EVENT_LINE_MAX is the caller's to shorten first: EX_SOFTWARE.
 */
int source_emit(struct source *src, const struct event *e);

/*
 * The same for a source that writes its own lines, where struct event would be too slow:
 *
 *	struct buf *out = source_room(src);
 *	if (!out)
 *		return SOURCE_STOP;           --limit is reached
 *	...                                   one whole event line with its newline, at most EVENT_LINE_MAX, added to out
 *	rc = source_wrote(src);               counted, and flushed when it is time; 0, SOURCE_STOP or a code
 *
 * The buffer is borrowed until source_wrote(), and it may hold earlier lines. Nothing added: no source_wrote().
 */
struct buf *source_room(struct source *src);
int source_wrote(struct source *src);

/* The same of n events at once, for a source that has their lines ready: whole ones, copied or written at once. --limit is the caller's. */
int source_lines(struct source *src, const struct buf *lines, int64_t n);

/* --limit is reached: stop, with --cursor at the next boundary. */
bool source_limit_reached(const struct source *src);

/* A signal asked to stop. */
bool source_interrupted(void);

/* About a second has passed since the last checkpoint (or a stop is asked for), and there is a cursor. */
bool source_due(struct source *src);

/* Stages the position and writes a checkpoint that is not final. Both objects are borrowed. */
int source_checkpoint(struct source *src, json_t *selection, json_t *position);

/* Gives the reader what is written so far; call before waiting for anything. */
int source_flush(struct source *src);

/*
 * Ends the run: a last checkpoint at `position` (final when the run ended well, at --limit too; not final after
 * a signal or a failure, rc > 0, so that what was reached is kept), flush, --commit=exit, metrics.
 * Returns the exit code: 130 or 143 after a signal, else rc. Where the reader is gone it ends this
 * process by SIGPIPE, as cat would. `position` must be a boundary: every event written so far
 * is above it. NULL: there is none, no checkpoint is written.
 */
int source_end(struct source *src, int rc, json_t *selection, json_t *position);

#endif
