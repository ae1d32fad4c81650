/* SPDX-License-Identifier: ISC */
#include "mark.h"

#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "xalloc.h"

static bool is_within(const json_t *v, int64_t least, int64_t most)
{
	return json_is_integer(v) && json_integer_value(v) >= least && json_integer_value(v) <= most;
}

bool mark_load(struct mark *m, json_t *object)
{
	const json_t *at = json_object_get(object, "at");
	json_t *near = json_object_get(object, "near"), *entry;
	const char *key;

	*m = (struct mark){.at = MARK_NONE};
	if (!object)
		return true;
	if (!json_is_string(at) || !stamp_parse(json_string_value(at), json_string_length(at), &m->at) ||
	    (near && !json_is_object(near)))
		return false;
	json_object_foreach (near, key, entry)
		if (json_array_size(entry) != 3 ||
		    !is_within(json_array_get(entry, 0), STAMP_MIN / STAMP_SECOND,
			       STAMP_MAX / STAMP_SECOND) ||
		    !json_is_string(json_array_get(entry, 1)) ||
		    !is_within(json_array_get(entry, 2), 0, STAMP_SECOND))
			return false;
	m->near = near ? json_copy(near) : NULL;
	return true;
}

json_t *mark_json(const struct mark *m)
{
	char text[STAMP_SIZE];
	json_t *object;

	if (m->at == MARK_NONE)
		return NULL;
	stamp_format(m->at, text);
	object = json_object();
	json_object_set_new(object, "at", json_string(text));
	if (json_object_size(m->near))
		json_object_set_new(object, "near", json_copy(m->near));
	return object;
}

void mark_release(struct mark *m)
{
	json_decref(m->near);
	*m = (struct mark){.at = MARK_NONE};
}

static int64_t seconds_of(const json_t *entry)
{
	return json_integer_value(json_array_get(entry, 0));
}

enum mark_verdict mark_look(const struct mark *m, const char *key, int64_t us, const char *hash,
			    int64_t *bump)
{
	const json_t *entry = json_object_get(m->near, key);

	*bump = 0;
	if (!entry || seconds_of(entry) != us / STAMP_SECOND)
		return MARK_NEW;
	*bump = json_integer_value(json_array_get(entry, 2));
	if (!strcmp(json_string_value(json_array_get(entry, 1)), hash))
		return MARK_KNOWN;
	++*bump;
	return MARK_CHANGED;
}

bool mark_is_past(const struct mark *m, int64_t us)
{
	return m->at != MARK_NONE && us < m->at - MARK_SPAN;
}

void mark_raise(struct mark *m, int64_t us)
{
	if (us > m->at)
		m->at = us;
}

void mark_note(struct mark *m, const char *key, int64_t us, const char *hash, int64_t bump)
{
	json_t *entry;

	if (mark_is_past(m, us))
		return;
	if (!m->near)
		m->near = json_object();
	entry = json_array();
	json_array_append_new(entry, json_integer(us / STAMP_SECOND));
	json_array_append_new(entry, json_string(hash));
	json_array_append_new(entry, json_integer(bump));
	json_object_set_new(m->near, key, entry);
}

void mark_forget(struct mark *m, const char *key)
{
	json_object_del(m->near, key);
}

static int newest_first(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* The second below which entries must go so that no more than MARK_NEAR_MAX stay. */
static int64_t crowd_floor(const struct mark *m, int64_t floor)
{
	size_t n = json_object_size(m->near), i = 0;
	int64_t *all;
	const char *key;
	json_t *entry;

	if (n <= MARK_NEAR_MAX)
		return floor;
	all = xreallocarray(NULL, n, sizeof(*all));
	json_object_foreach (m->near, key, entry)
		all[i++] = seconds_of(entry);
	qsort(all, n, sizeof(*all), newest_first);
	if (all[MARK_NEAR_MAX - 1] > floor)
		floor = all[MARK_NEAR_MAX - 1];
	free(all);
	return floor;
}

void mark_prune(struct mark *m)
{
	size_t left = json_object_size(m->near);
	int64_t floor;
	const char *key;
	json_t *entry;
	void *safe;

	if (m->at == MARK_NONE)
		return;
	floor = crowd_floor(m, (m->at - MARK_SPAN) / STAMP_SECOND);
	json_object_foreach_safe (m->near, safe, key, entry) {
		if (seconds_of(entry) < floor || (left > MARK_NEAR_MAX && seconds_of(entry) == floor)) {
			json_object_del(m->near, key);
			left--;
		}
	}
}

void mark_join(struct mark *m, const struct mark *from)
{
	const char *key;
	json_t *entry;

	json_object_foreach (from->near, key, entry)
		if (!json_object_get(m->near, key))
			mark_note(m, key, seconds_of(entry) * STAMP_SECOND,
				  json_string_value(json_array_get(entry, 1)),
				  json_integer_value(json_array_get(entry, 2)));
}
