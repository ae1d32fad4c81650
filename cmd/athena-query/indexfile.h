/* SPDX-License-Identifier: ISC
 *
 * indexfile - the file of a full text index before it is opened: where it may stand, and what stands there.
 *
 *	char *path = indexfile_choose("data.db", cache);    the caller's; NULL where none can be kept
 *	if (indexfile_look(path) == INDEXFILE_FOREIGN) ...  leave it alone
 */
#ifndef INDEXFILE_H
#define INDEXFILE_H

enum { INDEXFILE_APPLICATION = 0x61746866 /* "athf": application_id of an index */ };

/*
 * What a file is, by its first bytes: a damaged index of ours may be replaced, anything else never. A new one is
 * also one that another process is just making.
 */
enum indexfile { INDEXFILE_NEW, INDEXFILE_OURS, INDEXFILE_FOREIGN };

/* DATABASE.fts; or in the folder `cache`, which is made, where that cannot be written. NULL for no cache. */
char *indexfile_choose(const char *database, const char *cache);

enum indexfile indexfile_look(const char *path);

/* With what SQLite lays beside it. */
void indexfile_remove(const char *path);

#endif
