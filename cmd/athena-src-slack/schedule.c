/* SPDX-License-Identifier: ISC */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "sha256.h"
#include "member.h"
#include "xalloc.h"

enum { SCHEDULE_MAX = 1 << 20 /* bytes of the file */ };

#define AHEAD INT64_C(3600000000) /* microseconds that two clocks of a server may be apart */

/* A time; 0 where it is none. One to come was written while a clock was wrong: nothing would be due until then. */
static int64_t number(const json_t *o, const char *name, int64_t now)
{
	json_int_t n = json_integer_value(json_object_get(o, name));

	return n < 0 || n > now + AHEAD ? 0 : n;
}

/* A position, or none, by name. */
static void name_position(const json_t *position, char hash[SHA256_HEX])
{
	char *text = position ? json_dumps(position, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	*hash = '\0';
	if (text)
		sha256_hex(text, strlen(text), hash);
	free(text);
}

static void load_seen(struct schedule *s, json_t *seen, int64_t now)
{
	const char *id;
	const json_t *v;

	json_object_foreach (seen, id, v)
		if (number(seen, id, now))
			json_object_set_new(s->seen, id, json_integer(number(seen, id, now)));
}

void schedule_open(struct schedule *s, const char *state_dir, const char *name, const json_t *position,
		   int64_t now)
{
	char hash[SHA256_HEX], here[SHA256_HEX];
	struct buf text;
	json_t *o = NULL;
	const char *key, *goes_with;

	*s = (struct schedule){.pass = now, .swept = position ? 0 : now, .seen = json_object()};
	if (!state_dir)
		return;
	sha256_hex(name, strlen(name), hash);
	s->path = xasprintf("%s/slack-%.16s.looks", state_dir, hash);
	buf_init(&text, SCHEDULE_MAX);
	if (!file_read(s->path, &text) && text.len)
		o = json_loadb(text.data, text.len, 0, NULL);
	s->limited = number(o, "limited", now); /* whatever became of the position */
	name_position(position, here);
	goes_with = member_str(o, "position");
	if (goes_with && !strcmp(goes_with, here)) {
		s->before = xstrndup(text.data, text.len);
		s->looked = number(o, "looked", now);
		s->swept = number(o, "swept", now);
		key = member_str(o, "key");
		if (key && number(o, "pass", now)) {
			s->key = xstrdup(key);
			s->pass = number(o, "pass", now);
		}
		if (number(json_object_get(o, "sweep"), "began", now))
			s->sweep = json_deep_copy(json_object_get(o, "sweep"));
		load_seen(s, json_object_get(o, "seen"), now);
	}
	json_decref(o);
	buf_release(&text);
}

/* A number below the period that is always the same for this key. */
static int64_t phase(const char *key, int64_t period)
{
	uint64_t h = 14695981039346656037U;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211U;
	return (int64_t)(h % (uint64_t)period);
}

bool schedule_is_due(const struct schedule *s, const char *key, int64_t period)
{
	int64_t at = phase(key, period);

	if (s->key && strcmp(key, s->key) <= 0)
		return false;
	return (s->pass + at) / period > (s->looked + at) / period;
}

void schedule_done(struct schedule *s, const char *key)
{
	free(s->key);
	s->key = xstrdup(key);
}

void schedule_passed(struct schedule *s)
{
	free(s->key);
	s->key = NULL;
	if (s->pass > s->looked)
		s->looked = s->pass;
}

void schedule_keep(struct schedule *s, const json_t *position)
{
	json_t *o = json_object();
	char hash[SHA256_HEX], *text;

	name_position(position, hash);
	json_object_set_new(o, "position", json_string(hash));
	json_object_set_new(o, "looked", json_integer(s->looked));
	json_object_set_new(o, "swept", json_integer(s->swept));
	if (s->key) {
		json_object_set_new(o, "key", json_string(s->key));
		json_object_set_new(o, "pass", json_integer(s->pass));
	}
	if (s->sweep)
		json_object_set(o, "sweep", s->sweep);
	if (s->limited)
		json_object_set_new(o, "limited", json_integer(s->limited));
	json_object_set(o, "seen", s->seen);
	text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	if (s->path && (!s->before || strcmp(text, s->before) != 0) &&
	    file_replace(s->path, text, strlen(text), 0600, false))
		log_verbose("%s: cannot be kept: more will be looked at again than needed", s->path);
	free(text);
	json_decref(o);
}

void schedule_release(struct schedule *s)
{
	json_decref(s->sweep);
	json_decref(s->seen);
	free(s->path);
	free(s->key);
	free(s->before);
	*s = (struct schedule){0};
}
