/* SPDX-License-Identifier: ISC
 *
 * list - the events that are asked for, one after the other, newest first.
 */
#ifndef LIST_H
#define LIST_H

#include "db.h"
#include "query.h"

int list_run(struct db *db, const struct query *q);

/* Only their number. */
int list_count(struct db *db, const struct query *q);

#endif
