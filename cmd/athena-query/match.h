/* SPDX-License-Identifier: ISC
 *
 * match - what a person types after --match, as FTS5 wants it. Plain words mean what they say, whatever is in them:
 *
 *	fix parse_line()        both words
 *	"fix the parser"        these words in this order
 *	pars*                   what begins so
 *
 * Pure; there is no text that it refuses.
 */
#ifndef MATCH_H
#define MATCH_H

#include "buf.h"

/* Adds the expression. False where the text has nothing in it that could be looked for. */
bool match_expression(struct buf *out, const char *text);

#endif
