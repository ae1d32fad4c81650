/* SPDX-License-Identifier: ISC
 *
 * last - how a source's last sync went, from what athena-sync keeps beside its cursor: NAME.sync.prom, written when it
 * ends, and NAME.lock, which is held while it runs and says since when; and who else holds the source's cursor.
 */
#ifndef LAST_H
#define LAST_H

#include <stdbool.h>

#include "settings.h"

/* Lines on the heap, the last without a newline; NULL where there is nothing to tell. The source is `well` as far as it
 * knows itself: then only another run tells why the last one failed. */
char *last_sync(const struct settings *s, const struct settings_source *source, bool well);

#endif
