/* SPDX-License-Identifier: ISC
 *
 * deliver - a batch given to one run of CMD, again and again until it is taken.
 *
 * Taken means that CMD exited 0 and left nothing unread: what lies in a pipe when its reader ends is
 * counted, for a write into it proves nothing.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <signal.h>
#include <stdint.h>

#include "spool.h"

struct deliver {
	const char *const *argv;           /* CMD and its arguments, ended by NULL */
	int64_t retries;                   /* further runs after one that failed */
	int64_t delay_us;                  /* before the first of them; doubled for each that follows */
	volatile const sig_atomic_t *stop; /* the signal that asked to stop, or 0 */
};

/* Blocks what deliver_batch() waits for; call it once, after the signal handlers are set. */
void deliver_setup(void);

/*
 * 0 when the batch was taken; else what CMD ended with last, EX_IOERR where it exited 0 and did not read all,
 * or 128 + the signal that asked to stop. All but the last is logged.
 */
int deliver_batch(const struct deliver *d, struct spool *batch);

#endif
