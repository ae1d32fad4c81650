/* SPDX-License-Identifier: ISC */
/* A message as it is now against what is known of it: what is new comes out. */
#include "fetch.h"

#include <string.h>

static int give(struct fetch *f, struct event *e)
{
	int rc;

	if (!source_wants(f->src, e->timestamp))
		return 0;
	rc = oldest_emit(&f->oldest, f->src, e);
	log_progress("events", (uint64_t)f->src->metrics.events, 0);
	return rc;
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

/*
 * What is known of a message: as the reader has it for sure, and as it has it if it took over what an
 * earlier run staged and was never told to have been taken over. NULL where it was not known.
 */
struct past {
	const json_t *sure, *maybe;
};

/* Was the reaction given out, as it is? Where the two differ nobody can tell. */
static bool reaction_is_told(const struct past *p, const char *name, const char *user)
{
	return known_has_reaction(p->sure, name, user) &&
	       (!p->maybe || known_has_reaction(p->maybe, name, user));
}

/* Reactions that are there now and were not. Slack has no time for that: it is that of when it was seen. */
static int give_reactions(struct fetch *f, const struct slack_place *place, const struct past *p,
			  const json_t *message)
{
	bool fresh = !p->sure && !p->maybe;
	struct slack_reaction r = {0};
	struct event e;
	size_t n = 0;
	int rc = 0;

	while (!rc && slack_next_reaction(&f->maker, message, &r)) {
		bool first = fresh || (!p->sure && known_has_reaction(p->maybe, r.name, r.user));

		if (!fresh && (n++ >= KNOWN_REACTIONS || !known_is_plain(r.name, r.user)) && p->sure)
			continue;
		if (reaction_is_told(p, r.name, r.user))
			continue;
		if (slack_reaction(&f->maker, place, message, &r, first ? EVENT_NONE : f->api->date, &e))
			rc = give(f, &e);
	}
	return rc;
}

/* Those that one of the two had and that are not there now; `but` has those that are done already. */
static int give_taken_back(struct fetch *f, const struct slack_place *place, const json_t *entry,
			   const json_t *but, const json_t *message)
{
	struct slack_reaction r = {.removed = true};
	size_t kind = 0, giver = 0;
	struct event e;
	int rc = 0;

	while (!rc && f->maker.reactions && known_next_reaction(entry, &kind, &giver, &r))
		if (!known_has_reaction(but, r.name, r.user) && !known_is_shown(message, r.name, r.user) &&
		    slack_reaction(&f->maker, place, message, &r, f->api->date, &e))
			rc = give(f, &e);
	return rc;
}

/*
 * Is it the text that was told? *least becomes the revision that another text has to pass, EVENT_NONE:
 * none.
 */
static bool text_is_told(const struct past *p, const char *hash, bool *changed, int64_t *least)
{
	int64_t sure = EVENT_NONE, maybe = EVENT_NONE;
	bool same = p->sure && known_is_same(p->sure, hash, &sure),
	     same_maybe = p->maybe && known_is_same(p->maybe, hash, &maybe);

	*changed = (p->sure && !same) || (p->maybe && !same_maybe);
	*least = sure > maybe ? sure : maybe; /* EVENT_NONE is below all */
	return same && !*changed;
}

/* The message itself, where it is new or says something else than before. */
static int give_message(struct fetch *f, const struct channel *c, const struct past *p, const json_t *message,
			const char *hash, int64_t *revision)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	struct event e;
	bool changed;
	int rc;

	if (text_is_told(p, hash, &changed, revision))
		return 0;
	if (!slack_message(&f->maker, &place, message, &e)) {
		fetch_reject(f, c);
		return 0;
	}
	if (changed && strcmp(e.kind, "message.deleted") != 0)
		e.revision = known_revision(e.revision, *revision);
	*revision = e.revision;
	rc = give(f, &e);
	return rc ? rc : give_files(f, &place, message);
}

/* It is known now; what was in doubt stays so until this is acknowledged. */
static void settle(const struct memory *m, const char *ts, json_t *entry)
{
	json_t *doubt = json_object_get(m->maybe, ts);

	if (doubt && m->told)
		json_object_set(m->told, ts, doubt);
	if (doubt)
		json_object_del(m->maybe, ts);
	if (entry)
		json_object_set_new(m->known, ts, entry);
	else
		json_object_del(m->known, ts);
}

int look_at(struct fetch *f, const struct channel *c, const struct memory *m, const json_t *message)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	const char *ts = ts_in(message, "ts");
	struct past p = {0};
	char hash[KNOWN_HASH + 1];
	int64_t revision = EVENT_NONE;
	json_t *entry;
	int rc;

	if (!ts) {
		fetch_reject(f, c);
		return 0;
	}
	if (!slack_wanted(&f->maker, message))
		return 0;
	p = (struct past){json_object_get(m->known, ts), json_object_get(m->maybe, ts)};
	known_hash(message, hash);
	rc = give_message(f, c, &p, message, hash, &revision);
	if (!rc)
		rc = give_reactions(f, &place, &p, message);
	if (!rc)
		rc = give_taken_back(f, &place, p.sure, NULL, message);
	if (!rc)
		rc = give_taken_back(f, &place, p.maybe, p.sure, message);
	if (rc)
		return rc;
	entry = known_make(&f->maker, message, hash, revision);
	if (!f->maker.reactions) /* what was told of them is true until a run asks again */
		entry = known_with_reactions(known_with_reactions(entry, p.sure), p.maybe);
	settle(m, ts, entry);
	return 0;
}

int look_gone(struct fetch *f, const struct channel *c, const struct memory *m, const char *ts,
	      const char *thread)
{
	const struct slack_place place = {.id = c->id, .name = c->name};
	struct event e;
	int rc = 0;

	if (slack_deleted(&f->maker, &place, ts, thread, &e))
		rc = give(f, &e);
	if (rc)
		return rc;
	settle(m, ts, NULL);
	return 0;
}
