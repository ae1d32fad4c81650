/* SPDX-License-Identifier: ISC
 *
 * report - the verdicts as they come: for a person, as TAP, or as NDJSON.
 *
 *	struct report r = {.format = REPORT_TAP};
 *	report_begin(&r, &trial);
 *	report_verdict(&r, &check, &trial);     once a check
 *	rc = report_end(&r, &trial);            0, EX_DATAERR where a check failed, EX_IOERR; said
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>

#include "buf.h"
#include "checks.h"

enum report_format { REPORT_AUTO, REPORT_TABLE, REPORT_TAP, REPORT_NDJSON };

struct report {
	enum report_format format; /* not REPORT_AUTO */
	size_t n, passed, failed, skipped;
	struct buf out;  /* not yet written */
	int write_error; /* errno of stdout, 0: none */
	struct buf blocked; /* names of those that could not be asked after `events` failed, or after a run without end; the table has one line of them */
};

void report_begin(struct report *r, const struct trial *t);
void report_verdict(struct report *r, const struct check *c, const struct trial *t);
int report_end(struct report *r, const struct trial *t);

#endif
