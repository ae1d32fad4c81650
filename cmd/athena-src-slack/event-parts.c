/* SPDX-License-Identifier: ISC */
/* What hangs on a message, and what befalls its channel: events of their own. */
#include "slack-event.h"

#include <inttypes.h>
#include <string.h>

#include "event-text.h"
#include "mrkdwn.h"
#include "stamp.h"
#include "text.h"

/* ---- reactions ---- */

bool slack_next_reaction(const struct slack_maker *m, const json_t *message, struct slack_reaction *r)
{
	const json_t *reactions = json_object_get(message, "reactions");

	for (; m->reactions && r->kind < json_array_size(reactions); r->kind++, r->giver = 0) {
		const json_t *kind = json_array_get(reactions, r->kind),
			     *users = json_object_get(kind, "users");

		r->name = member_str(kind, "name");
		while (r->name && r->giver < json_array_size(users)) {
			r->user = json_string_value(json_array_get(users, r->giver++));
			if (names_is_id(r->user))
				return true;
		}
	}
	return false;
}

bool slack_reaction(struct slack_maker *m, const struct slack_place *p, const json_t *message,
		    const struct slack_reaction *r, int64_t revision, struct event *e)
{
	if (!r->name || !names_is_id(r->user) || !event_begin(m, p, message, e))
		return false;
	buf_adds(&m->id, "/reaction/");
	text_percent(&m->id, r->name, strlen(r->name), "/");
	buf_addf(&m->id, "/%s", r->user);
	e->id = buf_cstr(&m->id);
	e->kind = "reaction";
	e->revision = revision;
	e->actor = event_person(m, r->user);
	buf_addf(&m->content, "%s :%s:", r->removed ? "took back" : "reacted with", r->name);
	event_set_content(m, e, "");
	event_put(m, "user", r->user);
	if (slack_is_reply(message))
		event_copy(m, message, "thread_ts");
	event_put(m, "name", r->name);
	if (r->removed)
		event_put(m, "state", "removed");
	return event_done(m, e);
}

/* ---- files ---- */

/* The file that a message of old brought with it; one that it only talks about came with another. */
static const json_t *old_file(const json_t *message)
{
	const char *subtype = member_str(message, "subtype");

	if (subtype && (!strcmp(subtype, "file_comment") || !strcmp(subtype, "file_mention")))
		return NULL;
	return json_object_get(message, "file");
}

/* Deleted, or hidden for now: nothing is known but that there was one, and the message says so. */
static bool is_stub(const json_t *file)
{
	const char *mode = member_str(file, "mode"), *access = member_str(file, "file_access");

	return !member_str(file, "id") ||
	       (mode && (!strcmp(mode, "tombstone") || !strcmp(mode, "hidden_by_limit"))) ||
	       (access && strcmp(access, "visible") != 0);
}

const json_t *slack_next_file(const json_t *message, size_t *at)
{
	const json_t *files = json_object_get(message, "files"), *old = old_file(message);

	if (!json_array_size(files) && !*at && json_is_object(old)) {
		++*at;
		return is_stub(old) ? NULL : old;
	}
	while (*at < json_array_size(files)) {
		const json_t *file = json_array_get(files, (*at)++);

		if (!is_stub(file))
			return file;
	}
	return NULL;
}

static void set_file_time(struct event *e, const json_t *file)
{
	const json_t *created = json_object_get(file, "created");

	if (!json_is_integer(created))
		created = json_object_get(file, "timestamp");
	if (json_is_integer(created) && json_integer_value(created) > 0 &&
	    json_integer_value(created) <= STAMP_MAX / STAMP_SECOND)
		e->timestamp = json_integer_value(created) * STAMP_SECOND;
}

bool slack_file(struct slack_maker *m, const struct slack_place *p, const json_t *message, const json_t *file,
		struct event *e)
{
	static const char *const copied[] = {"user", "name", "mimetype",    "filetype",
					     "size", "mode", "is_external", "external_type"};
	const char *id = member_str(file, "id"), *title = member_str(file, "title");
	const json_t *preview = json_object_get(file, "preview");

	if (!names_is_id(id) || !event_begin(m, p, message, e))
		return false;
	event_put(m, "message", buf_cstr(&m->id));
	buf_reset(&m->id);
	buf_addf(&m->id, "file/%s", id);
	e->id = buf_cstr(&m->id);
	e->kind = "file";
	set_file_time(e, file);
	e->actor = event_person(m, member_str(file, "user"));
	if (member_str(file, "permalink"))
		e->url = member_str(file, "permalink");
	title = title ? title : member_str(file, "name");
	buf_addf(&m->content, "[file] %s", title ? title : id);
	if (json_string_length(preview)) {
		buf_adds(&m->content, "\n\n");
		mrkdwn_entities(&m->content, json_string_value(preview), json_string_length(preview));
	}
	event_set_content(m, e, id);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		event_copy(m, file, copied[i]);
	return event_done(m, e);
}

/* ---- channels ---- */

enum { ID_NAME = 100 /* bytes of a name in an id */ };

/* Begins an event of the channel itself, at a time; its id is still to be said. */
static bool begin_channel(struct slack_maker *m, const struct slack_place *p, int64_t at, struct event *e)
{
	char ts[40];
	json_t *when;
	bool made;

	if (at < 0 || at > STAMP_MAX)
		return false;
	snprintf(ts, sizeof(ts), "%" PRId64 ".%06" PRId64, at / STAMP_SECOND, at % STAMP_SECOND);
	when = json_pack("{s:s}", "ts", ts);
	made = event_begin(m, p, when, e);
	json_decref(when);
	if (!made)
		return false;
	buf_reset(&m->id);
	buf_reset(&m->session);
	buf_addf(&m->session, "slack:%s/%s", m->team, p->id);
	e->session_id = buf_cstr(&m->session);
	e->url = NULL;
	if (m->base) {
		buf_reset(&m->url);
		buf_addf(&m->url, "%s/archives/%s", m->base, p->id);
		e->url = buf_cstr(&m->url);
	}
	e->event_type = "observation";
	return true;
}

bool slack_renamed(struct slack_maker *m, const struct slack_place *p, const char *old, const char *new,
		   int64_t nth, int64_t at, struct event *e)
{
	size_t n = strlen(new);

	if (!begin_channel(m, p, at, e))
		return false;
	buf_addf(&m->id, "%s/renamed/%" PRId64 "/", p->id, nth);
	text_percent(&m->id, new, n < ID_NAME ? n : ID_NAME, "");
	e->id = buf_cstr(&m->id);
	e->kind = "channel.renamed";
	buf_addf(&m->content, "renamed #%s -> #%s", old, new);
	event_set_content(m, e, "");
	event_put(m, "old_name", old);
	event_put(m, "name", new);
	return event_done(m, e);
}

bool slack_thread_cut_off(struct slack_maker *m, const struct slack_place *p, const char *ts,
			  const char *after, struct event *e)
{
	char from[STAMP_SIZE];
	int64_t us;

	if (!slack_ts_parse(after, strlen(after), &us) || us > STAMP_MAX || !begin_channel(m, p, us, e))
		return false;
	stamp_format(us, from);
	buf_addf(&m->id, "%s/%s/cut-off/%s", p->id, ts, after);
	e->id = buf_cstr(&m->id);
	e->kind = "source.cut_off";
	e->outcome = "unknown";
	buf_addf(&m->content,
		 "#%s: the workspace's plan hides a thread by now; what was said in it after %s and not read "
		 "by "
		 "then may be missing",
		 p->name, from);
	event_set_content(m, e, "");
	return event_done(m, e);
}

bool slack_cut_off(struct slack_maker *m, const struct slack_place *p, int64_t after, int64_t before,
		   struct event *e)
{
	char from[STAMP_SIZE], to[STAMP_SIZE];

	if (before > STAMP_MAX || !begin_channel(m, p, after, e))
		return false;
	stamp_format(after, from);
	stamp_format(before, to);
	buf_addf(&m->id, "%s/cut-off/%s", p->id, to);
	e->id = buf_cstr(&m->id);
	e->kind = "source.cut_off";
	e->outcome = "unknown";
	buf_addf(&m->content,
		 "#%s: the workspace's plan hides what is older than %s; what was said after %s and "
		 "not read by then may be missing",
		 p->name, to, from);
	event_set_content(m, e, "");
	return event_done(m, e);
}
