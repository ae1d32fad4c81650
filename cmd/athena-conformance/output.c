/* SPDX-License-Identifier: ISC */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "jsonscan.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum { SHOWN = 100 /* bytes of a line that is complained of */ };

/* The text of a string member, NULL where it is absent. */
static char *text_of(const struct jsonscan_member *m)
{
	char *text;

	if (!m)
		return NULL;
	text = xmalloc(m->len);
	text[jsonscan_unescape(m->value + 1, m->len - 2, text)] = '\0';
	return text;
}

static void add_event(struct output *o, const struct event_fields *f)
{
	const struct jsonscan_member *time = f->column[EVENT_TIMESTAMP];
	struct output_event e = {
		.id = text_of(f->column[EVENT_ID]),
		.source_id = text_of(f->column[EVENT_SOURCE_ID]),
		.source_type = text_of(f->column[EVENT_SOURCE_TYPE]),
		.session = text_of(f->column[EVENT_SESSION_ID]),
		.revision = f->column[EVENT_REVISION] ? f->integer[EVENT_REVISION] : 0,
		.project = f->column[EVENT_PROJECT_ID] ? f->integer[EVENT_PROJECT_ID] : EVENT_NONE,
	};

	stamp_parse(time->value + 1, time->len - 2, &e.time);
	o->events = xreallocarray(o->events, o->n_events + 1, sizeof(*o->events));
	o->events[o->n_events++] = e;
}

static void add_control(struct output *o, const char *line, size_t n, const char **wrong)
{
	struct output_checkpoint c = {.above = o->n_events};
	const char *why;

	switch (checkpoint_parse(&c.line, line, n, &why)) {
	case CHECKPOINT_OTHER:
		return;
	case CHECKPOINT_BROKEN:
		*wrong = why;
		checkpoint_release(&c.line);
		return;
	case CHECKPOINT_OK:
		break;
	}
	o->checkpoints = xreallocarray(o->checkpoints, o->n_checkpoints + 1, sizeof(*o->checkpoints));
	o->checkpoints[o->n_checkpoints++] = c;
}

/* Sets *wrong where the line is not what it must be. */
static void add_line(struct output *o, struct jsonscan *scan, struct event_fields *f, const char *line,
		     size_t n, const char **wrong)
{
	const char *why;

	if (n >= EVENT_LINE_MAX)
		*wrong = "longer than 1 MiB";
	else if (jsonscan_line(scan, line, n) != JSONSCAN_OK)
		*wrong = scan->why;
	else if (!event_check(scan, f, &why))
		*wrong = why;
	else if (f->control)
		add_control(o, line, n, wrong);
	else
		add_event(o, f);
}

static int compare(const void *a, const void *b)
{
	const struct output_event *x = *(const struct output_event *const *)a,
				  *y = *(const struct output_event *const *)b;
	int by_id = strcmp(x->id, y->id);

	return by_id ? by_id : (x->revision > y->revision) - (x->revision < y->revision);
}

static void sort(struct output *o)
{
	o->sorted = xcalloc(o->n_events + 1, sizeof(struct output_event *));
	for (size_t i = 0; i < o->n_events; i++)
		o->sorted[i] = &o->events[i];
	qsort(o->sorted, o->n_events, sizeof(struct output_event *), compare);
}

bool output_read(struct output *o, const char *p, size_t n, char **why)
{
	const char *end = n ? p + n : p, *newline, *wrong = NULL;
	struct event_fields fields = {0};
	struct jsonscan scan = EVENT_SCAN;

	for (; p < end && !wrong; p = newline ? newline + 1 : end) {
		size_t len;

		newline = memchr(p, '\n', (size_t)(end - p));
		len = (size_t)((newline ? newline : end) - p);
		o->n_lines++;
		if (!newline)
			wrong = "not ended with a newline";
		else if (!text_is_blank(p, len))
			add_line(o, &scan, &fields, p, len, &wrong);
		if (wrong) {
			o->wrong = xstrdup(wrong);
			*why = xasprintf("line %zu of its output: %s: %.*s", o->n_lines, wrong,
					 (int)(len < SHOWN ? len : SHOWN), p);
		}
	}
	sort(o);
	event_fields_release(&fields);
	jsonscan_release(&scan);
	return !wrong;
}

void output_release(struct output *o)
{
	for (size_t i = 0; i < o->n_events; i++) {
		free(o->events[i].id);
		free(o->events[i].source_id);
		free(o->events[i].source_type);
		free(o->events[i].session);
	}
	for (size_t i = 0; i < o->n_checkpoints; i++)
		checkpoint_release(&o->checkpoints[i].line);
	free(o->events);
	free(o->sorted);
	free(o->wrong);
	free(o->checkpoints);
	*o = (struct output){0};
}

const struct output_event *output_find(const struct output *o, const char *id, int64_t revision)
{
	struct output_event want = {.revision = revision}, *key = &want;
	struct output_event **found;

	want.id = (char *)id; /* only compared */
	found = bsearch(&key, o->sorted, o->n_events, sizeof(*o->sorted), compare);
	return found ? *found : NULL;
}

const struct output_event *output_twice(const struct output *o)
{
	for (size_t i = 1; i < o->n_events; i++)
		if (!compare(&o->sorted[i - 1], &o->sorted[i]))
			return o->sorted[i];
	return NULL;
}
