/* SPDX-License-Identifier: ISC
 *
 * What the cursor of a github source says:
 *
 *	{"repository":{"id":N,"names":[NAME]},    which one it is, and what it was called, first name first
 *	 "streams":{NAME:{"scope":[WORD],         what was asked of the list: a wider question reads it anew
 *	                  "done":MARK,            see mark.h
 *	                  "walk":MARK,"next":PAGE,   newest-first lists: a walk that is not at its end yet
 *	                  "through":ID,              and the last item done of that page
 *	                  "read":true,            its end was reached in a round that others are not through yet,
 *	                  "failed":true,          or it was tried then, in vain: the others are first
 *	                  "base":TIME,               see fetch.h; "" for none
 *	                  "branches":{...}}}}     of commits, see commits.c
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "file.h"
#include "fetch.h"
#include "stamp.h"
#include "xalloc.h"

static bool strings_only(json_t *array)
{
	json_t *v;
	size_t i;

	json_array_foreach (array, i, v)
		if (!json_is_string(v))
			return false;
	return true;
}

static bool branches_are_sound(json_t *branches)
{
	const char *name, *member;
	json_t *b, *v;

	if (branches && !json_is_object(branches))
		return false;
	json_object_foreach (branches, name, b) {
		if (!json_is_object(b))
			return false;
		json_object_foreach (b, member, v)
			if (!json_is_string(v) && !json_is_integer(v) &&
			    !(json_is_array(v) && strings_only(v)))
				return false;
	}
	return true;
}

static bool load_stream(struct stream *s, json_t *o)
{
	json_t *scope = json_object_get(o, "scope"), *branches = json_object_get(o, "branches");
	const char *next = event_str(o, "next"), *through = event_str(o, "through"),
		   *base = event_str(o, "base");

	if (!o)
		return true;
	if (!json_array_size(scope) || !strings_only(scope) || !branches_are_sound(branches) ||
	    !mark_load(&s->mark, json_object_get(o, "done")) ||
	    !mark_load(&s->walk, json_object_get(o, "walk")))
		return false;
	s->scope = json_incref(scope);
	s->branches = branches ? json_deep_copy(branches) : NULL;
	s->turn = json_is_true(json_object_get(o, "read"))     ? TURN_READ
		  : json_is_true(json_object_get(o, "failed")) ? TURN_FAILED
							       : TURN_FIRST;
	s->based = base != NULL;
	s->base = MARK_NONE;
	if (base && *base && !stamp_parse(base, strlen(base), &s->base))
		return false;
	s->next = next ? xstrdup(next) : NULL;
	s->through = next && through ? xstrdup(through) : NULL;
	return true;
}

static bool load(struct fetch *f, json_t *position)
{
	json_t *repository = json_object_get(position, "repository"),
	       *names = json_object_get(repository, "names");
	json_t *streams = json_object_get(position, "streams");

	if (event_int(repository, "id") < 0 || !json_array_size(names) || !strings_only(names) ||
	    !json_is_object(streams))
		return false;
	for (size_t i = 0; i < STREAMS; i++)
		if (!load_stream(&f->streams[i], json_object_get(streams, f->streams[i].type->name)))
			return false;
	f->names = json_copy(names);
	return true;
}

int position_load(struct fetch *f, json_t *position)
{
	if (!position)
		return 0;
	if (!load(f, position))
		return log_error(EX_CONFIG,
				 "%s: holds no position of a github source that this version can read; put "
				 "back another, or remove it to start afresh",
				 f->src->file.path);
	if (event_int(json_object_get(position, "repository"), "id") != f->id)
		return log_error(EX_CONFIG,
				 "%s: this cursor is of another repository, which was called %s too; use "
				 "another cursor file",
				 f->src->file.path, f->full_name);
	return 0;
}

static void put(json_t *o, const char *name, json_t *value)
{
	if (value)
		json_object_set_new(o, name, value);
}

static json_t *stream_json(const struct stream *s, const char *turn)
{
	json_t *o = json_object();

	char base[STAMP_SIZE] = "";

	json_object_set(o, "scope", s->scope);
	put(o, "done", mark_json(&s->mark));
	if (s->based && s->base != MARK_NONE)
		stamp_format(s->base, base);
	if (turn)
		json_object_set_new(o, turn, json_true());
	put(o, "base", s->based ? json_string(base) : NULL);
	if (s->next) {
		put(o, "walk", mark_json(&s->walk));
		put(o, "next", json_string(s->next));
		put(o, "through", s->through ? json_string(s->through) : NULL);
	}
	if (json_object_size(s->branches))
		put(o, "branches", json_deep_copy(s->branches));
	return o;
}

static const char *turn_of(const struct fetch *f, const struct stream *s)
{
	if (fetch_is_read(f, s))
		return "read";
	return s->failed || s->turn == TURN_FAILED ? "failed" : NULL;
}

json_t *position_json(const struct fetch *f)
{
	json_t *streams = json_object(), *position = json_object(), *repository = json_object();
	bool through = fetch_through(f);

	for (size_t i = 0; i < STREAMS; i++) {
		const struct stream *s = &f->streams[i];

		if (s->scope)
			json_object_set_new(streams, s->type->name,
					    stream_json(s, through ? NULL : turn_of(f, s)));
	}
	json_object_set_new(repository, "id", json_integer(f->id));
	json_object_set_new(repository, "names", json_copy(f->names));
	json_object_set_new(position, "repository", repository);
	json_object_set_new(position, "streams", streams);
	return position;
}

char *position_source_id(const char *path, int64_t id)
{
	struct buf text, canonical = {0};
	struct cursor c = {0};
	const char *why, *first;
	char *source_id = NULL;

	buf_init(&text, CURSORFILE_MAX);
	if (path && !file_read(path, &text) &&
	    cursor_parse(&c, text.data, text.len, &canonical, &why) == CURSOR_OK) {
		const json_t *repository = json_object_get(c.position, "repository");

		first = json_string_value(json_array_get(json_object_get(repository, "names"), 0));
		if (first && event_int(repository, "id") == id && !strncmp(c.source_id, "github:", 7) &&
		    !strcmp(c.source_id + 7, first))
			source_id = xstrdup(c.source_id);
	}
	cursor_release(&c);
	buf_release(&text);
	buf_release(&canonical);
	return source_id;
}
