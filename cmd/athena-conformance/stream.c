/* SPDX-License-Identifier: ISC
 *
 * The events of a run without a cursor.
 */
#include <string.h>

#include "checks.h"

/* One source, of the type that it says it is. */
static bool has_one_name(struct trial *t)
{
	const char *type = json_string_value(json_object_get(t->about, "type"));
	const struct output_event *first = t->base.events;

	for (size_t i = 0; i < t->base.n_events; i++) {
		const struct output_event *e = &t->base.events[i];

		if (type && strcmp(e->source_type, type) != 0)
			return trial_fail(
				t, "let --describe's type and the events' source_type be the same word",
				"event %zu has the source_type %s, and --describe says %s", i + 1,
				e->source_type, type);
		if (strcmp(e->source_id, first->source_id) != 0)
			return trial_fail(t, "one run is one source: the same source_id in every event",
					  "event %zu is of %s, the first one of %s", i + 1, e->source_id,
					  first->source_id);
	}
	return true;
}

static void put_events(struct trial *t)
{
	const struct output_event *twice;

	if (!trial_runs(t, SINK_PIPE, NULL) || !trial_reads(t, &t->base))
		return;
	if (!t->base.n_events) {
		trial_fail(t, "give it an input with some events, so that the rest can be asked",
			   "no events");
		return;
	}
	twice = output_twice(&t->base);
	if (twice)
		trial_fail(t,
			   "make ids of the source's own keys, unique within source_id; only a newer "
			   "revision may have the same",
			   "the id %s is there twice", twice->id);
	else
		t->sound = has_one_name(t);
}

static void put_plain(struct trial *t)
{
	if (trial_runs(t, SINK_PIPE, NULL) && strstr(buf_cstr(&t->out), "\"checkpoint\"")) {
		struct output o = {0};

		if (trial_reads(t, &o) && o.n_checkpoints)
			trial_fail(t, "write checkpoints with --cursor only",
				   "%zu checkpoints without --cursor", o.n_checkpoints);
		output_release(&o);
	}
}

static void put_repeatable(struct trial *t)
{
	struct output o = {0};

	if (!trial_runs(t, SINK_PIPE, NULL) || !trial_reads(t, &o))
		goto out;
	for (size_t i = 0; i < o.n_events && i < t->base.n_events; i++)
		if (strcmp(o.events[i].id, t->base.events[i].id) != 0 ||
		    o.events[i].time != t->base.events[i].time) {
			trial_fail(t,
				   "make ids, times and order of what is in the source alone, never of the "
				   "run: no clock, no random number, no counter of the process",
				   "event %zu was %s, and is %s in a second run", i + 1, t->base.events[i].id,
				   o.events[i].id);
			goto out;
		}
	if (o.n_events != t->base.n_events)
		trial_fail(t, "ask it for an input that does not change meanwhile",
			   "%zu events, and %zu in a second run", t->base.n_events, o.n_events);
out:
	output_release(&o);
}

const struct check checks_stream[] = {
	{"events", "every line is an event as athena-events(5) has it", NEEDS_NOTHING, put_events},
	{"plain", "without --cursor there is no checkpoint", NEEDS_EVENTS, put_plain},
	{"repeatable", "the same input gives the same events", NEEDS_EVENTS, put_repeatable},
	{0},
};
