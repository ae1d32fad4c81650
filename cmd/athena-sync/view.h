/* SPDX-License-Identifier: ISC
 *
 * view - what a person sees: one line a source while they run, on the terminal on stderr; and a summary in
 * the end, a table or NDJSON on stdout.
 */
#ifndef VIEW_H
#define VIEW_H

#include "pipeline.h"

/* Draws the lines anew in the place of the last ones; `now` is monotonic microseconds. */
void view_draw(const struct pipeline *all, size_t n, int64_t now);

/* Removes them; before anything else is written. Nothing to remove is no error. */
void view_clear(void);

/* 0, or EX_IOERR, logged. */
int view_summary(const struct pipeline *all, size_t n, const struct settings *s, bool table);

#endif
