/* SPDX-License-Identifier: ISC
 *
 * loose - loose objects, where libgit2 fails: 1.5 reads one that is cut short for ever, so it is looked at before;
 * and where a pack has an object damaged it does not read the loose one, as git does.
 *
 *	struct loose l = {0};
 *	loose_init(&l, &folders);                          which are to live as long
 *	if (loose_is_broken(&l, oid)) ...
 *	object = loose_read(&l, oid);
 *
 * Costs nothing where everything is packed.
 */
#ifndef LOOSE_H
#define LOOSE_H

#include <git2.h>
#include <stdbool.h>

#include "folders.h"

struct object;

struct loose {
	const struct folders *folders; /* NULL: nothing is ever broken */
	bool any[256]; /* is there a folder for oids that start with this byte? as of loose_init() */
};

void loose_init(struct loose *l, const struct folders *folders);
/* Is one of them cut short or damaged? */
bool loose_is_broken(const struct loose *l, const git_oid *oid);
/* Is one of them a pipe or a device, for which libgit2 would wait? */
bool loose_is_no_file(const struct loose *l, const git_oid *oid);
/* The first that is whole; NULL: there is none. */
struct object *loose_read(const struct loose *l, const git_oid *oid);

#endif
