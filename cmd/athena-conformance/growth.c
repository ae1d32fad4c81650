/* SPDX-License-Identifier: ISC
 *
 * A later run, after the input has grown.
 */
#include <string.h>

#include "checks.h"

/* A run with F, promoted; its output in *o, and its position in *next. */
static bool step(struct trial *t, struct output *o, char next[SHA256_HEX])
{
	const struct checkpoint *cp = NULL;

	if (trial_runs(t, SINK_PIPE, "--cursor", t->cursor, NULL) && trial_reads(t, o))
		cp = trial_final(t, o);
	if (!cp)
		return false;
	memcpy(next, cp->next, SHA256_HEX);
	return trial_promote(t, cp);
}

/* What the second run brought is new, and there is some of it. */
static bool is_news(struct trial *t, const struct output *first, const struct output *second)
{
	if (!second->n_events)
		return trial_fail(t,
				  "read on after the position that F names; and let the command given with "
				  "--grow add what makes an event",
				  "the input has grown, and there are no new events");
	for (size_t i = 0; i < second->n_events; i++)
		if (output_find(first, second->events[i].id, second->events[i].revision))
			return trial_fail(t, "write only what lies after the position that F names",
					  "%s had been acknowledged, and came again", second->events[i].id);
	return true;
}

static void put_grow(struct trial *t)
{
	struct output first = {0}, second = {0}, whole = {0};
	char before[SHA256_HEX], after[SHA256_HEX];

	if (!t->grow) {
		trial_skip(t, "give a command that adds to the input with --grow COMMAND, and it is asked");
		return;
	}
	if (!step(t, &first, before) || !trial_grows(t) || !step(t, &second, after) ||
	    !is_news(t, &first, &second))
		goto out;
	if (strcmp(second.checkpoints[0].line.prev, before) != 0)
		trial_fail(t, "prev is the SHA-256 of F as it was found",
			   "the second run does not begin where the first one ended");
	else if (!strcmp(before, after))
		trial_fail(t, "what is new moves the position", "events came, and the position stayed");
	if (!trial_runs(t, SINK_PIPE, NULL) || !trial_reads(t, &whole))
		goto out;
	for (size_t i = 0; i < whole.n_events; i++) {
		const struct output_event *e = &whole.events[i];

		if (!output_find(&first, e->id, e->revision) && !output_find(&second, e->id, e->revision))
			trial_fail(t,
				   "a first run and a later one together bring what one whole run brings, "
				   "under the same ids",
				   "%s is in a whole run, and came in neither of the two", e->id);
	}
out:
	output_release(&first);
	output_release(&second);
	output_release(&whole);
}

const struct check checks_growth[] = {
	{"grow", "a later run brings exactly what is new", NEEDS_EVENTS, put_grow},
	{0},
};
