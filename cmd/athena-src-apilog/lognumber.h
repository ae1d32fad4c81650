/* SPDX-License-Identifier: ISC
 *
 * lognumber - sizes and spans as logs write them. Nothing here prints; what cannot be read is false.
 *
 *	lognumber_decimal("1.204", 5, 3, &ms)            1204
 *	lognumber_span("1m2.5s", 6, UNIT_UNSAID, &us)    62500000
 */
#ifndef LOGNUMBER_H
#define LOGNUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

/* A span: a number in that unit; or, UNIT_UNSAID, numbers each with its unit: "1.204s" "12ms" "350µs" "1m2.5s". */
bool lognumber_span(const char *s, size_t n, enum unit unit, int64_t *us);

/*
 * A decimal number that is not negative, times 10^power, cut to an integer. False, and *out as it was, for
 * anything else, and where that would lose digits before the point: there are more than eighteen.
 */
bool lognumber_decimal(const char *s, size_t n, int power, int64_t *out);

/* The same of nothing but 1 to 18 digits, as most numbers are. */
bool lognumber_whole(const char *s, size_t n, int64_t *out);

/* The power of ten that makes microseconds of a unit. */
int lognumber_power(enum unit unit);

#endif
