/* SPDX-License-Identifier: ISC
 *
 * oldest - the N oldest events of a run, for --limit without --cursor: lists come newest first or by their
 * last change, so that all have to be read before it is known which events are the oldest. Holds N lines.
 *
 *	rc = oldest_emit(&o, src, &event);        for every event: kept where only the oldest count, else written
 *	rc = oldest_write(&o, src);               oldest first
 *	oldest_release(&o);
 */
#ifndef OLDEST_H
#define OLDEST_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "source.h"

struct oldest_line {
	int64_t timestamp; /* microseconds */
	uint64_t number;   /* in the order of coming, among those of one time */
	struct buf line;
};

struct oldest {
	struct oldest_line *heap; /* the newest at its top */
	size_t n, cap;
	uint64_t count;
};

/*
 * source_emit(), but that under --limit without --cursor the event is
 * kept until it is known which are the oldest.
 */
int oldest_emit(struct oldest *o, struct source *src, const struct event *e);
int oldest_write(struct oldest *o, struct source *src);
void oldest_release(struct oldest *o);

#endif
