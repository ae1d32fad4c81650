/* SPDX-License-Identifier: ISC
 *
 * Options that mean the same everywhere, for a source that has them.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "checks.h"
#include "child.h"
#include "metrics.h"
#include "stamp.h"
#include "xalloc.h"

enum { RUNS_MAX = 12 /* of --limit 1 */ };

static bool has(struct trial *t, const char *name)
{
	return trial_has_option(t, name) || trial_skip(t, "it has no such option, and need not");
}

static void put_names(struct trial *t)
{
	static const char cure[] = "--source-id, --project and --session set source_id, project_id and "
				   "session_id of every event";
	struct output o = {0};

	if (!has(t, "source-id") || !has(t, "project") || !has(t, "session"))
		return;
	if (trial_runs(t, SINK_PIPE, "--source-id", "here", "--project", "7", "--session", "s1", NULL) &&
	    trial_reads(t, &o))
		for (size_t i = 0; i < o.n_events; i++) {
			const struct output_event *e = &o.events[i];

			if (strcmp(e->source_id, "here") != 0)
				trial_fail(t, cure, "--source-id here, and event %zu is of %s", i + 1,
					   e->source_id);
			else if (e->project != 7)
				trial_fail(t, cure, "--project 7, and event %zu has another project_id",
					   i + 1);
			else if (!e->session || strcmp(e->session, "s1") != 0)
				trial_fail(t, cure, "--session s1, and event %zu has the session_id %s",
					   i + 1, e->session ? e->session : "of none");
		}
	output_release(&o);
}

static int compare_times(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* A time with events before it and at or after it; the earliest where all have the same. */
static int64_t middle(const struct output *o)
{
	int64_t *times = xcalloc(o->n_events, sizeof(*times)), at;
	size_t i = o->n_events / 2;

	for (size_t k = 0; k < o->n_events; k++)
		times[k] = o->events[k].time;
	qsort(times, o->n_events, sizeof(*times), compare_times);
	while (i + 1 < o->n_events && times[i] == times[0])
		i++;
	at = times[i];
	free(times);
	return at;
}

/* With the option there are exactly those events that lie `before` the time, or not. */
static void put_bound(struct trial *t, const char *option, bool before)
{
	static const char cure[] = "[since, until) is compared with the timestamp of each event";
	int64_t at = middle(&t->base);
	struct output o = {0};
	char text[STAMP_SIZE];

	if (!has(t, option + 2))
		return;
	stamp_format(at, text);
	if (!trial_runs(t, SINK_PIPE, option, text, NULL) || !trial_reads(t, &o))
		goto out;
	for (size_t i = 0; i < o.n_events; i++)
		if ((o.events[i].time < at) != before)
			trial_fail(t, cure, "%s is not %s %s", o.events[i].id,
				   before ? "before" : "at or after", text);
	for (size_t i = 0; i < t->base.n_events; i++)
		if ((t->base.events[i].time < at) == before &&
		    !output_find(&o, t->base.events[i].id, t->base.events[i].revision))
			trial_fail(t, cure, "%s is missing with %s %s", t->base.events[i].id, option, text);
out:
	output_release(&o);
}

static void put_since(struct trial *t)
{
	put_bound(t, "--since", false);
}

static void put_until(struct trial *t)
{
	put_bound(t, "--until", true);
	if (t->verdict == VERDICT_PASSED &&
	    trial_run(t, SINK_PIPE, "--cursor", t->cursor, "--until", "2024-01-01", NULL))
		trial_refused(t, EX_USAGE,
			      "--until with --cursor, which would make a position of what was left out");
}

/* Does a run go from the position `before`, empty where there was none, to another, where it wrote events? */
static bool moves(struct trial *t, const struct output *o, const struct checkpoint *last, const char *before)
{
	const char *prev = o->checkpoints[0].line.prev;

	if (strcmp(prev, before) != 0)
		return trial_fail(t, "prev is the SHA-256 of F as it was found",
				  "with --limit 1 prev is %s, and F hashes to %s", *prev ? prev : "null",
				  *before ? before : "null");
	if (o->n_events && !strcmp(last->next, before))
		return trial_fail(t, "make a new position of every event, and stage it",
				  "with --limit 1 %s came, and the position stayed", o->events[0].id);
	return true;
}

/* Runs with --limit 1, each from where the one before stopped, all that they write in *text. Have they come
 * to the end? */
static bool in_small_steps(struct trial *t, struct buf *text)
{
	char before[SHA256_HEX] = "";

	for (int i = 0; i < RUNS_MAX; i++) {
		struct output o = {0};
		const struct checkpoint *cp = NULL;
		size_t events;
		bool goes_on;

		if (trial_runs(t, SINK_PIPE, "--cursor", t->cursor, "--limit", "1", NULL) &&
		    trial_reads(t, &o))
			cp = trial_final(t, &o);
		goes_on = cp && moves(t, &o, cp, before) && trial_promote(t, cp);
		if (goes_on)
			memcpy(before, cp->next, SHA256_HEX);
		events = o.n_events;
		output_release(&o);
		if (!goes_on)
			return false;
		if (!events)
			return true;
		buf_add(text, t->out.data, t->out.len);
	}
	return false;
}

/* Did another event happen at the same time? */
static bool has_twin(const struct output *o, size_t i)
{
	for (size_t k = 0; k < o->n_events; k++)
		if (k != i && o->events[k].time == o->events[i].time)
			return true;
	return false;
}

static void put_limit(struct trial *t)
{
	static const char cure[] = "end the run at the first boundary at or past N, with a checkpoint, and "
				   "let the next one go on from there";
	static const char twins[] =
		"it happened at the same time as another: where the position is a time, "
		"let it tell these apart too, or write them between the same two boundaries";
	const struct output_event *twice;
	struct output all = {0};
	struct buf text = {0};
	bool ended;

	if (!has(t, "limit"))
		return;
	ended = in_small_steps(t, &text);
	if (t->verdict != VERDICT_PASSED || !trial_takes(t, text.data, text.len, &all))
		goto out;
	twice = output_twice(&all);
	if (twice)
		trial_fail(t, cure, "with --limit 1 again and again %s came twice", twice->id);
	for (size_t i = 0; ended && i < t->base.n_events; i++)
		if (!output_find(&all, t->base.events[i].id, t->base.events[i].revision))
			trial_fail(t, has_twin(&t->base, i) ? twins : cure,
				   "with --limit 1 again and again %s did not come at all",
				   t->base.events[i].id);
out:
	buf_release(&text);
	output_release(&all);
}

static void put_check(struct trial *t)
{
	if (!has(t, "check") || !trial_runs(t, SINK_PIPE, "--check", NULL))
		return;
	if (!strstr(buf_cstr(&t->out), "ok"))
		trial_fail(
			t,
			"print a line for each thing that was looked at: ok, or what is wrong and what to do",
			"all is well, and it does not say ok");
}

static void put_plan(struct trial *t)
{
	if (!has(t, "plan") || !trial_runs(t, SINK_PIPE, "--plan", NULL))
		return;
	if (!t->out.len)
		trial_fail(t, "print what a run would do and cost", "it prints nothing");
}

static void put_metrics(struct trial *t)
{
	struct metrics m = {.events = -1};
	char *path = xasprintf("%s/metrics", t->folder);

	if (has(t, "metrics") && trial_runs(t, SINK_PIPE, "--metrics", path, NULL)) {
		if (!metrics_read(path, &m))
			trial_fail(t, "write Prometheus text to the file at the end of the run",
				   "there is no %s", path);
		else if (m.events < 0)
			trial_fail(t, "write Prometheus text, with a sample athena_events_total",
				   "it holds no athena_events_total");
		else if ((size_t)m.events != t->base.n_events)
			trial_fail(t, "count the events that were written",
				   "it says %lld events, and there were %zu", (long long)m.events,
				   t->base.n_events);
	}
	free(path);
}

static void put_missing(struct trial *t)
{
	if (!t->missing.n) {
		trial_skip(t, "name an input that is not there with --missing ARG, and it is asked");
		return;
	}
	if (!trial_run_bare(t, &t->missing, "--cursor", t->cursor, NULL))
		return;
	if (t->code != EX_NOINPUT && t->code != EX_UNAVAILABLE && t->code != EX_NOPERM)
		trial_fail(t,
			   "exit 66 where a local input is not there, 69 where another side does not have "
			   "it, 77 where it does not give it; 75 is for what comes back, so name with "
			   "--missing what never will",
			   "%s for an input that is not there", child_ended(t->code));
	else if (trial_refused(t, t->code, "an input that is not there"))
		trial_unmoved(t, "for an input that is not there");
}

const struct check checks_options[] = {
	{"names", "--source-id, --project and --session name the events", NEEDS_EVENTS, put_names},
	{"since", "--since cuts at the timestamp", NEEDS_TWO, put_since},
	{"until", "--until too, and excludes --cursor", NEEDS_TWO, put_until},
	{"limit", "--limit: each run goes on where the last one stopped", NEEDS_TWO, put_limit},
	{"check", "--check says that all is well", NEEDS_EVENTS, put_check},
	{"plan", "--plan says what a run would do", NEEDS_EVENTS, put_plan},
	{"metrics", "--metrics counts the events", NEEDS_EVENTS, put_metrics},
	{"missing", "an input that is not there is said, with 66, 69 or 77", NEEDS_NOTHING, put_missing},
	{0},
};
