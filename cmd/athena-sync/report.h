/* SPDX-License-Identifier: ISC
 *
 * report - what a sync came to, as Prometheus text: for --metrics all sources in one file, and for each source a file of
 * its own beside its cursor, from which athena-check(1) and athena-query(1) tell how its last sync went.
 */
#ifndef REPORT_H
#define REPORT_H

#include "pipeline.h"

/* 0, or a code that is logged, both of them. */
int report_all(const char *path, const struct pipeline *all, size_t n);
int report_one(const char *path, const struct pipeline *p);

#endif
