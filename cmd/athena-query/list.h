/* SPDX-License-Identifier: ISC
 *
 * list - the events that are asked for, one after the other, newest first.
 */
#ifndef LIST_H
#define LIST_H

#include "db.h"
#include "query.h"

int list_run(struct db *db, const struct query *q);

/* Says that there are none: no such ones, or none at all yet. */
int list_nothing(struct db *db);

/* Only their number. */
int list_count(struct db *db, const struct query *q);

#endif
