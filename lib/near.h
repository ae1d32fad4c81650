/* SPDX-License-Identifier: ISC
 *
 * near - the word that was probably meant in place of one that means nothing.
 *
 *	struct near n = near_to("stroe");
 *	near_look(&n, "store");              each that there is
 *	near_look(&n, "commit");
 *	if (n.best) ...                      "did you mean '%s'?"
 */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>

struct near {
	const char *word;
	const char *best; /* the nearest so far, one that was looked at; NULL: none is near enough */
	size_t least;     /* one that is to be better has to be nearer than that */
};

struct near near_to(const char *word); /* borrowed, as the candidates are */
void near_look(struct near *n, const char *candidate);

#endif
