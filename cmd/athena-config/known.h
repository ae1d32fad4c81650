/* SPDX-License-Identifier: ISC
 *
 * known - the names that can be told without the network, for completions: from the configuration, the
 * cursors that athena-sync keeps, and a repository on this disk.
 *
 *	rc = known_print(KNOWN_BRANCH, &settings, "path/to/repo", "mai");
 *
 * What cannot be read has no names; that is no failure. 0, or EX_IOERR, logged.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include "settings.h"

/* In the order of KNOWN_WORDS. */
enum known { KNOWN_SOURCE, KNOWN_ID, KNOWN_BRANCH, KNOWN_CHANNEL };

#define KNOWN_WORDS "source|id|branch|channel"

/* Prints those that begin with `prefix`, a line each, sorted. `repo` is for KNOWN_BRANCH. */
int known_print(enum known kind, const struct settings *s, const char *repo, const char *prefix);

#endif
