/* SPDX-License-Identifier: ISC
 *
 * last - how a source's last sync went, from what athena-sync keeps beside its cursor, NAME.sync.prom.
 */
#ifndef LAST_H
#define LAST_H

#include "settings.h"

/* One line on the heap; NULL where no sync has told anything. */
char *last_sync(const struct settings *s, const struct settings_source *source);

#endif
