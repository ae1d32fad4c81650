/* SPDX-License-Identifier: ISC */
#include "event-text.h"

#include <string.h>

#include "jsonout.h"
#include "mrkdwn.h"
#include "text.h"

enum {
	VALUE_MAX = 1024, /* bytes of a value in metadata */
	ACTOR_MAX = 256,
};

void slack_maker_release(struct slack_maker *m)
{
	buf_release(&m->id);
	buf_release(&m->session);
	buf_release(&m->url);
	buf_release(&m->actor);
	buf_release(&m->content);
	buf_release(&m->metadata);
}

static void start(struct slack_maker *m, struct event *e)
{
	*e = (struct event)EVENT_INIT;
	buf_reset(&m->id);
	buf_reset(&m->session);
	buf_reset(&m->url);
	buf_reset(&m->actor);
	buf_reset(&m->content);
	buf_reset(&m->metadata);
	m->content.max =
		EVENT_TEXT_MAX + 8; /* a little too much is enough for event_line() to cut, and to say so */
	m->truncated[0] = NULL;
	e->event_type = "conversation";
}

/* https://acme.slack.com/archives/C1/p1512085950000216?thread_ts=1512085950.000001&cid=C1 */
static void set_url(struct slack_maker *m, struct event *e, const char *channel, const char *ts,
		    const char *thread)
{
	if (!m->base)
		return;
	buf_addf(&m->url, "%s/archives/%s/p", m->base, channel);
	for (const char *c = ts; *c; c++)
		if (*c != '.')
			buf_addc(&m->url, *c);
	if (strcmp(ts, thread) != 0)
		buf_addf(&m->url, "?thread_ts=%s&cid=%s", thread, channel);
	e->url = buf_cstr(&m->url);
}

bool event_begin(struct slack_maker *m, const struct slack_place *p, const json_t *message, struct event *e)
{
	const json_t *ts = json_object_get(message, "ts");
	const char *thread = slack_thread_ts(message), *text = json_string_value(ts);

	start(m, e);
	if (!names_is_id(p->id) || !slack_ts(ts, &e->timestamp))
		return false;
	buf_addf(&m->id, "%s/%s", p->id, text);
	e->id = buf_cstr(&m->id);
	buf_addf(&m->session, "slack:%s/%s/%s", m->team, p->id, thread);
	e->session_id = buf_cstr(&m->session);
	set_url(m, e, p->id, text, thread);
	event_put(m, "channel", p->id);
	event_put(m, "channel_name", p->name);
	return true;
}

const char *event_person(const struct slack_maker *m, const char *id)
{
	const char *name = names_user(m->names, id);

	if (!name && id && !strcmp(id, "USLACKBOT"))
		return "Slackbot";
	return name ? name : id;
}

/* A name that the message gives itself: those have entities. */
static const char *own_name(struct slack_maker *m, const char *name)
{
	if (!name)
		return NULL;
	buf_reset(&m->actor);
	mrkdwn_entities(&m->actor, name, text_clip(name, strlen(name), ACTOR_MAX));
	return buf_cstr(&m->actor);
}

const char *event_actor(struct slack_maker *m, const json_t *message)
{
	const char *user = member_str(message, "user"), *bot = member_str(message, "bot_id"), *name = NULL;
	const char *subtype = member_str(message, "subtype");
	bool by_bot = subtype && !strcmp(subtype, "bot_message");

	if (!user)
		user = member_str(json_object_get(message, "comment"), "user"); /* file_comment, of old */
	if (user && !by_bot)
		name = names_user(m->names, user);
	if (!name && user && !by_bot)
		name = own_name(m, names_of(json_object_get(message, "user_profile")));
	if (!name)
		name = own_name(m, member_str(message, "username"));
	if (!name)
		name = own_name(m, names_of(json_object_get(message, "bot_profile")));
	if (!name)
		name = names_user(m->names, bot);
	return name ? name : user ? event_person(m, user) : bot;
}

static struct jsonout metadata(struct slack_maker *m)
{
	return (struct jsonout){.out = &m->metadata, .more = m->metadata.len};
}

void event_put(struct slack_maker *m, const char *name, const char *s)
{
	struct jsonout j = metadata(m);

	if (s)
		jsonout_member_n(&j, name, s, text_clip(s, strlen(s), VALUE_MAX));
}

static void put_int(struct slack_maker *m, const char *name, int64_t v)
{
	struct jsonout j = metadata(m);

	jsonout_member_int(&j, name, v);
}

void event_put_size(struct slack_maker *m, const json_t *o, const char *name)
{
	size_t n = json_array_size(json_object_get(o, name));

	if (n)
		put_int(m, name, (int64_t)n);
}

void event_copy(struct slack_maker *m, const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	struct jsonout j = metadata(m);

	if (json_string_length(v)) {
		jsonout_member_n(&j, name, json_string_value(v),
				 text_clip(json_string_value(v), json_string_length(v), VALUE_MAX));
	} else if (json_is_integer(v)) {
		jsonout_member_int(&j, name, json_integer_value(v));
	} else if (json_is_boolean(v)) {
		jsonout_name(&j, name);
		jsonout_bool(&j, json_is_true(v));
	}
}

void event_cut(struct slack_maker *m, const char *name)
{
	size_t i = 0, most = sizeof(m->truncated) / sizeof(m->truncated[0]) - 1;

	while (i < most && m->truncated[i])
		i++;
	if (i == most)
		return;
	m->truncated[i] = name;
	m->truncated[i + 1] = NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void event_set_content(struct slack_maker *m, struct event *e, const char *otherwise)
{
	const char *s = m->content.data;
	size_t n = m->content.len;

	while (n && is_space(s[n - 1]))
		n--;
	while (n && (*s == '\n' || *s == '\r')) {
		s++;
		n--;
	}
	e->content = n ? (struct event_text){s, n} : (struct event_text){otherwise, strlen(otherwise)};
}

bool event_done(struct slack_maker *m, struct event *e)
{
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
	e->truncated = m->truncated[0] ? m->truncated : NULL;
	return true;
}
