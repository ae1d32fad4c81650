/* SPDX-License-Identifier: ISC
 *
 * diff - what a commit changed: tree against tree, and how many lines.
 *
 * Built for a whole history: jobs come in windows of commits,
 * trees are walked as raw bytes, the file pairs of a window are sorted by path and
 * shared out to threads by whole paths, and the answers stand in job order.
 *
 *	struct differ *d;
 *	rc = differ_new(&d, repo, &folder, &options);
 *	jobs[i] = (struct diff_job){.old_tree = ..., .new_tree = ...};
 *	rc = differ_run(d, jobs, n);
 *	... jobs[i].changes[0..n_changes) ...
 *	diff_jobs_release(jobs, n);
 *	differ_free(d);
 *
 * Line counts equal `git log --numstat --no-renames` (Myers with xdiff's outcome), binary
 * files and attributes included.
 */
#ifndef DIFF_H
#define DIFF_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "glob.h"
#include "object.h"

enum diff_stat { DIFF_STAT_NONE, DIFF_STAT_FILES, DIFF_STAT_LINES };

struct diff_options {
	enum diff_stat stat;          /* NONE: with paths, only finds out whether anything matches */
	bool renames;                 /* --find-renames: pairs an A and a D into an R, as git -M50% does */
	const struct glob_set *paths; /* only changes that match; NULL: all; borrowed */
	int threads;                  /* workers; 0: as many as there are processors, at most 8 */
	size_t most;                  /* changes of a job; 0: TREE_CHANGES_MAX */
};

struct change {
	char status;                 /* A M D T (type changed) R (renamed) */
	char *path;                  /* raw bytes as in the tree, NUL-ended (git allows no NUL in a path) */
	char *old_path;              /* of an R, else NULL */
	uint32_t old_mode, new_mode; /* as git shows them, 0 where there is none */
	git_oid old_oid, new_oid;    /* zero where there is none */
	int64_t added, deleted;      /* lines; -1: binary, content not here, or not DIFF_STAT_LINES */
	bool binary;
	int similarity; /* of an R, in percent */
	bool missing;   /* a blob is not in this repository (partial clone) */
};

struct diff_job {
	git_oid old_tree, new_tree; /* zero: the empty tree */
	bool skip;                  /* not diffed: a merge without --diff-merges */
	/* answers */
	struct change *changes; /* sorted by path as git sorts */
	size_t n_changes;
	bool missing_tree; /* a tree is not in this repository (treeless partial clone) */
	bool too_many;     /* more differs than is looked at: there are no changes here */
};

struct differ;

/* The folder is borrowed. */
int differ_new(struct differ **out, git_repository *repo, const struct object_folder *folder,
	       const struct diff_options *options);
int differ_run(struct differ *d, struct diff_job *jobs, size_t n);
void diff_jobs_release(struct diff_job *jobs, size_t n);
void differ_free(struct differ *d);

/*
 * Adds the unified diff of one change, as `git diff --full-index` prints it: of a type change two, of a file
 * that is not here only its head. It is cut after a whole line where out ends (out->over).
 */
int differ_patch(struct differ *d, const struct change *c, struct buf *out);

/* File pairs whose content was not here so far: for one honest sentence at the end. */
uint64_t differ_missing(const struct differ *d);

#endif
