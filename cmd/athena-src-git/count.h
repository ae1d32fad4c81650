/* SPDX-License-Identifier: ISC
 *
 * count - how many lines a diff of two texts adds and deletes, equal to what git counts.
 *
 *	struct counter c = {0};
 *	count_lines(&c, old, old_len, new, new_len, &added, &deleted);
 *	counter_release(&c);
 *
 * Only the length of the edit script is needed, not the script. git's is the shortest but for two rules:
 * - A line that is frequent in the other file is left out, and so counts as changed, when it
 *   stands among lines that the other file lacks.
 * - Beyond 512 changed lines git stops looking for the shortest: see script.h.
 * Both are reproduced, so that every count is equal.
 */
#ifndef COUNT_H
#define COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "script.h"

/* Reused memory; a zeroed one is valid. It grows with the texts, and is given back after large ones. */
struct counter {
	struct count_line *lines; /* the distinct lines in the changed middles */
	uint32_t *buckets;        /* heads of chains of lines, a power of two of them */
	uint32_t *middle;         /* the middles as numbers of distinct lines, first the old one */
	uint32_t *kept;           /* those of them that take part in the script */
	uint32_t *sums;           /* how many lines of a middle before each are not in the other file, */
	uint32_t *frequent;       /* and how many are frequent there */
	size_t room;              /* lines that the arrays have room for */
	size_t n_buckets;
	uint32_t n_lines;
	struct script script;
};

/* Either text has at most 1 GB. */
void count_lines(struct counter *c, const char *a, size_t a_len, const char *b, size_t b_len, int64_t *added,
		 int64_t *deleted);
void counter_release(struct counter *c);

#endif
