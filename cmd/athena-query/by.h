/* SPDX-License-Identifier: ISC
 *
 * by - how many events a day, an hour, a source, an actor or a kind: bars on a terminal, else a record each.
 * Times come newest first, the others the most frequent first.
 */
#ifndef BY_H
#define BY_H

#include "buf.h"
#include "db.h"
#include "query.h"

int by_run(struct db *db, const struct query *q);

/* Adds a bar for n of most, at most `columns` wide, in eighths of a column; more than nothing always shows. */
void by_bar(struct buf *out, int64_t n, int64_t most, size_t columns);

#endif
