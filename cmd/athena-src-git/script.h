/* SPDX-License-Identifier: ISC
 *
 * script - the length of an edit script between two sequences of numbers: Myers' (1986), or
 * the one that git settles for where the shortest would take long to find.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/* Reused memory; a zeroed one is valid, free(memory) ends it. */
struct script {
	int32_t *memory;
	size_t room; /* numbers in it */
};

enum {
	/* Up to this length git's script is the shortest. */
	SCRIPT_SURE = 512,
};

/* The shortest script's length; above the limit any larger number. */
size_t script_shortest(struct script *memory, const uint32_t *a, size_t a_len, const uint32_t *b,
		       size_t b_len, size_t limit);

/* That of git's script, whatever it costs: time is bounded by the lengths times their square root. */
size_t script_length(struct script *memory, const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len);

#endif
