/* SPDX-License-Identifier: ISC
 *
 * process - a process that is running, as /proc tells of it.
 *
 *	process_add(&line, 1234);        process 1234 (athena-src-git --cursor=F repo), begun 2026-11-28T13:00:00Z
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>

#include "buf.h"

/* What cannot be seen is left out; secrets of its command line are masked. */
void process_add(struct buf *out, pid_t pid);

#endif
