/* SPDX-License-Identifier: ISC
 *
 * write - an event as a line of JSON, and as a line of CSV. Pure: from a row into a buf.
 */
#ifndef WRITE_H
#define WRITE_H

#include "row.h"

/* The event that went in: the same members, values that are no string byte for byte. No newline. */
void write_json(struct buf *out, const struct row *row);

/* The names of the columns, and one event; each ends in CR LF, as RFC 4180 has it. */
void write_csv_header(struct buf *out);
void write_csv(struct buf *out, const struct row *row);

/* One field: quoted where it has to be, with quotes doubled. Absent (NULL) is nothing, empty text is "". */
void write_csv_field(struct buf *out, const char *s, size_t n);

#endif
