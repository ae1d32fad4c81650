/* SPDX-License-Identifier: ISC
 *
 * status - how each source does: its events, its sign of life, and what went wrong on the way.
 *
 * A sign of life is a run whose last checkpoint was final and had no gap: a source that has nothing new sends that
 * too. For one that sends no checkpoints it is a run that ended well.
 * What the configuration knows beside that, of a source that failed or never delivered anything, is told too.
 */
#ifndef STATUS_H
#define STATUS_H

#include "configured.h"
#include "db.h"
#include "query.h"

enum { STATUS_SILENT = 1 }; /* the exit code for a source that is silent for too long */

/* `configured` is empty where a database was named. */
int status_run(struct db *db, const struct query *q, const struct configured *configured);

#endif
