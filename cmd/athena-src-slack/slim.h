/* SPDX-License-Identifier: ISC
 *
 * slim - the JSON of a message without what its events do not need: a message of an export is mostly
 * blocks that say the text again, and the profile of who wrote it. Parsing is where the time goes.
 */
#ifndef SLIM_H
#define SLIM_H

#include <stddef.h>

#include "names.h"

/*
 * Shortens the n bytes in place and returns the new length. Blocks and attachments of a message that has
 * a text become as many zeros, so that they can still be counted. What is no object, or not quite JSON,
 * stays as it is.
 */
size_t slim_message(char *text, size_t n, const struct slack_names *names);

#endif
