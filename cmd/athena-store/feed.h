/* SPDX-License-Identifier: ISC
 *
 * feed - the input into the store, in bursts. Lines gather in memory, and the write lock of the database
 * is taken only to work them off: at a checkpoint, when there are enough, or a second after the
 * first. It is never held while waiting for input, so several stores can share a database.
 */
#ifndef FEED_H
#define FEED_H

#include "store.h"

/*
 * Reads fd to its end, or until a signal asks to stop, of which the pipe `wake` tells.
 * 0 or what ended the run. Shows progress.
 */
int feed(struct store *s, int fd, size_t max_line, const int wake[2]);

#endif
