/* SPDX-License-Identifier: ISC
 *
 * known - what is remembered of a message, to see later that it was edited, or that a reaction was added
 * or taken back. A piece of the cursor: short, because there are many.
 *
 *	"1714564800.000100":"9f86d081"                              a hash of what it says
 *	"1714564801.000200":"2c26b46b@1714564900000000"             and the revision that was given out
 *	"1714564802.000300":["fcde2b2e",{"thumbsup":["U02ABCDEF"]}] and who reacted
 *
 * All functions are pure. An entry is borrowed from the object it is in, and NULL where nothing is known.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "slack-event.h"

enum {
	KNOWN_HASH = 8,        /* hexadecimal digits */
	KNOWN_REACTIONS = 2500, /* pairs of name and user that are remembered of one message */
};

/*
 * What the message says, and nothing of what may change beside it: replies, reactions, names of people,
 * previews of links.
 */
void known_hash(const json_t *message, char hash[KNOWN_HASH + 1]);

/* A new entry; `maker` tells whether reactions count. revision EVENT_NONE: none was given out. */
json_t *known_make(const struct slack_maker *maker, const json_t *message, const char *hash,
		   int64_t revision);

/* An entry, and the reactions of an earlier one besides; takes it. */
json_t *known_with_reactions(json_t *entry, const json_t *before);

/* Is it the same text? *revision becomes that of the entry, EVENT_NONE where there is none. */
bool known_is_same(const json_t *entry, const char *hash, int64_t *revision);

/*
 * The revision of other content than was known under `before`: the time of its edit, or a microsecond
 * more than before where that is not later. Either may be EVENT_NONE.
 */
int64_t known_revision(int64_t edited, int64_t before);

/* Was the reaction there? */
bool known_has_reaction(const json_t *entry, const char *name, const char *user);

/* Can a pair be remembered? */
bool known_is_plain(const char *name, const char *user);

/* The next pair of an entry, by two indices that are 0 at first; false after the last. */
bool known_next_reaction(const json_t *entry, size_t *kind, size_t *giver, struct slack_reaction *r);

/*
 * Does the message show the reaction? Also where its list of users is cut short (it has fewer than its
 * count): then nobody can tell.
 */
bool known_is_shown(const json_t *message, const char *name, const char *user);

/* Is it what known_make() makes? For cursors that come from outside. */
bool known_is_sound(const json_t *entry);

#endif
