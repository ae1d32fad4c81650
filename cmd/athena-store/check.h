/* SPDX-License-Identifier: ISC
 *
 * check - whether a run would find a database that it can write, without writing anything.
 */
#ifndef CHECK_H
#define CHECK_H

#include "db.h"

/* Says `ok ...` on stdout, a line for each thing looked at: 0, or a code that has been said. */
int check_run(struct db *db);

#endif
