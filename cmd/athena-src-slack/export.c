/* SPDX-License-Identifier: ISC */
/* A run over an export: its days in their order, and what each says that is new. */
#include "export.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "known.h"
#include "member.h"
#include "stamp.h"
#include "xalloc.h"

/* The day of a file's name is that of the workspace's time zone: a day, and what that may be off UTC. */
#define DAY_AFTER  (INT64_C(3) * 86400 * STAMP_SECOND)
#define DAY_BEFORE (INT64_C(1) * 86400 * STAMP_SECOND)

/* ---- events of a message ---- */

int export_emit(struct slack_export *x, const struct event *e)
{
	return source_wants(x->src, e->timestamp) ? oldest_emit(&x->oldest, x->src, e) : 0;
}

static int emit_files(struct slack_export *x, const struct slack_place *p, const json_t *message)
{
	const json_t *file;
	struct event e;
	int rc = 0;

	for (size_t at = 0; !rc && (file = slack_next_file(message, &at));)
		if (slack_file(&x->maker, p, message, file, &e))
			rc = export_emit(x, &e);
	return rc;
}

/* The revision of a reaction that the export before had otherwise. */
static int64_t change(struct slack_export *x)
{
	x->told = x->made;
	return x->made;
}

/* Those that are new, and those that were taken back. `entry` NULL: all are new. */
static int emit_reactions(struct slack_export *x, const struct slack_place *p, const json_t *message,
			  const json_t *entry)
{
	struct slack_reaction r = {0}, gone = {.removed = true};
	size_t kind = 0, giver = 0, n = 0;
	struct event e;
	int rc = 0;

	while (!rc && slack_next_reaction(&x->maker, message, &r)) {
		if (entry && (n++ >= KNOWN_REACTIONS || !known_is_plain(r.name, r.user) ||
			      known_has_reaction(entry, r.name, r.user)))
			continue;
		if (slack_reaction(&x->maker, p, message, &r, entry ? change(x) : EVENT_NONE, &e))
			rc = export_emit(x, &e);
	}
	while (!rc && entry && x->maker.reactions && known_next_reaction(entry, &kind, &giver, &gone))
		if (!known_is_shown(message, gone.name, gone.user) &&
		    slack_reaction(&x->maker, p, message, &gone, change(x), &e))
			rc = export_emit(x, &e);
	return rc;
}

/* `before` is the revision that is known, where it is another text now. */
static int emit_text(struct slack_export *x, const struct slack_place *p, const json_t *message,
		     bool is_known, int64_t before, struct event *e)
{
	int rc;

	if (is_known && strcmp(e->kind, "message.deleted") != 0)
		e->revision = known_revision(e->revision, before);
	rc = export_emit(x, e);
	return rc ? rc : emit_files(x, p, message);
}

/* Without threads there is what the channel shows. */
static bool is_asked(const struct slack_export *x, const json_t *message)
{
	const char *subtype = member_str(message, "subtype");

	if (!x->options->threads && slack_is_reply(message) &&
	    !(subtype && !strcmp(subtype, "thread_broadcast")))
		return false;
	return slack_wanted(&x->maker, message);
}

static int emit_message(struct slack_export *x, const struct export_day *day, const json_t *message)
{
	const char *id = x->channels[day->channel].id;
	const struct slack_place place = {.id = id, .name = names_channel(&x->names, id)};
	const json_t *entry = export_recent_entry(x, message);
	char hash[KNOWN_HASH + 1] = "";
	int64_t revision = EVENT_NONE;
	struct event e;
	int rc = 0;

	if (!is_asked(x, message) || export_recent_is_twice(x, message))
		return 0;
	if (x->before || x->now)
		known_hash(message, hash);
	if (!entry || !known_is_same(entry, hash, &revision)) {
		if (!slack_message(&x->maker, &place, message, &e)) {
			export_reject(x, day->file, x->element);
			return 0;
		}
		rc = emit_text(x, &place, message, entry != NULL, revision, &e);
		revision = e.revision;
	}
	if (!rc)
		rc = emit_reactions(x, &place, message, entry);
	if (!rc)
		export_recent_keep(x, message, hash, revision);
	return rc;
}

/* ---- days ---- */

static int each_message(struct slack_export *x, json_t *message, void *day)
{
	/* of slackdump's dumps; the first may be the message itself */
	const json_t *replies = json_object_get(message, "slackdump_thread_replies");
	int rc;

	if (source_interrupted())
		return SOURCE_STOP;
	log_progress("MiB", x->bytes_done >> 20, x->bytes >> 20);
	rc = emit_message(x, day, message);
	for (size_t i = 0; i < json_array_size(replies) && !rc; i++) {
		const json_t *reply = json_array_get(replies, i);

		if (!json_equal(json_object_get(reply, "ts"), json_object_get(message, "ts")))
			rc = emit_message(x, day, reply);
	}
	return rc;
}

/* A damaged file is not done: another run tries again, when it may have been replaced. */
static int read_day(struct slack_export *x, struct export_day *day)
{
	int rc, gone;

	if (day->known && !x->made)
		export_recent_age(x);
	export_recent_begin(x, day);
	rc = export_read(x, day->file, each_message, day);
	day->done = !rc && !x->damage;
	if (x->damage)
		x->worst = x->damage;
	gone = export_recent_end(x, day);
	day->done = day->done && !gone;
	return rc ? rc : gone;
}

/* When the day begins, by its name; false for a dump, which is of no day. */
static bool day_begins(const struct export_day *day, int64_t *at)
{
	char text[11] = "";

	if (day->key_len != sizeof(text) - 1)
		return false;
	memcpy(text, day->key, sizeof(text) - 1);
	return stamp_when(text, 0, at);
}

/* Days that can have nothing between --since and --until count as read. */
static void pass_over(struct slack_export *x)
{
	const struct source *src = x->src;

	for (size_t i = 0; i < x->n_days; i++) {
		struct export_day *day = &x->days[i];
		int64_t at;

		if (day_begins(day, &at) && ((src->since != SOURCE_NO_TIME && at + DAY_AFTER < src->since) ||
					     (src->until != SOURCE_NO_TIME && at - DAY_BEFORE >= src->until)))
			day->done = true;
		if (!day->done)
			x->bytes += day->file->size;
	}
}

/* Under --limit without --cursor: what comes now is newer than all that is kept. */
static bool has_oldest(const struct slack_export *x, const struct export_day *day)
{
	int64_t at;

	return x->src->limit >= 0 && !x->src->file.path && (int64_t)x->oldest.n >= x->src->limit &&
	       day_begins(day, &at) && (!x->oldest.n || at - DAY_BEFORE > x->oldest.heap[0].timestamp);
}

static int checkpoint(struct slack_export *x)
{
	json_t *mark = export_mark(x);
	int rc = source_checkpoint(x->src, x->selection, mark);

	json_decref(mark);
	return rc;
}

static int run(struct slack_export *x)
{
	int rc = 0;

	x->in_days = true;
	for (size_t i = 0; i < x->n_days && !rc; i++) {
		struct export_day *day = &x->days[x->order[i]];

		if (day->done)
			continue;
		if (has_oldest(x, day))
			break;
		rc = read_day(x, day);
		if (!rc && source_due(x->src))
			rc = checkpoint(x);
		if (!rc && x->src->file.path && source_limit_reached(x->src))
			rc = SOURCE_STOP;
	}
	return rc ? rc : oldest_write(&x->oldest, x->src);
}

/* ---- the whole ---- */

static void say_left_out(const struct slack_export *x)
{
	if (x->archive.outside)
		log_warn("%s: %zu files whose names lead out of the archive; left out", x->archive.path,
			 x->archive.outside);
	if (x->nameless > 1)
		log_warn("%s: %zu folders in all have no channel id", x->archive.path, x->nameless);
	if (x->foreign)
		log_verbose("%s: %zu JSON files are no messages (canvases, logs of integrations); left out",
			    x->archive.path, x->foreign);
	if (x->src->metrics.rejects)
		log_warn("%s: %s messages or files left out", x->archive.path,
			 log_count((uint64_t)x->src->metrics.rejects));
}

static int open_all(struct slack_export *x)
{
	int rc;

	source_confine(x->src, 0, NULL, 0);
	rc = archive_open(&x->archive, x->options->path);

	if (!rc)
		rc = export_layout(x);
	if (!rc)
		rc = export_team(x);
	if (rc)
		return rc;
	x->maker = (struct slack_maker){.team = x->team,
					.base = x->base,
					.names = &x->names,
					.reactions = x->options->reactions,
					.bots = x->options->bots};
	rc = source_begin(x->src, x->source_id);
	if (rc)
		return rc;
	x->selection = export_selection(x);
	export_recent_plan(x);
	rc = export_mark_load(x);
	pass_over(x);
	return rc;
}

static void close_all(struct slack_export *x)
{
	for (size_t i = 0; i < x->n_days; i++)
		json_decref(x->days[i].known);
	for (size_t i = 0; i < x->n_channels; i++)
		free(x->channels[i].id);
	free(x->channels);
	free(x->days);
	free(x->order);
	free(x->boundary);
	free(x->team);
	free(x->base);
	free(x->source_id);
	json_decref(x->selection);
	names_release(&x->names);
	names_table_release(&x->folders);
	oldest_release(&x->oldest);
	slack_maker_release(&x->maker);
	archive_close(&x->archive);
}

int export_main(struct source *src, const struct export_options *o)
{
	struct slack_export x = {.options = o, .src = src};
	json_t *mark = NULL;
	int rc = open_all(&x);

	if (!rc && (src->check || src->plan)) {
		rc = src->check ? export_check(&x) : export_plan(&x);
	} else if (!rc) {
		rc = run(&x);
		mark = export_mark(&x);
		say_left_out(&x);
		if (rc <= 0 && x.worst)
			rc = x.worst;
	}
	rc = source_end(src, rc, x.selection, mark);
	json_decref(mark);
	close_all(&x);
	return rc;
}
