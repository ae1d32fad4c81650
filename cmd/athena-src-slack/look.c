/* SPDX-License-Identifier: ISC */
/* A message as it is now against what is known of it: what is new comes out. */
#include "fetch.h"

#include <string.h>

#include "event-text.h"

static int give(struct fetch *f, struct event *e)
{
	int rc;

	if (!source_wants(f->src, e->timestamp))
		return 0;
	rc = oldest_emit(&f->oldest, f->src, e);
	log_progress("events", (uint64_t)f->src->metrics.events, 0);
	return rc;
}

/* What has no time of its own in Slack happened before it was seen, and after what was seen before. */
static int64_t seen_now(const struct fetch *f, int64_t before)
{
	return before != EVENT_NONE && before >= f->api->date ? before + 1 : f->api->date;
}

static int give_files(struct fetch *f, const struct slack_place *place, const json_t *message)
{
	const json_t *file;
	struct event e;
	int rc = 0;

	for (size_t at = 0; !rc && (file = slack_next_file(message, &at));)
		if (slack_file(&f->maker, place, message, file, &e))
			rc = give(f, &e);
	return rc;
}

/* Reactions that are there now and were not. `entry` NULL: the message is new, and so are all of them. */
static int give_reactions(struct fetch *f, const struct slack_place *place, const json_t *entry,
			  const json_t *message)
{
	struct slack_reaction r = {0};
	struct event e;
	size_t n = 0;
	int rc = 0;

	while (!rc && slack_next_reaction(&f->maker, message, &r)) {
		if (entry && (n++ >= KNOWN_REACTIONS || !known_is_plain(r.name, r.user) ||
			      known_has_reaction(entry, r.name, r.user)))
			continue;
		if (slack_reaction(&f->maker, place, message, &r,
				   entry ? seen_now(f, EVENT_NONE) : EVENT_NONE, &e))
			rc = give(f, &e);
	}
	return rc;
}

static int give_taken_back(struct fetch *f, const struct slack_place *place, const json_t *entry,
			   const json_t *message)
{
	struct slack_reaction r = {.removed = true};
	size_t kind = 0, giver = 0;
	struct event e;
	int rc = 0;

	while (!rc && f->maker.reactions && known_next_reaction(entry, &kind, &giver, &r))
		if (!known_is_shown(message, r.name, r.user) &&
		    slack_reaction(&f->maker, place, message, &r, seen_now(f, EVENT_NONE), &e))
			rc = give(f, &e);
	return rc;
}

/* The message itself, where it is new or says something else than before. */
static int give_message(struct fetch *f, const struct channel *c, const json_t *entry, const json_t *message,
			const char *hash, int64_t *revision)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	struct event e;
	int rc;

	if (entry && known_is_same(entry, hash, revision))
		return 0;
	if (!slack_message(&f->maker, &place, message, &e)) {
		fetch_reject(f, c);
		return 0;
	}
	if (!entry)
		*revision = EVENT_NONE;
	if (entry && strcmp(e.kind, "message.deleted") != 0 &&
	    (e.revision == EVENT_NONE || (*revision != EVENT_NONE && e.revision <= *revision)))
		e.revision = seen_now(f, *revision);
	*revision = e.revision;
	rc = give(f, &e);
	return rc ? rc : give_files(f, &place, message);
}

int look_at(struct fetch *f, const struct channel *c, json_t *known, const json_t *message)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	const char *ts = event_str(message, "ts");
	json_t *entry = ts ? json_object_get(known, ts) : NULL;
	char hash[KNOWN_HASH + 1];
	int64_t revision;
	int rc;

	if (!ts || !*ts || !ts_is(ts)) {
		fetch_reject(f, c);
		return 0;
	}
	if (!slack_wanted(&f->maker, message))
		return 0;
	known_hash(message, hash);
	rc = give_message(f, c, entry, message, hash, &revision);
	if (!rc)
		rc = give_reactions(f, &place, entry, message);
	if (!rc && entry)
		rc = give_taken_back(f, &place, entry, message);
	if (!rc)
		json_object_set_new(known, ts, known_make(&f->maker, message, hash, revision));
	return rc;
}

int look_gone(struct fetch *f, const struct channel *c, json_t *known, const char *ts, const char *thread)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	struct event e;
	int rc = 0;

	if (slack_deleted(&f->maker, &place, ts, thread, &e))
		rc = give(f, &e);
	if (!rc)
		json_object_del(known, ts);
	return rc;
}
