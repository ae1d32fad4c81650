/* SPDX-License-Identifier: ISC
 *
 * prose - what is secret in running text though no query names it: what follows `Bearer` and `Basic`, and what
 * stands behind the colon of a secret's name, as headers are written, and JSON in the middle of a message.
 *
 *	if (prose_may(text, true)) text = prose_mask(&work, text, false);
 *
 * Behind a colon a value without quotes must look like a secret: "token: expired" says what is wrong with one.
 */
#ifndef PROSE_H
#define PROSE_H

#include "record.h"

/* Could there be any? Most texts are through with this. colons: also where no space is behind one. */
bool prose_may(struct slice s, bool colons);

/*
 * The text, or a copy added to `work`, which is big enough already: it is never more than three times as long. The text may
 * be what stands between the quotes of a JSON string. cookies: headers that are captured without their
 * names, so that NAME=VALUE at the beginning of one is a cookie.
 */
struct slice prose_mask(struct buf *work, struct slice s, bool cookies);

#endif
