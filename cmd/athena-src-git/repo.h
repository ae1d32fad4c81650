/* SPDX-License-Identifier: ISC
 *
 * repo - opening a repository as git users expect, and naming it.
 */
#ifndef REPO_H
#define REPO_H

#include <git2.h>
#include <stdbool.h>

/*
 * Opens the repository at or above `path`; NULL is what git itself would take: the
 * environment (GIT_DIR ...), else the one around the current folder. 0 or a
 * sysexits code that is logged: 66 none there, 69 SHA-256, 77 of another owner.
 */
int repo_open(git_repository **out, const char *path);

/* Also after a failure. */
void repo_close(git_repository *repo);

/* The source_id it has by nature: git: and its origin without secrets, else its absolute path. The caller's. */
char *repo_source_id(git_repository *repo);

/* The same for a URL: `base` is what a relative path starts from. Pure. The caller's; NULL where there is nothing left. */
char *repo_url_id(const char *url, const char *base);

/* The folder that a user would call the repository: the work tree, or the bare git directory; no slash at its end. The caller's. */
char *repo_folder(git_repository *repo);

/* As git sees it, which libgit2 does not always. */
bool repo_is_bare(git_repository *repo);

/* refs/replace is honoured: git's default, unless core.useReplaceRefs is false. */
bool repo_replaces(git_repository *repo);

/* A partial clone: some of its objects were left at the remote. */
bool repo_is_partial(git_repository *repo);

/* libgit2's last error; never NULL. */
const char *repo_why(void);

#endif
