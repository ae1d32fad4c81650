/* SPDX-License-Identifier: ISC
 *
 * patch - one change as a unified diff, from "diff --git" on, with whole object ids: the
 * text of an old commit does not depend on how many objects there are by now.
 */
#ifndef PATCH_H
#define PATCH_H

#include "pair.h"

/* Where out ends the diff ends with a whole line, and out->over is set. Returns 0 or EX_SOFTWARE. */
int patch_write(const struct change *c, const struct pair_side *old, const struct pair_side *new, bool binary,
		struct buf *out);

/*
 * The line above all of it, and what a rename or a change of mode
 * adds; all there is of a file that is not here.
 */
void patch_header(const struct change *c, struct buf *out);

#endif
