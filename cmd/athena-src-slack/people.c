/* SPDX-License-Identifier: ISC */
/*
 * What people are called. The list of users is asked for when the first name is needed, and kept for a
 * day; whoever is not in it (guests of other workspaces, bots) is asked for one by one, and kept as well.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "file.h"
#include "stamp.h"
#include "xalloc.h"

#define FRESH (24 * 3600 * STAMP_SECOND)

enum {
	LIST_PAGES = 20,      /* of the list of users, at most; the others are asked for one by one */
	CACHE_MAX = 64 << 20, /* bytes */
	DEPTH_MAX = 32,
};

struct people {
	json_t *users;  /* object: id -> name; null where nobody may be seen by that id */
	int64_t listed; /* microseconds: when the list was read */
	char *path;     /* of the cache; NULL: there is none */
	bool no_scope, changed;
};

/* ---- the cache ---- */

static void adopt(struct fetch *f, const char *id, const char *name)
{
	json_t *user = json_pack("{s:s, s:s}", "id", id, "name", name);

	names_add_user(&f->names, user);
	json_decref(user);
}

static void load(struct fetch *f, struct people *p)
{
	struct buf text;
	json_t *cache = NULL, *users, *name;
	json_int_t listed;
	const char *id;

	buf_init(&text, CACHE_MAX);
	if (p->path && !file_read(p->path, &text) && text.len)
		cache = json_loadb(text.data, text.len, 0, NULL);
	users = json_object_get(cache, "users");
	listed = json_integer_value(json_object_get(cache, "listed"));
	p->listed = listed > 0 && listed <= f->api->date / STAMP_SECOND ? listed * STAMP_SECOND : 0;
	if (f->api->date - p->listed > FRESH)
		p->listed = 0; /* people may be called otherwise by now, and strangers be known */
	json_object_foreach (users, id, name) {
		if (!p->listed)
			break;
		if (json_is_string(name) && names_is_id(id))
			adopt(f, id, json_string_value(name));
		json_object_set(p->users, id, name);
	}
	json_decref(cache);
	buf_release(&text);
}

static void save(const struct people *p)
{
	json_t *cache = json_object();
	char *text;

	json_object_set(cache, "users", p->users);
	json_object_set_new(cache, "listed", json_integer(p->listed / STAMP_SECOND));
	text = json_dumps(cache, JSON_COMPACT | JSON_SORT_KEYS);
	if (file_replace(p->path, text, strlen(text), 0600, false))
		log_verbose("%s: the names of people cannot be kept", p->path);
	free(text);
	json_decref(cache);
}

static struct people *people_of(struct fetch *f)
{
	struct people *p = f->people;

	if (p)
		return p;
	f->people = p = xcalloc(1, sizeof(*p));
	p->users = json_object();
	if (f->cache_dir)
		p->path = xasprintf("%s/slack-%s.json", f->cache_dir, f->team_id);
	load(f, p);
	return p;
}

bool people_are_due(struct fetch *f)
{
	return !people_of(f)->listed;
}

void people_close(struct fetch *f)
{
	struct people *p = f->people;

	if (!p)
		return;
	if (p->changed && p->path)
		save(p);
	json_decref(p->users);
	free(p->path);
	free(p);
	f->people = NULL;
}

/* ---- asking ---- */

static void take(struct fetch *f, struct people *p, const json_t *user)
{
	const char *id = member_str(user, "id"), *name;

	if (!names_add_user(&f->names, user))
		return;
	name = names_user(&f->names, id);
	json_object_set_new(p->users, id, name ? json_string(name) : json_null());
	p->changed = true;
}

/* Without the right to see users their ids do. */
static int refused(struct people *p, const struct api_answer *a, const char *scope)
{
	if (strcmp(a->error, "missing_scope") != 0) {
		log_verbose("users: %s", a->error);
		return 0;
	}
	log_note("people are called by their ids: the token has not the scope %s",
		 a->needed ? a->needed : scope);
	p->no_scope = true;
	return 0;
}

static int list_users(struct fetch *f, struct people *p)
{
	char *cursor = NULL;
	int rc = 0;

	for (unsigned page = 0; page < LIST_PAGES && !rc; page++) {
		struct api_answer a;
		json_t *user;
		size_t i;

		api_form_int(&f->form, "limit", LIST_PAGE);
		api_form(&f->form, "cursor", cursor);
		if (json_is_true(json_object_get(f->team, "is_enterprise_install")))
			api_form(&f->form, "team_id", f->team_id);
		rc = fetch_ask(f, "users.list", &a);
		if (rc)
			break;
		if (a.error)
			rc = refused(p, &a, "users:read");
		json_array_foreach (json_object_get(a.json, "members"), i, user) {
			take(f, p, user);
		}
		free(cursor);
		cursor = !a.error && a.next ? xstrdup(a.next) : NULL;
		api_answer_release(&a);
		if (!cursor)
			break;
	}
	free(cursor);
	p->listed = f->api->date;
	return rc;
}

static int ask_one(struct fetch *f, struct people *p, const char *id)
{
	bool bot = *id == 'B';
	struct api_answer a;
	int rc;

	api_form(&f->form, bot ? "bot" : "user", id);
	rc = fetch_ask(f, bot ? "bots.info" : "users.info", &a);
	if (rc)
		return rc;
	if (a.error)
		rc = refused(p, &a, "users:read");
	take(f, p, json_object_get(a.json, bot ? "bot" : "user"));
	if (!json_object_get(p->users, id)) {
		json_object_set_new(p->users, id, json_null());
		p->changed = true;
	}
	api_answer_release(&a);
	return rc;
}

/* ---- who is named ---- */

static void meet(const struct fetch *f, json_t *unknown, const char *id, size_t n)
{
	char name[NAMES_ID_MAX + 1];

	if (n < 2 || n > NAMES_ID_MAX || !strchr("UWB", *id) || (n == 9 && !memcmp(id, "USLACKBOT", n)))
		return;
	memcpy(name, id, n);
	name[n] = '\0';
	if (names_is_id(name) && !names_user(&f->names, name) && !json_object_get(f->people->users, name))
		json_object_set_new(unknown, name, json_true());
}

/* <@U02ABCDEF> and <@U02ABCDEF|ann>; of the second kind the name is there. */
static void meet_in_text(const struct fetch *f, json_t *unknown, const json_t *text)
{
	const char *s = json_string_value(text), *end = s + json_string_length(text);

	while (s < end && (s = memmem(s, (size_t)(end - s), "<@", 2))) {
		const char *id = s += 2;

		while (s < end && *s != '>' && *s != '|')
			s++;
		meet(f, unknown, id, (size_t)(s - id));
	}
}

static void meet_all(const struct fetch *f, json_t *unknown, json_t *value, const char *name, unsigned depth)
{
	static const char *const who[] = {"user", "user_id", "users", "inviter"};
	const char *member;
	json_t *v;
	size_t i;

	if (depth > DEPTH_MAX)
		return;
	json_object_foreach (value, member, v)
		if (strcmp(member, "reply_users") != 0 && strcmp(member, "root") != 0)
			meet_all(f, unknown, v, member, depth + 1);
	json_array_foreach (value, i, v) {
		meet_all(f, unknown, v, name, depth + 1);
	}
	if (!json_is_string(value))
		return;
	meet_in_text(f, unknown, value);
	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		if (!strcmp(name, who[i]))
			meet(f, unknown, json_string_value(value), json_string_length(value));
}

/* A bot that does not say its name. */
static void meet_bot(const struct fetch *f, json_t *unknown, const json_t *message)
{
	const json_t *id = json_object_get(message, "bot_id");

	if (f->options->bots && json_is_string(id) && !member_str(message, "username") &&
	    !member_str(message, "user") && !json_object_get(message, "bot_profile"))
		meet(f, unknown, json_string_value(id), json_string_length(id));
}

int people_meet(struct fetch *f, const json_t *messages)
{
	struct people *p = people_of(f);
	json_t *unknown = json_object(), *m, *v;
	const char *id;
	size_t i;
	int rc = 0;

	json_array_foreach (messages, i, m) {
		if (!slack_wanted(&f->maker, m))
			continue;
		meet_all(f, unknown, m, "", 0);
		meet_bot(f, unknown, m);
	}
	if (json_object_size(unknown) && !p->listed && !p->no_scope)
		rc = list_users(f, p);
	json_object_foreach (unknown, id, v)
		if (!rc && !p->no_scope && !names_user(&f->names, id) && !json_object_get(p->users, id))
			rc = ask_one(f, p, id);
	json_decref(unknown);
	return rc;
}
