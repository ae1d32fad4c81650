/* SPDX-License-Identifier: ISC */
#include "cursor.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

enum { DEPTH_MAX = 256 };

#define INTEGER_MAX (INT64_C(1) << 53)

static bool plain_string(const char *s, size_t n, const char **why)
{
	if (text_has_control(s, n))
		*why = "a string with a control character";
	else if (!text_valid(s, n))
		*why = "a string that is not UTF-8";
	else
		return true;
	return false;
}

/* Only values whose canonical form is the same everywhere. */
static bool representable(const json_t *v, int depth, const char **why)
{
	json_int_t i;
	const char *key;
	json_t *item;
	void *iter;
	size_t at;

	if (depth > DEPTH_MAX) {
		*why = "nesting beyond 256";
		return false;
	}
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		for (iter = json_object_iter((json_t *)v); iter;
		     iter = json_object_iter_next((json_t *)v, iter)) {
			key = json_object_iter_key(iter);
			if (!plain_string(key, strlen(key), why) ||
			    !representable(json_object_iter_value(iter), depth + 1, why))
				return false;
		}
		return true;
	case JSON_ARRAY:
		json_array_foreach (v, at, item)
			if (!representable(item, depth + 1, why))
				return false;
		return true;
	case JSON_STRING:
		return plain_string(json_string_value(v), json_string_length(v), why);
	case JSON_INTEGER:
		i = json_integer_value(v);
		if (i < -INTEGER_MAX || i > INTEGER_MAX) {
			*why = "an integer beyond 2^53";
			return false;
		}
		return true;
	case JSON_REAL:
		*why = "a number that is no integer, where a position has whole numbers and text";
		return false;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		return true;
	}
	return false;
}

static int add_chunk(const char *p, size_t n, void *data)
{
	buf_add(data, p, n);
	return 0;
}

bool cursor_canonical(const json_t *value, struct buf *out, const char **why)
{
	if (!representable(value, 0, why))
		return false;
	if (json_dump_callback(value, add_chunk, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) ||
	    out->over) {
		*why = "it is too large";
		return false;
	}
	return true;
}

bool cursor_is_hash(const char *s)
{
	return strlen(s) == SHA256_HEX - 1 && strspn(s, "0123456789abcdef") == SHA256_HEX - 1;
}

bool cursor_is_blank(const char *p, size_t n)
{
	while (n && strchr(" \t\r\n", p[n - 1]) && p[n - 1])
		n--;
	return !n;
}

static bool members_are_sound(json_t *object, const char **why)
{
	json_t *prev = json_object_get(object, "prev");

	if (!json_is_string(json_object_get(object, "source_id")))
		*why = "no source_id";
	else if (!json_is_object(json_object_get(object, "selection")))
		*why = "no selection";
	else if (!json_is_object(json_object_get(object, "cursor")))
		*why = "no cursor";
	else if (!json_is_null(prev) && !(json_is_string(prev) && cursor_is_hash(json_string_value(prev))))
		*why = "prev is neither null nor a SHA-256";
	else
		return true;
	return false;
}

enum cursor_status cursor_from_json(struct cursor *c, json_t *object, struct buf *canonical, const char **why)
{
	json_t *version = json_object_get(object, "athena_cursor");
	struct buf own = {0}, *form = canonical ? canonical : &own;
	size_t start = form->len;
	enum cursor_status status = CURSOR_DAMAGED;
	const char *prev;

	*c = (struct cursor){0};
	if (!json_is_integer(version) || json_integer_value(version) < 1) {
		*why = "no athena_cursor member";
		return CURSOR_DAMAGED;
	}
	if (json_integer_value(version) > CURSOR_VERSION) {
		*why = "it was written by a newer version";
		return CURSOR_NEWER;
	}
	if (!members_are_sound(object, why) || !cursor_canonical(object, form, why))
		goto out;
	c->source_id = xstrdup(json_string_value(json_object_get(object, "source_id")));
	c->selection = json_incref(json_object_get(object, "selection"));
	c->position = json_incref(json_object_get(object, "cursor"));
	prev = json_string_value(json_object_get(object, "prev"));
	if (prev)
		memcpy(c->prev, prev, SHA256_HEX);
	sha256_hex(form->data + start, form->len - start, c->hash);
	status = CURSOR_OK;
out:
	buf_release(&own);
	return status;
}

enum cursor_status cursor_parse(struct cursor *c, const char *p, size_t n, struct buf *canonical,
				const char **why)
{
	/* jansson takes a NUL for the end */
	json_t *object = n && memchr(p, '\0', n) ? NULL : json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);
	enum cursor_status status;

	*c = (struct cursor){0};
	if (!json_is_object(object)) {
		json_decref(object);
		*why = "it is no JSON object";
		return CURSOR_DAMAGED;
	}
	status = cursor_from_json(c, object, canonical, why);
	json_decref(object);
	return status;
}

bool cursor_seal(struct cursor *c, struct buf *out, const char **why)
{
	json_t *object = json_object(), *prev = *c->prev ? json_string(c->prev) : json_null();
	size_t start = out->len;
	bool ok;

	json_object_set_new(object, "athena_cursor", json_integer(CURSOR_VERSION));
	json_object_set_new(object, "source_id", json_string(c->source_id));
	json_object_set(object, "selection", c->selection);
	json_object_set(object, "cursor", c->position);
	json_object_set_new(object, "prev", prev);
	ok = members_are_sound(object, why) && cursor_canonical(object, out, why);
	if (ok)
		sha256_hex(out->data + start, out->len - start, c->hash);
	json_decref(object);
	return ok;
}

void cursor_release(struct cursor *c)
{
	free(c->source_id);
	json_decref(c->selection);
	json_decref(c->position);
	*c = (struct cursor){0};
}
