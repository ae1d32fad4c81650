/* SPDX-License-Identifier: ISC */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "member.h"
#include "text.h"
#include "xalloc.h"

struct names_entry {
	char *id; /* NULL: free */
	char *name;
};

enum {
	FIRST_CAP = 256,
	MEMBERS_MAX = 8, /* of a direct conversation, that its name lists */
};

/* FNV-1a; whoever chooses ids can at worst make a lookup slow, in a table that has a maximum. */
static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h ^ (h >> 32);
}

/* The entry of that id, or the free one where it belongs. The table is never full. */
static struct names_entry *slot(const struct names_table *t, const char *id)
{
	size_t i = hash(id) & (t->cap - 1);

	while (t->entries[i].id && strcmp(t->entries[i].id, id) != 0)
		i = (i + 1) & (t->cap - 1);
	return &t->entries[i];
}

static void grow(struct names_table *t)
{
	struct names_table wider = {.n = t->n, .cap = t->cap ? 2 * t->cap : FIRST_CAP};

	wider.entries = xcalloc(wider.cap, sizeof(*wider.entries));
	for (size_t i = 0; i < t->cap; i++)
		if (t->entries[i].id)
			*slot(&wider, t->entries[i].id) = t->entries[i];
	free(t->entries);
	*t = wider;
}

void names_put(struct names_table *t, const char *id, const char *name)
{
	struct names_entry *e;

	if (2 * (t->n + 1) > t->cap)
		grow(t);
	e = slot(t, id);
	if (!e->id) {
		e->id = xstrdup(id);
		t->n++;
	}
	free(e->name);
	e->name = xstrndup(name, text_clip(name, strlen(name), NAMES_NAME_MAX));
}

const char *names_get(const struct names_table *t, const char *id)
{
	return t->cap && id ? slot(t, id)->name : NULL;
}

bool names_next(const struct names_table *t, struct names_cursor *c)
{
	while (c->at < t->cap) {
		const struct names_entry *e = &t->entries[c->at++];

		if (!e->id)
			continue;
		c->id = e->id;
		c->name = e->name;
		return true;
	}
	return false;
}

void names_table_release(struct names_table *t)
{
	for (size_t i = 0; i < t->cap; i++) {
		free(t->entries[i].id);
		free(t->entries[i].name);
	}
	free(t->entries);
	*t = (struct names_table){0};
}

void names_release(struct slack_names *n)
{
	names_table_release(&n->users);
	names_table_release(&n->channels);
}

bool names_is_id(const char *s)
{
	size_t n = 0;

	if (!s)
		return false;
	for (; s[n]; n++)
		if (n == NAMES_ID_MAX || !((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z') ||
					   (s[n] >= '0' && s[n] <= '9')))
			return false;
	return n > 0;
}

const char *names_of(const json_t *o)
{
	static const char *const members[] = {"display_name", "real_name", "name"};
	const json_t *profile = json_object_get(o, "profile");
	const char *s = NULL;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !s; i++) {
		s = member_str(profile, members[i]);
		if (!s)
			s = member_str(o, members[i]);
	}
	return s;
}

bool names_add_user(struct slack_names *n, const json_t *user)
{
	const char *id = member_str(user, "id"), *name = names_of(user);

	if (!names_is_id(id) || !name)
		return false;
	names_put(&n->users, id, name);
	return true;
}

static void add_person(struct buf *out, const struct slack_names *n, const char *id)
{
	const char *name = names_user(n, id);

	if (!names_is_id(id))
		return;
	buf_adds(out, out->len ? ", @" : "@");
	buf_adds(out, name ? name : id);
}

bool names_add_channel(struct slack_names *n, const json_t *channel)
{
	const json_t *members = json_object_get(channel, "members");
	const char *id = member_str(channel, "id"), *name = member_str(channel, "name");
	struct buf direct = {0};

	if (!names_is_id(id))
		return false;
	if (!name && member_str(channel, "user"))
		add_person(&direct, n, member_str(channel, "user"));
	else if (!name)
		for (size_t i = 0; i < json_array_size(members) && i < MEMBERS_MAX; i++)
			add_person(&direct, n, json_string_value(json_array_get(members, i)));
	if (!name && direct.len)
		name = buf_cstr(&direct);
	if (name)
		names_put(&n->channels, id, name);
	buf_release(&direct);
	return name != NULL;
}

const char *names_user(const struct slack_names *n, const char *id)
{
	return names_get(&n->users, id);
}

const char *names_channel(const struct slack_names *n, const char *id)
{
	return names_get(&n->channels, id);
}
