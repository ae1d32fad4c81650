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
 *
 * Names are compared without case, `_` and `-`, percent-decoded, and of `user[api_key]`, `user.api_key` and
 * `api_key2` it is `apikey` that counts. An empty value is no secret.
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

/* Is that the name of a parameter, or of a member or header, whose value is secret? `encoded`: it may hold
 * %XX. */
bool redact_parameter(const char *name, size_t n, bool encoded);
bool redact_member(const char *name, size_t n);

#define REDACT_LAST(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/*
 * May the name that ends in these three bytes be one of redact_parameter()'s? Yes too often, never no but for
 * a name that is percent-encoded. No: it is none, at a glance.
 */
static inline bool redact_ends_so(const char *last)
{
	if ((unsigned)((last[2] | 0x20) - 'a') > 25)
		return true; /* brackets, digits */
	switch (REDACT_LAST(last[0] | 0x20, last[1] | 0x20, last[2] | 0x20)) {
	case REDACT_LAST('k', 'e', 'n'):
	case REDACT_LAST('r', 'e', 't'):
	case REDACT_LAST('o', 'r', 'd'):
	case REDACT_LAST('s', 'w', 'd'):
	case REDACT_LAST('p', 'w', 'd'):
	case REDACT_LAST('a', 's', 'e'):
	case REDACT_LAST('o', 'd', 'e'):
	case REDACT_LAST('u', 'r', 'e'):
	case REDACT_LAST('i', 'a', 'l'):
	case REDACT_LAST('a', 'l', 's'):
	case REDACT_LAST('i', 'o', 'n'):
	case REDACT_LAST('k', 'i', 'e'):
	case REDACT_LAST('i', 'e', 's'):
	case REDACT_LAST('k', 'e', 'y'):
	case REDACT_LAST('j', 'w', 't'):
	case REDACT_LAST('n', 'i', 'd'):
	case REDACT_LAST('s', 'i', 'd'):
	case REDACT_LAST('a', 's', 's'):
	case REDACT_LAST('e', 'd', 's'):
	case REDACT_LAST('r', 'e', 'r'):
	case REDACT_LAST('o', 't', 'p'):
	case REDACT_LAST('s', 'r', 'f'):
	case REDACT_LAST('n', 's', 'e'):
	case REDACT_LAST('e', 's', 't'):
	case REDACT_LAST('y', 'i', 'd'):
	case REDACT_LAST('u', 't', 'h'):
	case REDACT_LAST('s', 'i', 'g'):
	case REDACT_LAST('p', 'i', 'n'):
		return true;
	default:
		/* a separator that hides such an ending */
		return last[0] == '_' || last[0] == '-' || last[1] == '_' || last[1] == '-';
	}
}

#endif
