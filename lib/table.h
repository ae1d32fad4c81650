/* SPDX-License-Identifier: ISC
 *
 * table - rows for a person: columns as wide as their widest cell, and nothing in them that a terminal
 * would take for more than text.
 *
 *	struct table t = {.columns = 3};
 *	table_cell(&t, "NAME"); table_cell(&t, "TYPE"); table_cell(&t, "SAYS");
 *	...
 *	rc = table_print(&t, width);      0 or EX_IOERR, logged
 *	table_release(&t);
 *
 * The last column is cut at the width of the terminal, where there is one.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table {
	size_t columns;
	char **cells; /* row by row */
	size_t n;
	uint64_t right; /* bit i: column i is aligned at its right */
};

/* What --format says, for a program that prints a table or lines of JSON. */
enum table_format { TABLE_AUTO, TABLE_ALWAYS, TABLE_NDJSON };

#define TABLE_FORMATS "auto|table|ndjson"
#define TABLE_FORMAT_OPTION(format)                                                                                    \
	{"format", 0, OPT_CHOICE, TABLE_FORMATS, "a table, as on a terminal, or NDJSON, as into a pipe", &(format), "auto"}

/* Is it to be a table? */
bool table_wanted(int format);

/* Adds a cell; NULL is an empty one. */
void table_cell(struct table *t, const char *text);
void table_cellf(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* To stdout; width 0: nothing is cut. */
int table_print(const struct table *t, size_t width);
void table_release(struct table *t);

/* Columns of the terminal on fd, 0 where it is none. */
size_t table_width(int fd);

/* Columns and rows of the terminal on fd; false, and both left as they are, where it is none. */
bool table_size(int fd, size_t *columns, size_t *rows);

#endif
