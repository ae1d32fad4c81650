/* SPDX-License-Identifier: ISC */
#include "known.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "member.h"
#include "sha256.h"
#include "xalloc.h"

static void copy_member(json_t *to, const json_t *from, const char *name)
{
	json_t *v = json_object_get(from, name);

	if (v && !json_is_null(v))
		json_object_set(to, name, v);
}

/* Of a file only what makes it another one: addresses, thumbnails and access come and go. */
static json_t *plain_files(const json_t *files)
{
	json_t *list = json_array(), *file;
	size_t i;

	json_array_foreach (files, i, file) {
		json_t *plain = json_object();

		copy_member(plain, file, "id");
		copy_member(plain, file, "title");
		copy_member(plain, file, "name");
		json_array_append_new(list, plain);
	}
	return list;
}

static bool is_blank(const json_t *text)
{
	const char *s = json_string_value(text);

	return !s || s[strspn(s, " \t\r\n")] == '\0';
}

/* Is it the preview of a link, which Slack adds some time after the message was posted? */
static bool is_preview(const json_t *message, const json_t *attachment)
{
	static const char *const marks[] = {"from_url", "original_url", "app_unfurl_url", "is_msg_unfurl",
					    "is_app_unfurl"};

	if (!member_str(message, "bot_id")) /* people attach nothing else */
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (json_object_get(attachment, marks[i]))
			return true;
	return false;
}

/* Attachments that are a part of what is said. */
static json_t *own_attachments(const json_t *message)
{
	json_t *list = json_array(), *attachment, *all = json_object_get(message, "attachments");
	bool said = !is_blank(json_object_get(message, "text"));
	size_t i;

	json_array_foreach (all, i, attachment)
		if (!said || !is_preview(message, attachment))
			json_array_append(list, attachment);
	return list;
}

void known_hash(const json_t *message, char hash[KNOWN_HASH + 1])
{
	static const char *const counted[] = {"subtype", "user",   "bot_id",  "username", "text",    "edited",
					      "topic",   "blocks", "purpose", "name",     "old_name"};
	json_t *plain = json_object(), *files = json_object_get(message, "files");
	json_t *attachments = own_attachments(message);
	char whole[SHA256_HEX], *text;

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		copy_member(plain, message, counted[i]);
	if (json_array_size(files))
		json_object_set_new(plain, "files", plain_files(files));
	if (json_array_size(attachments))
		json_object_set(plain, "attachments", attachments);
	json_decref(attachments);
	text = json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		xalloc_die();
	sha256_hex(text, strlen(text), whole);
	memcpy(hash, whole, KNOWN_HASH);
	hash[KNOWN_HASH] = '\0';
	free(text);
	json_decref(plain);
}

/* ---- reactions ---- */

bool known_is_plain(const char *name, const char *user)
{
	size_t n = strlen(name);

	return n && n <= NAMES_NAME_MAX && names_is_id(user) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+':.") == n;
}

static void add_reaction(json_t *all, const struct slack_reaction *r)
{
	json_t *users = json_object_get(all, r->name);

	if (!users) {
		users = json_array();
		json_object_set_new(all, r->name, users);
	}
	json_array_append_new(users, json_string(r->user));
}

/* {name:[user]}; NULL where there is none. */
static json_t *make_reactions(const struct slack_maker *maker, const json_t *message)
{
	struct slack_reaction r = {0};
	json_t *all = NULL;

	for (size_t n = 0; n < KNOWN_REACTIONS && slack_next_reaction(maker, message, &r); n++) {
		if (!known_is_plain(r.name, r.user))
			continue;
		if (!all)
			all = json_object();
		add_reaction(all, &r);
	}
	return all;
}

static json_t *reactions_of(const json_t *entry)
{
	return json_array_get(entry, 1);
}

static bool lists(const json_t *users, const char *user)
{
	const json_t *u;
	size_t i;

	json_array_foreach (users, i, u)
		if (json_is_string(u) && !strcmp(json_string_value(u), user))
			return true;
	return false;
}

bool known_has_reaction(const json_t *entry, const char *name, const char *user)
{
	return lists(json_object_get(reactions_of(entry), name), user);
}

bool known_next_reaction(const json_t *entry, size_t *kind, size_t *giver, struct slack_reaction *r)
{
	json_t *all = reactions_of(entry);
	void *at = json_object_iter(all);

	for (size_t i = 0; at && i < *kind; i++)
		at = json_object_iter_next(all, at);
	for (; at; at = json_object_iter_next(all, at), ++*kind, *giver = 0) {
		json_t *users = json_object_iter_value(at);

		if (*giver < json_array_size(users)) {
			r->name = json_object_iter_key(at);
			r->user = json_string_value(json_array_get(users, (*giver)++));
			return true;
		}
	}
	return false;
}

bool known_is_shown(const json_t *message, const char *name, const char *user)
{
	json_t *reactions = json_object_get(message, "reactions"), *r;
	size_t i;

	json_array_foreach (reactions, i, r) {
		const char *this = member_str(r, "name");
		json_t *users = json_object_get(r, "users");

		if (this && !strcmp(this, name))
			return lists(users, user) || json_integer_value(json_object_get(r, "count")) >
							     (json_int_t)json_array_size(users);
	}
	return false;
}

/* ---- entries ---- */

json_t *known_make(const struct slack_maker *maker, const json_t *message, const char *hash, int64_t revision)
{
	json_t *reactions = make_reactions(maker, message), *entry;
	char text[KNOWN_HASH + 24];

	if (revision == EVENT_NONE)
		snprintf(text, sizeof(text), "%s", hash);
	else
		snprintf(text, sizeof(text), "%s@%" PRId64, hash, revision);
	entry = json_string(text);
	return reactions ? json_pack("[o,o]", entry, reactions) : entry;
}

json_t *known_with_reactions(json_t *entry, const json_t *before)
{
	struct slack_reaction r = {0};
	size_t kind = 0, giver = 0;

	if (json_object_size(reactions_of(before)) && !json_is_array(entry))
		entry = json_pack("[o,{}]", entry);
	while (known_next_reaction(before, &kind, &giver, &r))
		if (!known_has_reaction(entry, r.name, r.user))
			add_reaction(reactions_of(entry), &r);
	return entry;
}

static const char *text_of(const json_t *entry)
{
	return json_string_value(json_is_array(entry) ? json_array_get(entry, 0) : entry);
}

bool known_is_same(const json_t *entry, const char *hash, int64_t *revision)
{
	const char *text = text_of(entry), *at = text ? strchr(text, '@') : NULL;

	*revision = at ? strtoll(at + 1, NULL, 10) : EVENT_NONE;
	return text && !strncmp(text, hash, KNOWN_HASH);
}

int64_t known_revision(int64_t edited, int64_t before)
{
	if (before == EVENT_NONE)
		before = 0;
	return edited == EVENT_NONE || edited <= before ? before + 1 : edited;
}

bool known_is_sound(const json_t *entry)
{
	json_t *reactions = reactions_of(entry), *users, *u;
	const char *name;
	size_t i;

	if (!text_of(entry) ||
	    (json_is_array(entry) && (json_array_size(entry) != 2 || !json_is_object(reactions))))
		return false;
	json_object_foreach (reactions, name, users) {
		if (!json_is_array(users))
			return false;
		json_array_foreach (users, i, u)
			if (!json_is_string(u))
				return false;
	}
	return true;
}
