/* SPDX-License-Identifier: ISC
 *
 * filter - which records are asked for: --status, --endpoint, --method, --min-duration.
 *
 *	struct filter f;
 *	rc = filter_init(&f, &statuses, &endpoints, &methods, min_duration_us);   0, or EX_USAGE, logged
 *	if (filter_wants(&f, &record)) ...
 *	filter_release(&f);
 *
 * All that are given must hold, and a line that does not say what is asked for is left out: --status=5xx
 * wants no line without a status.
 *
 * statuses	`500,503,5xx,400-499`, again and again: any of them
 * methods	`GET,POST`, again and again, in upper or lower case: any of them
 * endpoints	globs as glob.h has them on the path without its query: `*` and `?` stop at a slash, `**` does
 *		not, and `/api/v1` means all below it, too. `!glob` excludes. The last one that matches decides,
 *		as in .gitignore; what none matches is wanted where all are exclusions.
 */
#ifndef FILTER_H
#define FILTER_H

#include "opt.h"
#include "record.h"

struct filter {
	bool all;                     /* nothing is given: every record is wanted */
	bool any_status;              /* no status is asked for */
	uint8_t status[1000 / 8];     /* a bit for each that is wanted */
	const char *const *endpoints; /* borrowed globs in order */
	size_t n_endpoints;
	bool only_excludes;      /* each of them begins with `!` */
	struct buf methods;      /* upper case, each ended by a NUL */
	int64_t min_duration_us; /* 0: none */
};

/* The lists are borrowed for as long as the filter is used. */
int filter_init(struct filter *f, const struct opt_list *statuses, const struct opt_list *endpoints,
		const struct opt_list *methods, int64_t min_duration_us);
void filter_release(struct filter *f);
bool filter_passes(const struct filter *f, const struct record *r);

static inline bool filter_wants(const struct filter *f, const struct record *r)
{
	return f->all || filter_passes(f, r);
}

#endif
