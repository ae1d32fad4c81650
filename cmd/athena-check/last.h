/* SPDX-License-Identifier: ISC
 *
 * last - how a source's last sync went, from the metrics that athena-sync keeps beside its cursor.
 */
#ifndef LAST_H
#define LAST_H

#include "settings.h"

/* One line on the heap; NULL where no sync has told anything. */
char *last_sync(const struct settings *s, const struct settings_source *source);

#endif
