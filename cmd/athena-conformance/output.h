/* SPDX-License-Identifier: ISC
 *
 * output - what a source wrote, line by line: its events and its checkpoints, judged by the same code as
 * in athena-store.
 *
 *	struct output o = {0};
 *	if (!output_read(&o, p, n, &why)) ...      the first line that is not what it must be, in words
 *	... o.events[i].id, o.checkpoints[k].line.next ...
 *	output_release(&o);
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkpoint.h"

struct output_event {
	char *id, *source_id, *source_type;
	char *session;    /* session_id; NULL: none */
	int64_t time;     /* microseconds since 1970 */
	int64_t revision; /* 0 where there is none */
	int64_t project;  /* project_id; EVENT_NONE: none */
};

struct output_checkpoint {
	struct checkpoint line;
	size_t above; /* events above it in this output */
};

struct output {
	struct output_event *events;
	size_t n_events;
	struct output_event **sorted; /* the same by id and revision */
	struct output_checkpoint *checkpoints;
	size_t n_checkpoints;
	size_t n_lines;
	char *wrong; /* what is wrong with the last of them; NULL: nothing */
};

/* False with a heap string in *why, and the output read so far. */
bool output_read(struct output *o, const char *p, size_t n, char **why);
void output_release(struct output *o);

/* The event of this id and revision, NULL where there is none. */
const struct output_event *output_find(const struct output *o, const char *id, int64_t revision);

/* One that is there twice, NULL where none is. */
const struct output_event *output_twice(const struct output *o);

#endif
