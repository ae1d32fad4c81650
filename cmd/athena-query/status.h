/* SPDX-License-Identifier: ISC
 *
 * status - how each source does: its events, its sign of life, and what went wrong on the way.
 *
 * A sign of life is a run whose last checkpoint was final and had no gap: a source that has nothing new sends that
 * too. For one that sends no checkpoints it is a run that ended well.
 */
#ifndef STATUS_H
#define STATUS_H

#include "db.h"
#include "query.h"

enum { STATUS_SILENT = 1 }; /* the exit code for a source that is silent for too long */

int status_run(struct db *db, const struct query *q);

#endif
