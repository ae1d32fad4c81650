/* SPDX-License-Identifier: ISC
 *
 * names - what the users and the channels of a workspace are called, by id.
 *
 *	struct slack_names n = {0};
 *	names_add_user(&n, user);              an object of users.list, users.info, bots.info or users.json
 *	names_add_channel(&n, channel);        of conversations.list, channels.json, dms.json, ...
 *	name = names_user(&n, "U02ABCDEF");    "Ann", NULL where nobody is known by that id
 *	names_release(&n);
 *
 * A name that is returned is borrowed until the next names_add_*() of the same kind.
 */
#ifndef NAMES_H
#define NAMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAMES_ID_MAX = 64,    /* bytes of an id; what is longer is none */
	NAMES_NAME_MAX = 256, /* bytes of a name; what is longer is cut */
};

/* One text by another: open-addressed. Zeroed is empty. */
struct names_table {
	struct names_entry *entries; /* cap of them, free ones without an id */
	size_t n, cap;               /* in use; a power of two, or 0 */
};

/* Keeps copies, `name` cut at NAMES_NAME_MAX; a later name replaces an earlier one. */
void names_put(struct names_table *t, const char *id, const char *name);
/* NULL where there is none, or no id. */
const char *names_get(const struct names_table *t, const char *id);
void names_table_release(struct names_table *t);

/* All of them, in no order: while (names_next(&t, &c)) ... c.id, c.name ... */
struct names_cursor {
	const char *id, *name;
	size_t at;
};
bool names_next(const struct names_table *t, struct names_cursor *c);

struct slack_names {
	struct names_table users, channels;
};

void names_release(struct slack_names *n);

/*
 * Takes the display name, else the real name, else the account's name. A later object of the same id replaces
 * the name. False, and nothing is taken, where there is no id or no name.
 */
bool names_add_user(struct slack_names *n, const json_t *user);

/*
 * Takes `name`; a direct conversation has none and is called "@Ann" or "@Ann, @Bob" by the users that it
 * names, who should be known by then.
 */
bool names_add_channel(struct slack_names *n, const json_t *channel);

const char *names_user(const struct slack_names *n, const char *id);
const char *names_channel(const struct slack_names *n, const char *id);

/*
 * What a person is called in an object that has `name`, `real_name` and `display_name`, itself or in its
 * `profile`: a user, a user_profile, a bot_profile. Borrowed from it; NULL where it says nothing.
 */
const char *names_of(const json_t *o);

/* True for 1 to NAMES_ID_MAX letters and digits, which is what Slack's ids are made of. */
bool names_is_id(const char *s);

#endif
