/* SPDX-License-Identifier: ISC */
#include "frontier.h"

void frontier_begin(struct frontier *fr, const char *to)
{
	frontier_release(fr);
	fr->open = json_object();
	json_object_set_new(fr->open, to, json_false());
}

void frontier_know(struct frontier *fr, const char *oid)
{
	if (oid)
		json_object_set_new(fr->open, oid, json_true());
}

bool frontier_pass(struct frontier *fr, json_t *commit)
{
	const char *oid = json_string_value(json_object_get(commit, "sha")), *of;
	json_t *parents = json_object_get(commit, "parents"), *parent;
	bool known = json_is_true(json_object_get(fr->open, oid));
	size_t i;

	if (!fr->open)
		return false;
	fr->torn |= !oid || !json_is_array(parents);
	json_object_del(fr->open, oid);
	json_array_foreach (parents, i, parent) {
		of = json_string_value(json_object_get(parent, "sha"));
		fr->torn |= !of;
		if (known)
			json_object_set_new(fr->open, of, json_true());
		else if (!json_object_get(fr->open, of))
			json_object_set_new(fr->open, of, json_false());
	}
	return known;
}

bool frontier_is_crossed(const struct frontier *fr)
{
	const char *oid;
	json_t *known;

	json_object_foreach (fr->open, oid, known)
		if (!json_is_true(known))
			return false;
	return fr->open && !fr->torn;
}

void frontier_release(struct frontier *fr)
{
	json_decref(fr->open);
	*fr = (struct frontier){0};
}
