/* SPDX-License-Identifier: ISC
 *
 * redact - what is secret in a log line does not become part of an event: the values of secret
 * parameters in query strings, the user part of URLs, secret members of JSON. They become `***`.
 *
 *	struct buf work;                                 big enough already: see below
 *	struct slice shown = redact_query(&work, query);
 *
 * The functions return what they were given where nothing is secret, else a copy that they added to `work`
 * and that is borrowed from it. A copy is never more than three times as long.
 * Which names are those of secrets secret.h knows. An empty value is no secret.
 */
#ifndef REDACT_H
#define REDACT_H

#include "record.h"

/* a=1&token=x */
struct slice redact_query(struct buf *work, struct slice s);

/* A URL, or any text that may hold one: its user part, and what follows a `?`, `#` or `;`. */
struct slice redact_text(struct buf *work, struct slice s);

/* A message: the same, and what prose.h finds in it. */
struct slice redact_message(struct buf *work, struct slice s);

/* Members of a JSON object without its braces, at any depth, and the URLs and credentials in their values. */
struct slice redact_members(struct buf *work, struct slice s);

#endif
