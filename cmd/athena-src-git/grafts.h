/* SPDX-License-Identifier: ISC
 *
 * grafts - what makes a history another one than its objects say: .git/shallow, info/grafts and refs/replace.
 *
 *	struct grafts g = {0};
 *	rc = grafts_read(&g, repo, true);
 *	read(grafts_replaced(&g, &oid));          the object that stands for this one
 *	grafts_parents(&g, &oid, &parents);       the parents as git shows them
 *	grafts_release(&g);
 */
#ifndef GRAFTS_H
#define GRAFTS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "oids.h"
#include "sha256.h"

struct graft;
struct replacement;

struct grafts {
	struct oid_list shallow;  /* commits whose parents are not here; sorted */
	char hash[SHA256_HEX];    /* of grafts and replacements; "" where there are none */
	/* private */
	struct graft *items;      /* sorted by oid */
	size_t n;
	struct replacement *replacements; /* sorted by what they replace */
	size_t n_replacements;
};

/* `replace`: refs/replace is honoured. 0, or a sysexits code that is logged. */
int grafts_read(struct grafts *g, git_repository *repo, bool replace);
void grafts_release(struct grafts *g);

/* The object that stands for this one; mostly itself. */
const git_oid *grafts_replaced(const struct grafts *g, const git_oid *oid);

/* Shallow and grafts go by the name of the commit, not of what replaces it, as in git. */
void grafts_parents(const struct grafts *g, const git_oid *oid, struct oid_list *parents);

#endif
