/* SPDX-License-Identifier: ISC
 *
 * query - what is asked: the options of athena-query, filled by main.c and read by all others.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "opt.h"

#define QUERY_ANY_TIME INT64_MIN

enum query_format { FORMAT_AUTO, FORMAT_TABLE, FORMAT_NDJSON, FORMAT_CSV, FORMAT_JSON };
enum query_by { BY_DAY, BY_HOUR, BY_SOURCE, BY_ACTOR, BY_KIND, BY_NOTHING };
enum query_sort { SORT_AUTO, SORT_TIME, SORT_RANK };

struct query {
	/* which events; lists are any-of, and an empty one lets everything pass */
	int64_t since, until; /* microseconds since 1970, [since, until); QUERY_ANY_TIME: not given */
	struct opt_list projects, sessions, sources, kinds, types, actors, outcomes, paths;
	int64_t *source_numbers; /* what --source means in this database, from select_resolve(); NULL: not looked up */
	size_t n_source_numbers;
	const struct configured *configured; /* whose names do for ids; borrowed */
	const char *match;   /* words to look for; NULL: none */
	char *expression;    /* the same for FTS5 */
	const char *words;   /* the table of the full text index, once that is open */
	const char *related; /* the id of an event whose neighbours are asked for; NULL: none */

	/* how many, in which order, as what */
	int64_t limit;  /* -1: none */
	bool newest_50; /* the limit is not the user's but what a terminal gets */
	bool reverse;
	int sort;   /* enum query_sort */
	int format; /* enum query_format, never FORMAT_AUTO after main.c */
	int by;     /* enum query_by */
	bool count, follow, status;
	int64_t max_age; /* of --status, microseconds; -1: not asked */
	bool terminal; /* stdout is one */
	bool color;
};

#endif
