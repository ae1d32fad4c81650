/* SPDX-License-Identifier: ISC
 *
 * fulltext - an index of the words in the content of events, and of what links them (session, files, commits), in a
 * file of its own, so that storing stays fast and asking needs no right to write the events. It is made when it is first
 * asked for, and brought up to date whenever.
 *
 * The file is DATABASE.fts; where that cannot be written one in the cache folder, named by the database's path; and where
 * that cannot be either, a temporary one that lasts as long as this process. It holds nothing that is not in the
 * database: whoever deletes it loses the time to make it again.
 *
 *	struct fulltext f = {.cache = "/home/ann/.cache/athena"};
 *	rc = fulltext_open(&f, &db);           the table f.table is there, up to date with what db's transaction sees
 *	... SELECT ... FROM <f.table> w JOIN event_rows e ON e.seq = w.rowid WHERE w.words MATCH ? ...
 *	fulltext_close(&f);                    after db_close()
 */
#ifndef FULLTEXT_H
#define FULLTEXT_H

#include "db.h"

struct fulltext {
	const char *cache; /* the folder to use where the database's cannot be written, made if need be; NULL: none */
	const char *table; /* by which it is reached in db: a constant string */

	struct db index; /* private: the connection that writes the index; index.sql is NULL where it is temporary */
	char *path;      /* of that file */
};

/* db is within a transaction that reads. 0, or a code that has been said. */
int fulltext_open(struct fulltext *f, struct db *db);
void fulltext_close(struct fulltext *f);

#endif
