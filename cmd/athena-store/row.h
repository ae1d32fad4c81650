/* SPDX-License-Identifier: ISC
 *
 * row - an event as the table of events has it, made from a line that was scanned and checked. Values are slices of the
 * line: only strings with escapes, and members that have no column, are copied.
 */
#ifndef ROW_H
#define ROW_H

#include "event.h"

enum {
	ROW_EXTRA = EVENT_COLUMNS, /* the last column: members that have none of their own */
	ROW_COLUMNS,
	ROW_ROOM = 2,              /* bytes that a row may take beside as many as its line has */
};

enum row_type { ROW_ABSENT, ROW_TEXT, ROW_INTEGER };

struct row_value {
	union {
		const char *text; /* n bytes, not ended by anything */
		int64_t integer;
	}; /* neither where it is absent */
	uint32_t n;
	uint8_t type; /* enum row_type */
};

struct row {
	struct row_value values[ROW_COLUMNS]; /* in the order of enum event_column, and extra */
	int64_t revision;                     /* 0 where the event has none */
};

/* `room` has as many bytes as the line, and ROW_ROOM. Returns what is left of it. Line and room stay as long as the row. */
char *row_take(struct row *row, const struct jsonscan *scan, const struct event_fields *fields, char *room);

/* The source alone, of an event that cannot be used; absent where the line does not say it. */
char *row_take_source(struct row *row, const struct event_fields *fields, char *room);

#endif
