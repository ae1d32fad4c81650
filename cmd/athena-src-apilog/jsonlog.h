/* SPDX-License-Identifier: ISC
 *
 * jsonlog - a line that is a JSON object, in one pass: checked by the whole grammar (RFC 8259), its
 * members with a meaning put into fields, the others written to extra as they come. Of a duplicate the
 * first counts. What JSON allows and I-JSON does not is repaired.
 */
#ifndef JSONLOG_H
#define JSONLOG_H

#include "fields.h"

enum { JSONLOG_DEPTH = 64 }; /* deepest nesting, the outermost object counted */

/* work_line() has been called for the n bytes of the line. False with *why, static. */
bool jsonlog_line(struct work *w, const char *line, size_t n, const char **why);

#endif
