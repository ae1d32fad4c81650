/* SPDX-License-Identifier: ISC
 *
 * configured - what the configuration says, where no database was named: athena-config(1) is asked, so that this program
 * need not read configurations itself. Of each source it is known too under which id it is in the database, and how its
 * last sync went, from the files that athena-sync(1) keeps.
 *
 *	struct configured c = {0};
 *	rc = configured_load(&c);
 *	configured_ids(&c, &query.sources);
 *	...
 *	configured_release(&c);
 */
#ifndef CONFIGURED_H
#define CONFIGURED_H

#include <stdbool.h>
#include <stddef.h>

#include "opt.h"

struct configured_source {
	char *name;      /* in the configuration */
	char *id;        /* the source_id of its cursor; NULL: there is none yet */
	char *cursor;    /* the file */
	bool enabled;    /* runs without being named */
	bool ended_well; /* a sync of it did, once */
	bool synced;     /* a sync has told how it ended, */
	int code;        /* and the last of them so */
};

struct configured {
	char *database;
	struct configured_source *sources;
	size_t n;
};

/* 0 or a sysexits code that has been said. */
int configured_load(struct configured *c);

/* A name that the configuration gives to a source becomes the id that it has in the database. */
void configured_ids(const struct configured *c, struct opt_list *sources);

/* The name in the configuration that was probably meant; NULL where none is near, or c is NULL. */
const char *configured_near(const struct configured *c, const char *word);

/* The source of that id, an enabled one before others; NULL: none. */
const struct configured_source *configured_find(const struct configured *c, const char *id);

/* It is to run, and never has anything come from it. */
bool configured_never(const struct configured_source *source);

/* It is to run, and its last sync ended as no later one will mend by itself: neither "come back later" nor killed. */
bool configured_failed(const struct configured_source *source);

void configured_release(struct configured *c);

#endif
