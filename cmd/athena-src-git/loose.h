/* SPDX-License-Identifier: ISC
 *
 * loose - is a loose object cut short? libgit2 1.5 reads one that is for ever, so it is looked at before.
 *
 *	struct loose l = {0};
 *	loose_init(&l, "/x/.git/objects");
 *	if (loose_is_broken(&l, oid)) ...
 *	loose_release(&l);
 *
 * Costs nothing where everything is packed. Objects of alternates are not looked at.
 */
#ifndef LOOSE_H
#define LOOSE_H

#include <git2.h>
#include <stdbool.h>

struct loose {
	char *dir;     /* objects, with its slash; NULL: nothing is ever broken */
	bool any[256]; /* is there a folder for oids that start with this byte? as of loose_init() */
};

void loose_init(struct loose *l, const char *dir);
bool loose_is_broken(const struct loose *l, const git_oid *oid);
void loose_release(struct loose *l);

#endif
