/* SPDX-License-Identifier: ISC
 *
 * print - events onto stdout in the format that is asked for, block by block, whatever their number.
 *
 *	struct print p;
 *	print_begin(&p, &query);
 *	rc = print_row(&p, &row);
 *	rc = print_flush(&p);            what waits goes out now
 *	rc = print_end(&p);              closes what is open, flushes
 *	print_release(&p);
 *
 * Codes are sysexits and have been said. A reader that is gone is no failure: SIGPIPE ends the process.
 */
#ifndef PRINT_H
#define PRINT_H

#include "jsonscan.h"
#include "query.h"
#include "show.h"

struct print {
	int format; /* enum query_format */
	int64_t rows;
	struct show show;
	struct buf out;
	struct jsonscan scan; /* of what is about to be written as JSON */
	int64_t damaged;      /* events that were left out */
};

/* Whole records, or lines of a table that may stand on a terminal, go out. 0 or EX_IOERR, which has been said. */
int print_out(int format, const struct buf *out);

void print_begin(struct print *p, const struct query *q);
int print_row(struct print *p, const struct row *row);
int print_flush(struct print *p);
int print_end(struct print *p);
void print_release(struct print *p);

#endif
