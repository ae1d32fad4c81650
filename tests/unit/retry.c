/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-sync/retry.c */
#include "retry.h"

#include "stamp.h"
#include "tap.h"

#define S    STAMP_SECOND
#define LONG (1000000 * S)

int main(void)
{
	is_int(retry_delay(1, S, 0, LONG, 0), S / 2, "the first: at least half");
	is_int(retry_delay(1, S, 0, LONG, S / 2), S, "at most all");
	is_int(retry_delay(1, S, 0, LONG, S / 2 + 1), S / 2, "and round again");
	is_int(retry_delay(4, S, 0, LONG, 0), 4 * S, "twice as long each time");
	is_int(retry_delay(7, S, 0, LONG, 0), 30 * S, "up to a minute");
	is_int(retry_delay(4000000000u, S, 0, LONG, 0), 30 * S, "however often");
	is_int(retry_delay(1, INT64_MAX, 0, LONG, 0), 30 * S, "whatever the base");
	is_int(retry_delay(9, 0, 0, LONG, 12345), 0, "no delay is none");
	is_int(retry_delay(1, S, 90 * S, LONG, 0), 90 * S, "not before the time that was named");
	is_int(retry_delay(1, S, 90 * S, LONG, 5), 90 * S + 5, "and not all at that moment");
	is_int(retry_delay(1, S, -5 * S, LONG, 0), S / 2, "a time that has passed is none");
	is_int(retry_delay(1, S, 0, S / 4, 0), -1, "not after the deadline");
	is_int(retry_delay(1, S, 0, -1, 0), -1, "which has passed");
	is_int(retry_delay(1, S, 90 * S, 89 * S, 0), -1, "nor where the time that was named is later");
	is_int(retry_delay(1, 0, 0, 0, 0), 0, "at the deadline is not after it");
	return tap_done();
}
