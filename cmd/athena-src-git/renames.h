/* SPDX-License-Identifier: ISC
 *
 * renames - a deleted file and an added one that are the same, or half of it: git's -M50%.
 *
 * As git does: files with equal content first, those of the same name before others; then, of the
 * rest, files whose name occurs once on either side and that agree by 75 %; then the best pairs of all.
 */
#ifndef RENAMES_H
#define RENAMES_H

#include "diff.h"
#include "objects.h"

enum { RENAMES_LIMIT = 1000 }; /* diff.renameLimit, where it is not set */

/*
 * Turns an A and its D in job->changes into an R, in the A's place. `limit` squared is how many pairs of
 * files are compared at most; 0 is no limit. What is not in the repository is like nothing else.
 */
enum objects_status renames_find(struct diff_job *job, struct objects *blobs, int64_t limit);

#endif
