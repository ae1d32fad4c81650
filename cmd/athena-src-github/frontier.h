/* SPDX-License-Identifier: ISC
 *
 * frontier - where a list of commits can end. No I/O.
 *
 *	frontier_begin(&fr, to);          the list has all that `to` reaches, in any order
 *	frontier_know(&fr, head);         what this reaches was given out
 *	... if (!frontier_pass(&fr, commit)) give it out ...     each commit, as it comes
 *	if (frontier_is_crossed(&fr))     nothing new is to come
 *	frontier_release(&fr);
 *
 * It holds the parents of what came which did not come yet: through them goes all that is still to come, whatever the
 * dates are. Where each of them is known, so is all the rest.
 */
#ifndef FRONTIER_H
#define FRONTIER_H

#include <jansson.h>
#include <stdbool.h>

struct frontier {
	json_t *open; /* object: by the name of a commit that did not come yet, is it known? NULL: nothing is told */
	bool torn;    /* a commit came without its parents */
};

void frontier_begin(struct frontier *fr, const char *to);
void frontier_know(struct frontier *fr, const char *oid); /* NULL: nothing */
/* Is this commit known? As the API shows it. */
bool frontier_pass(struct frontier *fr, json_t *commit);
bool frontier_is_crossed(const struct frontier *fr);
void frontier_release(struct frontier *fr);

#endif
