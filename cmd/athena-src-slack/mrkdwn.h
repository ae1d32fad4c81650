/* SPDX-License-Identifier: ISC
 *
 * mrkdwn - what Slack writes into texts, as a person reads it: mentions and channels by their names, links
 * with their address, the three entities decoded once. Emphasis (*bold*) and emoji (:name:) stay as they are.
 *
 *	mrkdwn_decode(&out, &names, text, len);       the text of a message
 *	mrkdwn_blocks(&out, &names, blocks);          what the blocks say, where there is no text
 *	mrkdwn_attachments(&out, &names, attachments);
 *
 * Each adds to `out`, at most up to its maximum, and starts a new line where something stands before. They
 * take whatever JSON there is.
 */
#ifndef MRKDWN_H
#define MRKDWN_H

#include <jansson.h>
#include <stddef.h>

#include "buf.h"
#include "names.h"

void mrkdwn_decode(struct buf *out, const struct slack_names *names, const char *s, size_t n);

/* Only the entities: a text that is no mrkdwn. */
void mrkdwn_entities(struct buf *out, const char *s, size_t n);

void mrkdwn_blocks(struct buf *out, const struct slack_names *names, const json_t *blocks);
void mrkdwn_attachments(struct buf *out, const struct slack_names *names, const json_t *attachments);

#endif
