/* SPDX-License-Identifier: ISC
 *
 * retry - when to try again what said "come back later".
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdint.h>

/*
 * Microseconds to wait after the attempt of that number (from 1): twice as long each time, up to a minute,
 * and of that at random between half and all, so that many do not come back at one moment; not before `hint`
 * (microseconds from now, 0 or less: none). -1 where that is later than what is left until the deadline.
 */
int64_t retry_delay(unsigned attempt, int64_t base, int64_t hint, int64_t left, uint32_t random);

#endif
