/* SPDX-License-Identifier: ISC */
/*
 * What a newer export has otherwise. A day file that changed is read again, whole; of the newest days the
 * cursor remembers every message (known.h), so that only what is new or changed comes out, and what is
 * gone is noticed.
 */
#include "export.h"

#include <string.h>

#include "known.h"
#include "stamp.h"

enum { KEY_MAX = 48 };

/* "1704100001.000200", of a reply with its thread: "1704100001.000200/1704100000.000100" */
static bool key_of(const json_t *message, char key[KEY_MAX])
{
	const char *ts = json_string_value(json_object_get(message, "ts")),
		   *thread = slack_thread_ts(message);

	if (!ts || !thread)
		return false;
	snprintf(key, KEY_MAX, slack_is_reply(message) ? "%s/%s" : "%s", ts, thread);
	return true;
}

void export_recent_plan(struct slack_export *x)
{
	uint64_t bytes = 0;

	for (size_t i = x->n_days; i-- && x->src->file.path;) {
		struct export_day *day = &x->days[x->order[i]];

		bytes += day->file->size;
		if (bytes > EXPORT_KNOWN_BYTES)
			break;
		day->recent = true;
	}
}

/* ---- how old an export is ---- */

static int see_message(struct slack_export *x, json_t *message, void *unused)
{
	int64_t us;

	(void)unused;
	if (slack_ts(json_object_get(message, "ts"), &us) && us > x->made)
		x->made = us;
	return 0;
}

static bool same_key(const struct export_day *a, const struct export_day *b)
{
	return a->key_len == b->key_len && !memcmp(a->key, b->key, a->key_len);
}

/*
 * Slack has no time for a reaction, and an export none of its own: that of its files may be in any time zone, or
 * of when they were copied. The newest message of its last day stands for it, so that what the API saw since
 * stays newer, and the same export gives the same whoever reads it; later than that of the export before. A
 * dump's names tell no day, so all that are recent are looked into.
 */
void export_recent_age(struct slack_export *x)
{
	const struct export_day *last = &x->days[x->order[x->n_days - 1]];
	bool in_days = x->in_days;
	int64_t now = stamp_now();

	x->archive.quiet = true;
	x->in_days = false;
	for (size_t i = x->n_days; i--;) {
		const struct export_day *day = &x->days[x->order[i]];

		if (!day->recent || (export_is_day(last) && !same_key(day, last)))
			break;
		export_read(x, day->file, see_message, NULL);
	}
	x->archive.quiet = false;
	x->in_days = in_days;
	x->damage = 0;
	if (x->made > now)
		x->made = now;
	if (x->made <= x->told)
		x->made = x->told + 1;
}

/* ---- what it has otherwise ---- */

void export_recent_begin(struct slack_export *x, struct export_day *day)
{
	x->before = day->known;
	day->known = NULL;
	x->now = day->recent ? json_object() : NULL;
	x->first = INT64_MAX;
	x->last = INT64_MIN;
}

bool export_recent_is_twice(const struct slack_export *x, const json_t *message)
{
	char key[KEY_MAX];

	return x->now && key_of(message, key) && json_object_get(x->now, key);
}

json_t *export_recent_entry(const struct slack_export *x, const json_t *message)
{
	char key[KEY_MAX];

	return x->before && key_of(message, key) ? json_object_get(x->before, key) : NULL;
}

void export_recent_keep(struct slack_export *x, const json_t *message, const char *hash, int64_t revision)
{
	char key[KEY_MAX];
	int64_t us;

	if (!x->now || !key_of(message, key) || !slack_ts(json_object_get(message, "ts"), &us))
		return;
	if (x->n_known++ >= EXPORT_KNOWN_MAX) {
		json_decref(x->now); /* half a day would look as if the rest had gone */
		x->now = NULL;
		return;
	}
	x->first = us < x->first ? us : x->first;
	x->last = us > x->last ? us : x->last;
	json_object_set_new(x->now, key, known_make(&x->maker, message, hash, revision));
}

/*
 * A message that was in this file and is not. What stood at its very beginning or end may be in the file
 * of the day before or after now, where the time zone of the workspace is another.
 */
static int say_gone(struct slack_export *x, const struct slack_place *place, const char *key)
{
	const char *slash = strchr(key, '/');
	char ts[KEY_MAX];
	struct event e;
	int64_t us;

	snprintf(ts, sizeof(ts), "%.*s", (int)strcspn(key, "/"), key);
	if (!slack_ts_parse(ts, strlen(ts), &us) || us <= x->first || us >= x->last)
		return 0;
	return slack_deleted(&x->maker, place, ts, slash ? slash + 1 : NULL, &e) ? export_emit(x, &e) : 0;
}

int export_recent_end(struct slack_export *x, struct export_day *day)
{
	const char *id = x->channels[day->channel].id, *key;
	const struct slack_place place = {.id = id, .name = names_channel(&x->names, id)};
	json_t *entry;
	int rc = 0;

	json_object_foreach (x->before, key, entry)
		if (!rc && day->done && x->now && !json_object_get(x->now, key))
			rc = say_gone(x, &place, key);
	if (day->done && json_object_size(x->now))
		day->known = json_incref(x->now);
	else if (!day->done)
		day->known = json_incref(x->before);
	json_decref(x->before);
	json_decref(x->now);
	x->before = x->now = NULL;
	return rc;
}
