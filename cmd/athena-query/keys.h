/* SPDX-License-Identifier: ISC
 *
 * keys - the events of a statement one after the other, in the order of their time to the microsecond.
 *
 * The statement gives seq and timestamp, ordered by both as the index has them. As text a timestamp with a
 * fraction sorts before the same second without one, so the events of one second are put in order here: 16
 * bytes each for those of a single second is all that is kept.
 *
 *	struct keys k = {.db = &db, .stmt = stmt, .descending = true};
 *	while (!(rc = keys_next(&k, &seq, &found)) && found) ...
 *	keys_release(&k);
 */
#ifndef KEYS_H
#define KEYS_H

#include "db.h"

struct key {
	int64_t seq;
	int32_t fraction; /* microseconds within the second */
};

struct keys {
	struct db *db;
	sqlite3_stmt *stmt; /* belongs to the keys */
	bool descending;    /* the order of the statement */
	bool as_is;         /* ordered by something else: nothing is put in order */

	struct key *group; /* of one second, in order */
	size_t n, at, cap;
	char second[20]; /* of the group */
	bool ahead;      /* the statement stands on the first row of the next second */
	bool done;
};

/* *found is false at the end. */
int keys_next(struct keys *k, int64_t *seq, bool *found);
void keys_release(struct keys *k);

#endif
