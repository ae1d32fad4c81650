/* SPDX-License-Identifier: ISC
 *
 * formatlook - what a value of a line is, by its looks: an address, a host, a number.
 */
#ifndef FORMATLOOK_H
#define FORMATLOOK_H

#include "record.h"

/* Empty, or the `-` that stands for nothing. */
static inline bool look_nothing(const char *s, size_t n)
{
	return !n || (n == 1 && *s == '-');
}

/* One at least, and nothing else. */
bool look_all_digits(const char *s, size_t n);

/* Four numbers with dots, or hexadecimal with two colons or more. */
bool look_address(const char *s, size_t n);

/* With or without a port. */
bool look_host(const char *s, size_t n);

/* A host name whose last label, before a port, is made of letters; or localhost. */
bool look_dotted(const char *s, size_t n);

/* With commas between, or nothing. */
bool look_are_addresses(const char *s, size_t n);

/* So many digits behind the point, and some before it. */
bool look_has_digits(const char *s, size_t n, size_t behind);

/* "0.123", as nginx writes seconds. */
bool look_are_seconds(const char *s, size_t n);

/* "0.1, 0.2 : 0.3" together, in microseconds; -1 where a part is none. Parts that are `-` do not count. */
int64_t look_sum_of_list(const char *s, size_t n);

/* Nothing but digits, as a number. */
bool look_whole(struct slice s, int64_t *v);

/* "5/5000123": seconds and microseconds of the same time. */
bool look_same_time(const char *s, size_t n, int64_t *us);

#endif
