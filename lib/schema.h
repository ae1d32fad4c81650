/* SPDX-License-Identifier: ISC
 *
 * schema - the tables, and how they came to be: a list of steps, one a version. A new database
 * takes all of them, an older one those that it lacks, so both end the same.
 *
 *	rc = db_open(&db, DB_WRITE);
 *	if (!rc)
 *		rc = schema_write(&db);           or, with DB_READ, schema_read(&db)
 *
 * Functions return 0, or a sysexits code that is logged.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "db.h"

enum {
	SCHEMA_APPLICATION = 0x61746865, /* "athe": application_id of our databases */
	SCHEMA_VERSION = 3,              /* user_version that this program writes */
	SCHEMA_PAGE = 8192,              /* bytes a page of a new database */
};

/* Creates, migrates or refuses (78: newer, or not ours), and sets the connection up for writing. */
int schema_write(struct db *db);

/* Checks that it is ours, of any version that this program knows. */
int schema_read(struct db *db);

/* The same, and which version it is. */
int schema_version(struct db *db, int64_t *version);

#endif
