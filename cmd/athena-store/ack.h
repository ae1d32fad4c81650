/* SPDX-License-Identifier: ISC
 *
 * ack - a checkpoint: the events above it and its position are committed together, and
 * only then the source's cursor file is moved. The rules are those of athena-cursor(5).
 */
#ifndef ACK_H
#define ACK_H

#include "store.h"

/* A control record: the n bytes of a line that has the member `athena`. */
int ack_control(struct store *s, int64_t number, const char *line, size_t n);

#endif
