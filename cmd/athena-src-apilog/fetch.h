/* SPDX-License-Identifier: ISC
 *
 * fetch - a run over logs: what is new in each since the position, file by file, the oldest first.
 *
 *	struct fetch f = {.src = &src, .options = &options, .logs = &logs};
 *	reader_init(&f.reader, max_line);
 *	rc = fetch_open(&f);              the cursor is read; f.code notes what is wrong with a part
 *	rc = fetch_all(&f);               every log once
 *	rc = follow_run(&f);              --follow: and again when one grows or is rotated (follow.c)
 *	position = fetch_position(&f);
 *	fetch_close(&f);
 *
 * A pass over a log (pass.c) lists its files, and of each (visit.c) says which known file it is (match.c), and gives
 * out the lines behind the position (take.c). Where files were moved meanwhile, it is done once more. A file that was being
 * read and is nowhere any more becomes a `log.gap` (gap.c). In doubt a line is read again, never left
 * out: its id tells every reader that it is the same one.
 */
#ifndef FETCH_H
#define FETCH_H

#include <jansson.h>
#include <stdbool.h>

#include "filter.h"
#include "known.h"
#include "workers.h"
#include "listing.h"
#include "logs.h"
#include "reader.h"
#include "rejects.h"
#include "source.h"

struct apilog_options {
	const char *format;
	struct opt_list fields, statuses, endpoints, methods;
	int64_t min_duration_us, max_line;
	const char *rejects;
	bool follow, no_redact;
};

struct fetch {
	struct source *src; /* borrowed, as the next two */
	const struct apilog_options *options;
	struct logs *logs;
	struct knowns known;
	struct reader reader;
	struct workers workers;
	struct filter filter;
	struct rejects rejects;
	json_t *selection;
	struct words told; /* files of which it was said that they cannot be read */
	int code;          /* what went wrong with a part, the rest went on; 0: nothing */
	bool own_ids;      /* every log is a source of its own */
	bool backfill;     /* --since was lowered: lines before the positions are wanted, too, */
	int64_t floor;     /* from before this time */
	bool missed;       /* a file or a folder could not be read, so that this is not all of them */
	int64_t rounds;    /* --follow: how often all logs were looked at */
	bool dirty;        /* lines were read since the last checkpoint */
	int64_t done, from, total; /* bytes, for the progress: of earlier files, where this one was begun, of all;
				      total -1: nobody looks */
	/* of a pass */
	struct hint live;  /* the file that is written to, */
	bool live_is_log;  /* by its name; else it is the youngest there is, and older only those that it follows */
	bool moved_on;     /* it has a line: nobody writes to an older one any more */
	struct hint leader; /* the youngest that has one */
	bool again;        /* a file was moved or emptied in between */
};

int fetch_open(struct fetch *f);
int fetch_all(struct fetch *f);

/* One log, until its files stand still; what is lost of it is not told yet (pass.c). */
int fetch_log(struct fetch *f, struct log *log);

/* NULL where there is no boundary to resume from: a back-fill that is not over. */
json_t *fetch_position(const struct fetch *f);
void fetch_close(struct fetch *f);

/* What is wrong with a part of the input is noted in f->code, and the rest goes on. */
void fetch_note(struct fetch *f, int code);

/* Is that file's trouble to be said? Once in a run, however often it is looked at. */
bool fetch_say(struct fetch *f, const char *path);

/* It may not be read, so that `so`; and what is to be done. Returns 77. */
int fetch_refused(const char *path, const char *so);

/* ---- visit.c: one file ---- */

/* Which known file it is, and what is new in it. */
int visit_file(struct fetch *f, struct log *log, const struct listing *l, struct candidate *c);

/* Rotated files lie in the folder of this one, last written then. False: that is nothing new. */
bool visit_aside(struct log *log, const char *path, int64_t written_us);

/*
 * The entry of a rotated file that is exactly as it was when all of it had been read. Not that of one whose
 * last line had no end and will have none: that has to be said.
 */
struct known *visit_unchanged(const struct fetch *f, const struct log *log, const struct candidate *c);

/* ---- match.c ---- */

/* The entry of an open file whose first line is `first`, and how far it is known: *from is NULL at the start. */
struct known *match_file(struct fetch *f, const struct log *log, const struct listing *l,
			 const struct candidate *c, const char first[FILE_HASH], struct mark *from);

/* --follow: is that file read already, under another name of it? */
bool match_is_tailed(const struct fetch *f, const struct known *k);

/* Entries whose bytes are in the file that is open are held by it. */
void match_hold(struct fetch *f, const char first[FILE_HASH]);

/* ---- take.c ---- */

/*
 * Gives out the lines from where the reader stands on. *how is what the reader said at last. Lines before
 * known_to are only wanted by a back-fill.
 */
int take_lines(struct fetch *f, struct log *log, struct known *k, int64_t known_to, enum reader_result *how);

/* An operand that is a pipe. */
int take_pipe(struct fetch *f, const char *operand);

/* The end of a file that nobody will end. */
void take_unfinished(struct fetch *f);
int take_checkpoint(struct fetch *f);

/* ---- gap.c ---- */

/* Every known file of the log that is nowhere any more is forgotten, with an event where its end may not have been read. */
int gap_tell(struct fetch *f, struct log *log);

/* ---- follow.c ---- */

int follow_run(struct fetch *f);

/* What was kept open is read to its end, whatever its name is now; then, after the names were looked at: */
int follow_drain(struct fetch *f, struct log *log);

/* an entry that is nowhere in its log may be another log's, and is kept until all were looked at; */
bool follow_waits(const struct fetch *f, struct log *log, struct known *k);

/* a file that has no name any more is held on to, until the log has gone on without it. */
void follow_hold(struct fetch *f, struct log *log);

/* ---- check.c: --check and --plan ---- */

int check_run(struct fetch *f);
int plan_run(struct fetch *f);

/* Bytes that a run would have to read. */
int64_t plan_bytes(struct fetch *f);

#endif
