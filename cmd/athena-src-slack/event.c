/* SPDX-License-Identifier: ISC */
/* What a message says: a message or a reply, or what a member did to the channel. */
#include "slack-event.h"

#include <string.h>

#include "event-text.h"
#include "jsonout.h"
#include "mrkdwn.h"
#include "text.h"

enum {
	LIST_MAX = 100,      /* entries of a list in metadata */
	NAME_MAX = 256,      /* bytes of one */
	RAW_COST = 256 << 10 /* bytes that the raw text may take in the line */
};

bool slack_wanted(const struct slack_maker *m, const json_t *message)
{
	const char *subtype = member_str(message, "subtype"), *user = member_str(message, "user");

	if (m->bots || (subtype && !strcmp(subtype, "tombstone")))
		return true;
	return !member_str(message, "bot_id") && !(subtype && !strcmp(subtype, "bot_message")) &&
	       !(user && !strcmp(user, "USLACKBOT"));
}

/* ---- what there is to read ---- */

/* A line for each file, where the message says nothing else. */
static void name_files(struct slack_maker *m, const json_t *message)
{
	const json_t *file;

	for (size_t at = 0; (file = slack_next_file(message, &at));) {
		const char *title = member_str(file, "title");

		if (!title)
			title = member_str(file, "name");
		buf_adds(&m->content, m->content.len ? "\n[file] " : "[file] ");
		title = title ? title : member_str(file, "id");
		if (title)
			buf_add(&m->content, title, text_clip(title, strlen(title), NAME_MAX));
	}
}

static void set_content(struct slack_maker *m, const json_t *message, struct event *e)
{
	const json_t *text = json_object_get(message, "text");
	bool blank = true;

	for (size_t i = 0; i < json_string_length(text) && blank; i++)
		blank = strchr(" \t\r\n", json_string_value(text)[i]) && json_string_value(text)[i];
	if (!blank) {
		mrkdwn_decode(&m->content, m->names, json_string_value(text), json_string_length(text));
	} else {
		mrkdwn_blocks(&m->content, m->names, json_object_get(message, "blocks"));
		mrkdwn_attachments(&m->content, m->names, json_object_get(message, "attachments"));
		name_files(m, message);
	}
	event_set_content(m, e, "(empty message)");
}

/* ---- metadata ---- */

/* How much of the text can be kept: control characters take six bytes each. */
static size_t affordable(const char *s, size_t n)
{
	size_t cost = 0, i = 0;

	for (; i < n && cost < RAW_COST; i++)
		cost += (unsigned char)s[i] < ' ' ? 6 : s[i] == '"' || s[i] == '\\' ? 2 : 1;
	return i < n ? text_clip(s, n, i) : n;
}

/* The text as Slack has it, where that is not what the content says. */
static void put_raw(struct slack_maker *m, const json_t *message, const struct event *e)
{
	const json_t *text = json_object_get(message, "text");
	const char *s = json_string_value(text);
	size_t n = s ? json_string_length(text) : 0, kept;
	struct jsonout j = {.out = &m->metadata, .more = true};

	if (!n || (n == e->content.len && !memcmp(s, e->content.data, n)))
		return;
	kept = affordable(s, n);
	jsonout_member_n(&j, "text", s, kept);
	if (kept < n)
		event_cut(m, "text");
}

static void put_edited(struct slack_maker *m, const json_t *message, struct event *e)
{
	const json_t *edited = json_object_get(message, "edited");
	struct jsonout j = {.out = &m->metadata, .more = true};
	int64_t us;

	if (!slack_ts(json_object_get(edited, "ts"), &us))
		return;
	if (us <= INT64_C(1) << 53)
		e->revision = us;
	jsonout_name(&j, "edited");
	jsonout_open(&j, '{');
	if (member_str(edited, "user"))
		jsonout_member_n(
			&j, "user", member_str(edited, "user"),
			text_clip(member_str(edited, "user"), strlen(member_str(edited, "user")), NAME_MAX));
	jsonout_member(&j, "ts", member_str(edited, "ts"));
	jsonout_close(&j, '}');
}

/* "reactions":[{"name":"thumbsup","count":3}]: totals, which may be more than the users that are listed. */
static void put_reactions(struct slack_maker *m, const json_t *message)
{
	const json_t *reactions = json_object_get(message, "reactions");
	struct jsonout j = {.out = &m->metadata, .more = true};
	size_t n = json_array_size(reactions);

	if (!n)
		return;
	jsonout_name(&j, "reactions");
	jsonout_open(&j, '[');
	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		const json_t *r = json_array_get(reactions, i), *count = json_object_get(r, "count");
		const char *name = member_str(r, "name");

		if (!name)
			continue;
		jsonout_open(&j, '{');
		jsonout_member_n(&j, "name", name, text_clip(name, strlen(name), NAME_MAX));
		jsonout_member_int(&j, "count",
				   json_is_integer(count)
					   ? json_integer_value(count)
					   : (int64_t)json_array_size(json_object_get(r, "users")));
		jsonout_close(&j, '}');
	}
	jsonout_close(&j, ']');
	if (n > LIST_MAX)
		event_cut(m, "reactions");
}

static void put_files(struct slack_maker *m, const json_t *message)
{
	const json_t *files = json_object_get(message, "files"), *old = json_object_get(message, "file");
	struct jsonout j = {.out = &m->metadata, .more = true};
	size_t n = json_array_size(files);

	if (!n && !member_str(old, "id"))
		return;
	jsonout_name(&j, "files");
	jsonout_open(&j, '[');
	for (size_t i = 0; i < n && i < LIST_MAX; i++) {
		const char *id = member_str(json_array_get(files, i), "id");

		if (names_is_id(id))
			jsonout_text(&j, id, strlen(id));
	}
	if (!n && names_is_id(member_str(old, "id")))
		jsonout_text(&j, member_str(old, "id"), strlen(member_str(old, "id")));
	jsonout_close(&j, ']');
	if (n > LIST_MAX)
		event_cut(m, "files");
}

static void put_metadata(struct slack_maker *m, const json_t *message, struct event *e)
{
	static const char *const copied[] = {
		"user",         "subtype",        "bot_id",      "app_id",
		"username",     "thread_ts",      "reply_count", "reply_users_count",
		"latest_reply", "parent_user_id", "is_locked",   "inviter",
		"topic",        "purpose",        "old_name",    "name",
		"hidden"};
	const char *team = member_str(message, "team");

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		event_copy(m, message, copied[i]);
	if (team && strcmp(team, m->team) != 0)
		event_put(m, "team", team);
	put_edited(m, message, e);
	event_put_size(m, message, "blocks");
	event_put_size(m, message, "attachments");
	event_put_size(m, message, "pinned_to");
	put_files(m, message);
	put_reactions(m, message);
	put_raw(m, message, e);
}

/* ---- messages ---- */

/* The channel's own life, which Slack writes into it as messages. */
static const char *life_of_channel(const char *subtype)
{
	static const char *const words[][2] = {
		{"join", "channel.joined"},          {"leave", "channel.left"},
		{"name", "channel.renamed"},         {"topic", "channel.topic"},
		{"purpose", "channel.purpose"},      {"archive", "channel.archived"},
		{"unarchive", "channel.unarchived"},
	};

	if (subtype && !strncmp(subtype, "channel_", 8))
		subtype += 8;
	else if (subtype && !strncmp(subtype, "group_", 6))
		subtype += 6;
	else
		return NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(subtype, words[i][0]))
			return words[i][1];
	return NULL;
}

/* What was in it is not known any more, and who deleted it never was. */
static bool deleted(struct slack_maker *m, const struct slack_place *p, const json_t *message,
		    struct event *e)
{
	if (!event_begin(m, p, message, e))
		return false;
	buf_adds(&m->id, "/deleted");
	e->id = buf_cstr(&m->id);
	e->kind = "message.deleted";
	if (slack_is_reply(message))
		event_copy(m, message, "thread_ts");
	event_set_content(m, e, "(message deleted)");
	return event_done(m, e);
}

bool slack_message(struct slack_maker *m, const struct slack_place *p, const json_t *message, struct event *e)
{
	const char *subtype = member_str(message, "subtype"), *life = life_of_channel(subtype);
	const json_t *changed = json_object_get(message, "message");

	if (subtype && !strcmp(subtype, "tombstone"))
		return deleted(m, p, message, e);
	/* Two that the Events API has; whether an export with edit logs does, nobody documents. */
	if (subtype && !strcmp(subtype, "message_deleted"))
		return slack_deleted(m, p, member_str(message, "deleted_ts"), NULL, e);
	if (subtype && !strcmp(subtype, "message_changed") && json_is_object(changed))
		message = changed;
	if (!event_begin(m, p, message, e))
		return false;
	e->kind = slack_is_reply(message) ? "reply" : "message";
	if (life) {
		e->kind = life;
		e->event_type = "observation";
	}
	e->actor = event_actor(m, message);
	set_content(m, message, e);
	put_metadata(m, message, e);
	return event_done(m, e);
}

bool slack_deleted(struct slack_maker *m, const struct slack_place *p, const char *ts, const char *thread_ts,
		   struct event *e)
{
	json_t *message = json_pack("{s:s?, s:s*}", "ts", ts, "thread_ts", thread_ts);
	bool made = deleted(m, p, message, e);

	json_decref(message);
	return made;
}
