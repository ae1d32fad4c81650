/* SPDX-License-Identifier: ISC
 *
 * pipeline - one source into the store: `athena-src-TYPE ... | athena-store DB`, started, listened to
 * and ended.
 *
 *	rc = pipeline_plan(&p, &settings, source, &plugin, &style);   the command lines
 *	pipeline_start(&p);
 *	while (p.state == PIPELINE_RUNNING) {
 *		...                                   ppoll() on p.parts[].err
 *		pipeline_listen(&p, say);
 *		pipeline_reap(&p, say);
 *	}
 *	pipeline_release(&p);                     p.code tells
 *
 * Files: plan.c has the command lines, pipeline.c their life.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "settings.h"

enum pipeline_state {
	PIPELINE_READY, /* to be started when there is room */
	PIPELINE_RUNNING,
	PIPELINE_ENDED,   /* an attempt is over: code */
	PIPELINE_WAITING, /* for its next attempt */
	PIPELINE_DONE,
};

enum pipeline_part { PART_SOURCE, PART_STORE, PART_TOKEN, PARTS };

/* One of the programs. */
struct part {
	pid_t pid;         /* 0: not running */
	int code;          /* after its end */
	int err;           /* what it says on stderr; -1 */
	struct buf line;   /* of that, what is not yet a line */
	char progress[96]; /* its last line of progress */
};

struct pipeline_style {
	bool live;  /* children tell their progress */
	bool quiet; /* they say no more than errors and warnings */
};

struct pipeline {
	const struct settings_source *source;
	struct words source_argv, store_argv;
	char *lock_path, *source_metrics, *store_metrics, *result;
	bool has_metrics; /* the source writes them */
	int lock_fd;      /* held from the first attempt to the last; -1 */

	enum pipeline_state state;
	struct part parts[PARTS];
	int64_t attempt_at; /* when the attempt began, microseconds since 1970, */
	int64_t started_at; /* and when the first did */
	int code;           /* of the last attempt */

	/* over all attempts */
	unsigned attempts;
	int64_t inserted, updated, known, rejected, requests;
	int64_t retry_at; /* when the source says that a retry makes sense, microseconds since 1970; 0: not
			     known */

	/* the caller's: monotonic microseconds */
	int64_t began, ended, next;
};

/* Who prints a line that a child said: without its newline. */
typedef void (*pipeline_say)(const struct pipeline *p, const char *line);

int pipeline_plan(struct pipeline *p, const struct settings *s, const struct settings_source *source,
		  const struct plugin *plugin, const struct pipeline_style *style);

/* As a person could type it. */
void pipeline_show(const struct pipeline *p, struct buf *out);

/* Begins an attempt. Where that fails the state is PIPELINE_ENDED, with the code. */
void pipeline_start(struct pipeline *p);

/* Reads what its programs say, as far as it is there. */
void pipeline_listen(struct pipeline *p, pipeline_say say);

/* Looks whether its programs have ended; when all have, the state is PIPELINE_ENDED. */
void pipeline_reap(struct pipeline *p, pipeline_say say);

/* Sends the signal to the source alone, or to all of it. */
void pipeline_signal(const struct pipeline *p, int number, bool all);

/* There is no attempt to come: another sync may run the source. */
void pipeline_unlock(struct pipeline *p);
void pipeline_release(struct pipeline *p);

#endif
