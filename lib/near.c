/* SPDX-License-Identifier: ISC */
#include "near.h"

#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 64 };

/* How many letters are to be changed, added, left out or swapped with the next to make one word the other. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (n > WORD_MAX || m > WORD_MAX)
		return SIZE_MAX; /* nobody means that */
	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *free_row = before;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = free_row;
	}
	return last[m];
}

struct near near_to(const char *word)
{
	return (struct near){.word = word, .least = strlen(word) / 3 + 2};
}

void near_look(struct near *n, const char *candidate)
{
	size_t d = distance(n->word, candidate);

	if (d < n->least) {
		n->least = d;
		n->best = candidate;
	}
}
