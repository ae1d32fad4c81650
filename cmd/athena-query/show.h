/* SPDX-License-Identifier: ISC
 *
 * show - events as a table for a person: columns that fit the terminal, the time as a distance from now, and
 * nothing in it that a terminal would take for more than text.
 *
 *	struct show s = {.width = 80, .color = true, .now = stamp_now()};
 *	show_row(&s, &row);              kept until there are enough to see how wide the columns are
 *	show_ready(&s, &out);            adds what is ready
 *	show_rest(&s, &out);             adds all of it
 *	show_release(&s);
 */
#ifndef SHOW_H
#define SHOW_H

#include "row.h"

enum { SHOW_COLUMNS = 6, SHOW_BATCH = 200 };

struct show {
	size_t width; /* of the terminal; 0: as wide as it gets */
	bool color;
	bool related; /* with a column that says why */
	int64_t now;  /* what times are a distance from */

	/* private */
	char **cells; /* of the rows that wait, SHOW_COLUMNS each */
	unsigned char *outcomes;
	size_t rows;
	size_t widths[SHOW_COLUMNS]; /* once they are chosen */
	bool laid_out;
};

enum { SHOW_MARK_ON = 2, SHOW_MARK_OFF = 3 }; /* bytes around what matched, in row->shown */

void show_row(struct show *s, const struct row *row);
void show_ready(struct show *s, struct buf *out);
void show_rest(struct show *s, struct buf *out);
void show_release(struct show *s);

/* "just now", "5m ago", "3h ago", "2d ago", "5w ago", "7mo ago", "2y ago", "in 3h". */
void show_ago(struct buf *out, int64_t when, int64_t now);

/*
 * Columns of these natural widths, two spaces apart, in a terminal of `width`: the last one takes what is
 * left, the others give way, the widest first, so that it gets at least half; 0 for one that is not shown at
 * all.
 */
void show_fit(const size_t *natural, size_t n, size_t width, size_t *out);

#endif
