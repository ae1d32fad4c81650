/* SPDX-License-Identifier: ISC */
#include "position.h"

#include <string.h>
#include <sysexits.h>

#include "log.h"

static bool text_oid(const char *s, git_oid *oid)
{
	return s && strlen(s) == GIT_OID_HEXSZ && !git_oid_fromstr(oid, s);
}

static bool load_oids(struct oid_list *list, const json_t *array)
{
	size_t i;
	json_t *v;

	if (array && !json_is_array(array))
		return false;
	json_array_foreach ((json_t *)array, i, v) {
		git_oid oid;

		if (!text_oid(json_string_value(v), &oid))
			return false;
		oid_list_add(list, &oid);
	}
	return true;
}

/* An object of which every value passes; an empty one where there is none. False for anything else. */
static bool load_object(json_t **out, json_t *v, bool (*good)(const json_t *value))
{
	const char *key;
	json_t *value;

	if (v && !json_is_object(v))
		return false;
	json_object_foreach (v, key, value)
		if (!good(value))
			return false;
	*out = v ? json_copy(v) : json_object();
	return true;
}

static bool is_oid(const json_t *v)
{
	git_oid oid;

	return text_oid(json_string_value(v), &oid);
}

static bool is_integer(const json_t *v)
{
	return json_is_integer(v);
}

static bool load(struct position *p, json_t *o)
{
	json_t *refs = json_object_get(o, "refs"), *scope = json_object_get(o, "scope");
	json_t *grafts = json_object_get(o, "grafts"), *worktree = json_object_get(o, "worktree");
	json_int_t skew = json_integer_value(json_object_get(o, "skew"));
	json_int_t newest = json_integer_value(json_object_get(o, "newest"));

	if (refs && (!load_object(&p->refs, refs, is_oid) || !(json_is_array(scope) || json_is_true(scope))))
		return false;
	p->scope = json_incref(scope);
	if (worktree && !load_object(&p->worktree, worktree, is_oid))
		return false;
	if (!load_object(&p->leads, json_object_get(o, "leads"), is_integer) ||
	    !load_object(&p->moves, json_object_get(o, "moves"), is_integer))
		return false;
	if (!load_oids(&p->frontier, json_object_get(o, "frontier")) ||
	    !load_oids(&p->seen, json_object_get(o, "seen")) ||
	    !load_oids(&p->shallow, json_object_get(o, "shallow")))
		return false;
	if (grafts && (!json_is_string(grafts) || json_string_length(grafts) != 64))
		return false;
	if (grafts)
		memcpy(p->grafts, json_string_value(grafts), sizeof(p->grafts));
	if (skew < 0 || skew > UINT32_MAX || newest < 0)
		return false;
	oid_list_sort(&p->shallow);
	p->skew = (uint32_t)skew;
	p->newest = (uint64_t)newest;
	p->whole = json_is_true(json_object_get(o, "whole"));
	return true;
}

int position_load(struct position *p, json_t *object)
{
	if (object && !load(p, object)) {
		position_release(p);
		return log_error(EX_CONFIG,
				 "the cursor file holds no position of a git source that this version "
				 "can read; put back another, or remove it to start afresh");
	}
	if (!object) {
		p->leads = json_object();
		p->moves = json_object();
	}
	return 0;
}

void position_release(struct position *p)
{
	json_decref(p->refs);
	json_decref(p->scope);
	json_decref(p->leads);
	json_decref(p->moves);
	json_decref(p->worktree);
	oid_list_release(&p->frontier);
	oid_list_release(&p->seen);
	oid_list_release(&p->shallow);
	*p = (struct position){0};
}

static void put_oids(json_t *o, const char *name, const struct oid_list *list)
{
	json_t *array;

	if (!list->n)
		return;
	array = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(git_oid_tostr_s(&list->items[i])));
	json_object_set_new(o, name, array);
}

static void put_object(json_t *o, const char *name, json_t *v)
{
	if (json_object_size(v))
		json_object_set(o, name, v);
}

json_t *position_json(const struct position *p)
{
	json_t *o = json_object();

	if (p->refs) {
		json_object_set(o, "refs", p->refs);
		json_object_set(o, "scope", p->scope);
	}
	put_oids(o, "frontier", &p->frontier);
	put_oids(o, "seen", &p->seen);
	put_oids(o, "shallow", &p->shallow);
	put_object(o, "leads", p->leads);
	put_object(o, "moves", p->moves);
	json_object_set_new(o, "skew", json_integer(p->skew));
	json_object_set_new(o, "newest", json_integer((json_int_t)p->newest));
	if (*p->grafts)
		json_object_set_new(o, "grafts", json_string(p->grafts));
	if (p->whole)
		json_object_set_new(o, "whole", json_true());
	if (p->worktree)
		json_object_set(o, "worktree", p->worktree);
	return o;
}

int64_t position_lead(const struct position *p, const git_oid *oid)
{
	const json_t *v = json_object_get(p->leads, git_oid_tostr_s(oid));

	return v ? json_integer_value(v) : 0;
}

bool position_ref(const struct position *p, const char *key, git_oid *oid)
{
	return text_oid(json_string_value(json_object_get(p->refs, key)), oid);
}
