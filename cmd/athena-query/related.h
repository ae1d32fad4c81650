/* SPDX-License-Identifier: ISC
 *
 * related - the neighbours of an event: by commit, by the number of an issue or a pull request, by session, by file, and in
 * time. They are gathered once into the table temp.related(seq, why), of which select makes what is shown.
 */
#ifndef RELATED_H
#define RELATED_H

#include "db.h"
#include "query.h"

/* The full text index is open as q->words. EX_NOINPUT, said, where there is no such event. */
int related_gather(struct db *db, const struct query *q);

/* Why the event is there: borrowed until the next call; the statement is the caller's. */
int related_open(struct db *db, sqlite3_stmt **stmt);
const char *related_why(sqlite3_stmt *stmt, int64_t seq);

#endif
