/* SPDX-License-Identifier: ISC */
/* A run that ends before its time: what it did not get to is said, and is where the next one begins. */
#include "fetch.h"

#include <stdlib.h>

#include "xalloc.h"

/* The conversations that were not read to their end; those have their look back still to come. */
static size_t mark_left(struct fetch *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct channel *c = &f->channels[i];

		if (!c->selected || c->looked_at)
			continue;
		n++;
		if (!f->resumed && !*c->review && *c->done)
			ts_format(ts_us(c->done) + 1, c->review);
	}
	return n;
}

static void say_left(struct fetch *f, size_t channels, size_t due)
{
	size_t unread = threads_left(f);
	struct buf text = {0};

	if (channels)
		buf_addf(&text, ", %zu of %zu conversations", channels, f->n_selected);
	if (unread)
		buf_addf(&text, ", new replies of %zu thread%s", unread, unread == 1 ? "" : "s");
	if (due)
		buf_addf(&text, ", %zu thread%s whose time has come again", due, due == 1 ? "" : "s");
	if (f->src->from && sweep_due(f))
		buf_adds(&text, ", messages before --lookback");
	if (text.len)
		log_note("not looked at to the end: %s; the next run goes on there", buf_cstr(&text) + 2);
	buf_release(&text);
}

void cut_replies(struct fetch *f)
{
	say_left(f, 0, f->src->from ? looks_due(f) : 0);
	f->unsure = true;
}

/*
 * The next run completes the round and does not look back once more, or threads would never have their turn
 * where the budget is small. The sweep is no part of it: it may take weeks.
 */
void cut_short(struct fetch *f, const struct channel *next)
{
	size_t left = mark_left(f), due = f->src->from && !f->options->no_threads ? looks_due(f) : 0;

	f->cut = left || due;
	free(f->next);
	f->next = f->cut && next ? xstrdup(next->id) : NULL;
	say_left(f, left, due);
}
