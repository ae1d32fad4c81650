/* SPDX-License-Identifier: ISC
 *
 * follow - events in the order of their arrival, and then those that arrive.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "db.h"
#include "query.h"

/* Ends only by a failure, a signal, or when the reader is gone. */
int follow_run(struct db *db, const struct query *q);

#endif
