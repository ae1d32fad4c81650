/* SPDX-License-Identifier: ISC
 *
 * refs - which refs a run looks at, and where they stand.
 *
 *	struct refs refs = {0};
 *	rc = refs_load(&refs, repo, reader, &choice);
 *	... refs.items[0 .. refs.n): HEAD's branch first, then as asked for ...
 *	refs_release(&refs);
 */
#ifndef REFS_H
#define REFS_H

#include <git2.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "commit.h"
#include "opt.h"

struct ref_choice {
	const struct opt_list *branches; /* names as given; none: HEAD; borrowed */
	bool all;
};

struct ref {
	char *name;     /* refs/heads/main, raw bytes */
	char *key;      /* the same percent-encoded: for cursor and ids */
	git_oid oid;    /* what it points at, a tag object perhaps */
	git_oid commit; /* what it peels to, see ref_commit() */
	bool peeled;    /* that was looked up, */
	enum commit_result what; /* with this result */
};

struct refs {
	struct ref *items;
	size_t n, cap;
	struct ref **by_key;     /* the same, sorted by key */
	struct opt_list missing; /* names of the choice that are no ref now; borrowed */
	json_t *broken;          /* object: keys of refs left out because they, or their objects, cannot be read */
	char *head;              /* key of the branch that HEAD names, born or not; "HEAD" when it is detached */
};

/*
 * 0 or a sysexits code: 65 where HEAD, or a ref that was asked for by name, leads to nothing that can be read. A
 * name that is no ref is no error here: it stands in `missing`.
 */
int refs_load(struct refs *refs, git_repository *repo, struct commit_reader *reader, const struct ref_choice *choice);
void refs_release(struct refs *refs);

/* Says so, and notes that nothing is known of this ref; what the cursor has of it stays. */
void refs_leave_out(struct refs *refs, const char *name, const char *why);

/* The commit of a ref, NULL where it is of something else (a tag of a blob). */
const git_oid *ref_commit(struct ref *ref, struct commit_reader *reader);

/* By its key; NULL: not among them. */
struct ref *refs_find(const struct refs *refs, const char *key);

/* What people call it: main, origin/main, tags/v1, HEAD. Borrowed from name. */
const char *ref_short(const char *name);

/* Is the ref of that key one that `name`, as given with --branch, can mean? */
bool ref_is_meant(const char *name, const char *key, const char *head);

#endif
