/* SPDX-License-Identifier: ISC
 *
 * filter - which records are asked for: --status, --endpoint, --method, --min-duration.
 *
 *	struct filter f;
 *	rc = filter_init(&f, statuses, endpoints, methods, min_duration_us);   EX_USAGE has been said
 *	if (filter_wants(&f, &record)) ...
 *
 * A filter that is given leaves out the lines that do not say what it asks for.
 */
#ifndef FILTER_H
#define FILTER_H

#include "opt.h"
#include "record.h"

struct filter {
	bool any_status;
	uint8_t status[1000 / 8]; /* a bit for each status that is wanted */
	const struct opt_list *endpoints; /* globs on the path, in order; `!glob` excludes; the last that matches decides; borrowed */
	bool only_excludes;       /* no endpoint without `!`: what none matches is wanted */
	struct opt_list methods;  /* upper case, one an entry; compared without case */
	int64_t min_duration_us;  /* 0: none */
	struct buf words;         /* what methods borrows from */
};

/* statuses: "500,503,5xx,400-499", again and again; endpoints; methods "GET,POST", again and again. */
int filter_init(struct filter *f, const struct opt_list *statuses, const struct opt_list *endpoints,
		const struct opt_list *methods, int64_t min_duration_us);
void filter_release(struct filter *f);
bool filter_wants(const struct filter *f, const struct record *r);

#endif
