/* SPDX-License-Identifier: ISC
 *
 * gitconf - a file in git-config syntax as a list of its values, in order, includes followed, each with
 * the file that it stands in. The parser is libgit2's.
 *
 *	struct gitconf c = {0};
 *	rc = gitconf_read(&c, path);      0, EX_NOINPUT where there is no file (not logged), or a code that is logged
 *	... c.items[i].section, c.items[i].name, c.items[i].key, c.items[i].value ...     "source", "work", "repo", "~/src"
 *	gitconf_release(&c);
 */
#ifndef GITCONF_H
#define GITCONF_H

#include <stddef.h>

struct gitconf_item {
	char *section; /* lower case */
	char *name;    /* of the subsection, as written; NULL: none */
	char *key;     /* lower case */
	char *value;   /* NULL: the key stands alone */
	char *file;
};

struct gitconf {
	struct gitconf_item *items;
	size_t n;
};

int gitconf_read(struct gitconf *c, const char *path);
void gitconf_release(struct gitconf *c);

#endif
