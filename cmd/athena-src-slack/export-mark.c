/* SPDX-License-Identifier: ISC
 *
 * What the cursor of an export says:
 *
 *	{"export":{"channels":{ID:{"through":KEY,"hash":H,     all its day files up to KEY, by one hash
 *	                           "days":{KEY:"<crc>-<size>"},   and later ones one by one
 *	                           "messages":{KEY:{TS:ENTRY}}}},    see known.h; of the newest
 *	           "told":US}}                                    the last export that told of a reaction
 *
 * A day file that has the same CRC-32 and size is the same; another one is read again, whole. Only the newest
 * EXPORT_DAYS_MAX day files of the export are listed, so that the cursor does not grow with the years.
 */
#include "export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "xalloc.h"

enum { SUM = 48 };

/* "1a2b3c4d-1234" */
static void sum_text(const struct export_day *day, char text[SUM])
{
	snprintf(text, SUM, "%08" PRIx32 "-%" PRIu64, day->file->crc, day->file->size);
}

static char *key_text(const struct export_day *day)
{
	return xstrndup(day->key, day->key_len);
}

static int compare_key(const struct export_day *day, const char *key)
{
	int order = strncmp(day->key, key, day->key_len);

	return order ? order : -(key[day->key_len] != '\0');
}

/* ---- hashes of a channel's first days ---- */

#define CHAIN_START UINT64_C(14695981039346656037)

/* FNV-1a over name, CRC and size: nobody gains from two exports that look alike. */
static uint64_t chain(uint64_t h, const struct export_day *day)
{
	char text[SUM];

	sum_text(day, text);
	for (size_t i = 0; i < day->key_len; i++)
		h = (h ^ (unsigned char)day->key[i]) * UINT64_C(1099511628211);
	for (const char *c = text; *c; c++)
		h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
	return h;
}

static void chain_text(uint64_t h, char text[SUM])
{
	snprintf(text, SUM, "%016" PRIx64, h);
}

/* ---- loading ---- */

/* The days up to `through`, if they are still the same. */
static int load_first(struct slack_export *x, const struct export_channel *c, const json_t *o)
{
	const char *through = member_str(o, "through"), *hash = member_str(o, "hash");
	uint64_t h = CHAIN_START;
	char text[SUM];
	size_t n = 0;

	if (!through || !hash)
		return 0;
	for (; n < c->n && compare_key(&x->days[c->first + n], through) <= 0; n++) {
		int rc = archive_sum(&x->archive, x->days[c->first + n].file);

		if (rc)
			return rc;
		h = chain(h, &x->days[c->first + n]);
	}
	chain_text(h, text);
	if (!strcmp(text, hash))
		for (size_t i = 0; i < n; i++)
			x->days[c->first + i].done = true;
	return 0;
}

/* "-1234" at its end: another size is another file, without reading it */
static bool same_size(const char *sum, const struct export_day *day)
{
	const char *dash = strchr(sum, '-');

	return dash && strtoull(dash + 1, NULL, 10) == day->file->size;
}

static int load_day(struct slack_export *x, struct export_day *day, const json_t *days,
		    const json_t *messages)
{
	char *key = key_text(day), text[SUM];
	const char *sum = member_str(days, key);
	int rc = 0;

	day->known = json_incref(json_object_get(messages, key));
	free(key);
	if (!sum || !same_size(sum, day))
		return 0;
	rc = archive_sum(&x->archive, day->file);
	sum_text(day, text);
	if (!rc && !strcmp(sum, text))
		day->done = true;
	return rc;
}

static int load(struct slack_export *x, const json_t *channels)
{
	int rc = 0;

	for (size_t i = 0; i < x->n_channels && !rc; i++) {
		const struct export_channel *c = &x->channels[i];
		const json_t *o = json_object_get(channels, c->id);

		rc = load_first(x, c, o);
		for (size_t k = 0; k < c->n && !rc; k++)
			rc = load_day(x, &x->days[c->first + k], json_object_get(o, "days"),
				      json_object_get(o, "messages"));
	}
	return rc;
}

/* A floor that was lowered since: what lies below it was never given. */
static bool floor_was_lowered(const struct slack_export *x)
{
	const char *floor = member_str(x->src->from->selection, "since");
	json_t *now = json_object();
	bool lowered;

	source_floor(x->src, now);
	lowered = floor && (!member_str(now, "since") || strcmp(member_str(now, "since"), floor) != 0);
	json_decref(now);
	return lowered;
}

static void set_boundary(struct slack_export *x)
{
	if (x->n_days > EXPORT_DAYS_MAX)
		x->boundary = key_text(&x->days[x->order[x->n_days - EXPORT_DAYS_MAX - 1]]);
}

int export_mark_load(struct slack_export *x)
{
	static const char *const continuable[] = {"channel", "since", NULL};
	json_int_t told;
	json_t *channels;
	int rc;

	set_boundary(x);
	if (!x->src->from)
		return 0;
	rc = source_same_selection(x->src, x->selection, continuable);
	if (rc)
		return rc;
	channels = json_object_get(json_object_get(x->src->from->position, "export"), "channels");
	if (!json_is_object(channels))
		return log_error(
			EX_CONFIG,
			"%s: holds no position of an export; use a cursor file of its own for --export",
			x->src->file.path);
	told = json_integer_value(json_object_get(json_object_get(x->src->from->position, "export"), "told"));
	x->told = told > 0 && told < INT64_C(1) << 53 ? told : 0;
	if (floor_was_lowered(x))
		return 0;
	x->known = channels;
	return load(x, channels);
}

/* ---- saving ---- */

static json_t *mark_channel(const struct slack_export *x, const struct export_channel *c)
{
	const struct export_day *days = &x->days[c->first];
	json_t *o = json_object(), *later = json_object(), *messages = json_object();
	uint64_t h = CHAIN_START;
	char text[SUM];
	size_t n = 0;

	for (; x->boundary && n < c->n && days[n].done && compare_key(&days[n], x->boundary) <= 0; n++)
		h = chain(h, &days[n]);
	if (n) {
		char *through = key_text(&days[n - 1]);

		chain_text(h, text);
		json_object_set_new(o, "through", json_string(through));
		json_object_set_new(o, "hash", json_string(text));
		free(through);
	}
	for (; n < c->n; n++) {
		char *key = key_text(&days[n]);

		sum_text(&days[n], text);
		if (days[n].done)
			json_object_set_new(later, key, json_string(text));
		if (days[n].known)
			json_object_set(messages, key, days[n].known);
		free(key);
	}
	if (json_object_size(later))
		json_object_set(o, "days", later);
	if (json_object_size(messages))
		json_object_set(o, "messages", messages);
	json_decref(later);
	json_decref(messages);
	return o;
}

json_t *export_mark(const struct slack_export *x)
{
	/* Channels that this export does not have, or that were not asked for, keep what was known. */
	json_t *channels = x->known ? json_copy(x->known) : json_object(), *mark;

	for (size_t i = 0; i < x->n_channels; i++) {
		json_t *o = mark_channel(x, &x->channels[i]);

		if (json_object_size(o))
			json_object_set(channels, x->channels[i].id, o);
		else
			json_object_del(channels, x->channels[i].id);
		json_decref(o);
	}
	mark = json_pack("{s:o}", "channels", channels);
	if (x->told)
		json_object_set_new(mark, "told", json_integer(x->told));
	return json_pack("{s:o}", "export", mark);
}

json_t *export_selection(const struct slack_export *x)
{
	const struct opt_list *list = x->options->channels;
	json_t *o = json_object();

	json_object_set_new(o, "export", json_true());
	if (x->options->bots)
		json_object_set_new(o, "bots", json_true());
	if (!x->options->reactions)
		json_object_set_new(o, "no_reactions", json_true());
	if (!x->options->threads)
		json_object_set_new(o, "no_threads", json_true());
	if (list && list->n) {
		json_t *channels = json_array();

		for (size_t i = 0; i < list->n; i++)
			json_array_append_new(channels, json_string(list->items[i]));
		json_object_set_new(o, "channel", channels);
	}
	source_floor(x->src, o);
	return o;
}
