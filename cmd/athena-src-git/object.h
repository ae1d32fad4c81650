/* SPDX-License-Identifier: ISC
 *
 * object - an object of a repository, read into memory.
 *
 *	rc = object_folder_open(&folder, repo);            one a run
 *	object_db_open(&db, odb, &folder);                 one a thread
 *	if (object_read(&db, oid, OBJECT_ANY, &object) == OBJECT_OK) ... object_free(object);
 *	object_db_close(&db);
 *	object_folder_close(&folder);
 *
 * What lies in a pack is read by packs.h; libgit2 reads all else, and has the last word on what is damaged.
 * An object and its references belong to one thread.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loose.h"
#include "packs.h"

#define OBJECT_ANY UINT64_MAX

struct object {
	git_oid oid;
	git_object_t type;
	unsigned references;
	size_t size;
	const char *data;     /* size bytes, and a zero behind them */
	git_odb_object *from; /* of libgit2, which holds the data; NULL: it lies in own */
	char own[];
};

/* Where the objects of a repository lie. */
struct object_folder {
	char *path; /* with its slash */
	struct folders all; /* that, and the alternates */
	bool elsewhere; /* the environment names others, which only the handle of the repository knows: there are no packs here */
	struct loose loose;
	struct packs *packs;
};

/* Of one thread. */
struct object_db {
	git_odb *odb;                       /* borrowed */
	const struct object_folder *folder; /* borrowed */
	struct pack_reader *packs;
};

enum object_result {
	OBJECT_OK,
	OBJECT_MISSING,
	OBJECT_LARGE,  /* of more bytes than were allowed: it was not read */
	OBJECT_CUT,    /* a loose object that is cut short or damaged */
	OBJECT_BROKEN, /* libgit2's last error says why */
};

/* 0, or an exit code that is logged. */
int object_folder_open(struct object_folder *f, git_repository *repo);
void object_folder_close(struct object_folder *f);

void object_db_open(struct object_db *db, git_odb *odb, const struct object_folder *folder);
void object_db_close(struct object_db *db);

/* *out is set for OBJECT_OK alone, and the caller's. */
enum object_result object_read(struct object_db *db, const git_oid *oid, uint64_t most, struct object **out);
/* Only what it is, as its head says. */
enum object_result object_type(struct object_db *db, const git_oid *oid, git_object_t *type);

/* For those who read: room for an object of that size, referred to once; NULL where there is no memory. */
struct object *object_new(git_object_t type, size_t size);
/* What libgit2 has read becomes the object's. */
struct object *object_of(git_odb_object *from, const git_oid *oid);
struct object *object_ref(struct object *o);
void object_free(struct object *o); /* one reference; NULL is none */

#endif
