/* SPDX-License-Identifier: ISC
 *
 * jobs - questions put to other programs: several at a time, each with a time limit, their
 * answers caught up to a maximum.
 *
 *	struct job all[2] = {{.argv = a}, {.argv = b}};
 *	jobs_run(all, 2, &(struct jobs_how){.at_once = 4, .timeout_us = 5 * STAMP_SECOND});
 *	... all[i].code, all[i].out ...
 *	jobs_release(all, 2);
 *
 * A job that runs out of time is killed with all that it started.
 */
#ifndef JOBS_H
#define JOBS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"

enum { JOBS_OUT_MAX = 1 << 20 }; /* bytes that are kept of what a job writes */

struct job {
	const char *const *argv; /* borrowed; ended by NULL */
	bool errors_too;         /* catch stderr as well; else it goes nowhere */
	bool plain;              /* it has no use for what is secret in our environment */
	/* afterwards */
	struct buf out; /* what it wrote; out.over: there was more */
	int code;       /* as child_code() has it; CHILD_MISSING and CHILD_REFUSED where it could not be started */
	bool late;      /* it ran out of time */
	/* private */
	pid_t pid;
	int fd;
	int64_t until;
};

struct jobs_how {
	int at_once;                       /* jobs that run side by side */
	int64_t timeout_us;                /* of each */
	volatile const sig_atomic_t *stop; /* when it is set all are ended; NULL: never */
};

void jobs_run(struct job *all, size_t n, const struct jobs_how *how);
void jobs_release(struct job *all, size_t n);

#endif
