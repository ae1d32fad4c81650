/* SPDX-License-Identifier: ISC
 *
 * slack-event - from what Slack says to an event (athena-events(5)). No I/O.
 *
 *	struct slack_maker m = {.team = "T02ABCDEF", .base = "https://acme.slack.com", .names = &names,
 *				.reactions = true};
 *	struct slack_place place = {.id = "C02ABCDEF", .name = "general"};
 *	if (slack_wanted(&m, message) && slack_message(&m, &place, message, &e))
 *		source_emit(src, &e);
 *	struct slack_reaction r = {0};
 *	while (slack_next_reaction(&m, message, &r))
 *		if (slack_reaction(&m, &place, message, &r, EVENT_NONE, &e)) ...
 *	for (size_t at = 0; (file = slack_next_file(message, &at)); )
 *		if (slack_file(&m, &place, message, file, &e)) ...
 *	slack_maker_release(&m);
 *
 * Every function is pure. It fills *e with what is borrowed from the maker, the names and the object,
 * until the next call with that maker; false where the object has not what its event is made of (no ts, a
 * ts that is a number), which counts as a reject. Objects are those of the Web API or of an export: the
 * same message gives the same event either way. Everything is bounded so that no line can pass
 * EVENT_LINE_MAX.
 */
#ifndef SLACK_EVENT_H
#define SLACK_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "buf.h"
#include "names.h"

/* The first members are the caller's, borrowed for the life of the maker. */
struct slack_maker {
	const char *team; /* T..., of all session ids */
	const char *base; /* of permalinks, without a slash at its end; NULL: events have no url */
	const struct slack_names *names;
	bool reactions; /* false: slack_next_reaction() gives none */
	bool bots;      /* false: slack_wanted() refuses what a bot wrote */

	/* private: what the events point into */
	struct buf id, session, url, actor, content, metadata;
	const char *truncated[8];
};

void slack_maker_release(struct slack_maker *m);

/* The conversation that a message is in; borrowed for the call. */
struct slack_place {
	const char *id;   /* C..., G..., D... */
	const char *name; /* NULL: unknown */
};

/* False for a message that a bot wrote, where nobody asked for those. Its files and reactions go with it. */
bool slack_wanted(const struct slack_maker *m, const json_t *message);

/*
 * `message` or `reply`; a tombstone is `message.deleted`, and what a member did to the channel is named so:
 * channel.joined, channel.left, channel.renamed, channel.topic, channel.purpose, channel.archived,
 * channel.unarchived. Every other subtype, known or not, is a message.
 */
bool slack_message(struct slack_maker *m, const struct slack_place *p, const json_t *message,
		   struct event *e);

/* A place in the reactions of a message; zeroed is before the first. */
struct slack_reaction {
	const char *name, *user; /* "thumbsup::skin-tone-3", "U02ABCDEF"; borrowed from the message */
	bool removed;            /* the caller's to set: it was taken back */
	size_t kind, giver;      /* private */
};

/* The next pair of name and user; false after the last. Who is not listed (users may be fewer than count) is
 * not found. */
bool slack_next_reaction(const struct slack_maker *m, const json_t *message, struct slack_reaction *r);

/*
 * `reaction`, with a time of the message's, as Slack has none. `message` needs no more than ts and thread_ts.
 * A reaction that is taken back or given again keeps its id and needs a higher revision, which is the
 * caller's; EVENT_NONE: none.
 */
bool slack_reaction(struct slack_maker *m, const struct slack_place *p, const json_t *message,
		    const struct slack_reaction *r, int64_t revision, struct event *e);

/* The files of a message, those of old exports too, that there is something to say of; NULL after the last.
 * *at is 0 at first. */
const json_t *slack_next_file(const json_t *message, size_t *at);

bool slack_file(struct slack_maker *m, const struct slack_place *p, const json_t *message, const json_t *file,
		struct event *e);

/* `message.deleted` of a message that was known and is there no more. thread_ts NULL: it began its own
 * thread. */
bool slack_deleted(struct slack_maker *m, const struct slack_place *p, const char *ts, const char *thread_ts,
		   struct event *e);

/*
 * `channel.renamed` where only the two names tell: for the nth time seen so, which with the new name makes it
 * the same event whenever it is told. `at`: microseconds since 1970 of when the channel was changed last. The
 * message that Slack itself writes into the channel is another one.
 */
bool slack_renamed(struct slack_maker *m, const struct slack_place *p, const char *old, const char *new,
		   int64_t nth, int64_t at, struct event *e);

/* `source.cut_off`: what was said between these two and not read is hidden by the plan of the workspace. */
bool slack_cut_off(struct slack_maker *m, const struct slack_place *p, int64_t after, int64_t before,
		   struct event *e);
/* The same of the thread `ts`, of which nothing later than `after` was read. */
bool slack_thread_cut_off(struct slack_maker *m, const struct slack_place *p, const char *ts, const char *after,
			  struct event *e);

/* ---- ts (ts.c) ---- */

/*
 * "1512085950.000216" as microseconds: 1 to 11 digits, a dot, 1 to 6 digits, by integers only. False for
 * anything else, and for what is no string.
 */
bool slack_ts(const json_t *ts, int64_t *us);
bool slack_ts_parse(const char *ts, size_t n, int64_t *us);

/* Below, equal, above 0 as a is before, at, after b; both must be ts. */
int slack_ts_compare(const char *a, const char *b);

/* The message is a reply to another one. */
bool slack_is_reply(const json_t *message);

/* The ts of the thread that the message is in: its own where it is in none. NULL where it has none. */
const char *slack_thread_ts(const json_t *message);

#endif
