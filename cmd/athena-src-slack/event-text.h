/* SPDX-License-Identifier: ISC
 *
 * event-text - what the makers of slack-event are made of.
 *
 *	if (!event_begin(m, p, message, e))
 *		return false;                  id, time, session and url are set
 *	e->kind = ...; e->actor = event_actor(m, message);
 *	event_copy(m, message, "subtype");     metadata, in order
 *	return event_done(m, e);
 */
#ifndef EVENT_TEXT_H
#define EVENT_TEXT_H

#include "member.h"
#include "slack-event.h"

/*
 * Empties the maker and sets what every event about a message has: id `<channel>/<ts>`, to which more may be
 * added, time, session, url, metadata.channel and channel_name. False where ts or channel are none.
 */
bool event_begin(struct slack_maker *m, const struct slack_place *p, const json_t *message, struct event *e);

/* Who wrote it: a name, an id where none is known, NULL where not even that is said. */
const char *event_actor(struct slack_maker *m, const json_t *message);
/* A person's name, or the id. */
const char *event_person(const struct slack_maker *m, const char *id);

/* Metadata: a string, a boolean or an integer by the same name, where it is there and is not empty. */
void event_copy(struct slack_maker *m, const json_t *o, const char *name);
void event_put(struct slack_maker *m, const char *name, const char *s);
/* Metadata: how many there are, where there are any. */
void event_put_size(struct slack_maker *m, const json_t *o, const char *name);
/* Notes a member of metadata that was cut. */
void event_cut(struct slack_maker *m, const char *name);

/* The content gathered so far, without white space around it; `otherwise` where there is none. */
void event_set_content(struct slack_maker *m, struct event *e, const char *otherwise);

/* The last thing that a maker does. */
bool event_done(struct slack_maker *m, struct event *e);

#endif
