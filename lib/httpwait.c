/* SPDX-License-Identifier: ISC
 *
 * What a call waits for before it is sent: the limits of the server, its pace; and whether a run may take so long.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "httpcall.h"
#include "log.h"
#include "stamp.h"
#include "xalloc.h"

bool http_limit(struct http *h, unsigned i, int64_t until, const char *why)
{
	struct http_lane *lane = &h->lanes[i];

	if (until <= lane->not_before)
		return false;
	/* The same wait, read again, is longer or shorter by the time between two looks at a clock. */
	if (!lane->not_before || until - lane->not_before >= STAMP_SECOND) {
		lane->why = why;
		lane->said = false;
	}
	lane->not_before = until;
	return true;
}

int64_t http_when(int64_t at, char text[STAMP_SIZE])
{
	int64_t wall = stamp_now() + at - stamp_onward();

	stamp_format(wall / STAMP_SECOND * STAMP_SECOND, text);
	return wall;
}

/* Has the same been said of another lane? */
static bool was_said(const struct http *h, const char *why)
{
	bool said = false;

	for (unsigned i = 0; i <= HTTP_LANES; i++)
		said |= h->lanes[i].rc && h->lanes[i].why && !strcmp(h->lanes[i].why, why);
	return said;
}

static bool is_beyond_deadline(const struct http *h, int64_t until)
{
	return h->o->deadline >= 0 && until > h->started + h->o->deadline;
}

static void say_beyond(struct http *h, int64_t until, const char *why)
{
	struct metrics *m = h->setup.metrics;
	char text[STAMP_SIZE];
	int64_t wall = http_when(until, text);

	if (wall > m->retry_at_us)
		m->retry_at_us = wall;
	if (!was_said(h, why))
		log_error(EX_TEMPFAIL,
			  "%s: to go on before %s makes no sense, and --deadline is earlier; the next run "
			  "goes on",
			  why, text);
}

bool http_beyond_deadline(struct http *h, unsigned lane, int64_t until, const char *why)
{
	if (!is_beyond_deadline(h, until))
		return false;
	say_beyond(h, until, why);
	http_give_up(h, lane, EX_TEMPFAIL);
	return true;
}

bool http_call_beyond_deadline(struct http *h, struct http_call *c, const char *why)
{
	char *whose;

	if (!is_beyond_deadline(h, c->not_before))
		return false;
	whose = xasprintf("%s: %s", c->url, why);
	say_beyond(h, c->not_before, whose);
	free(whose);
	http_finish(c, EX_TEMPFAIL);
	return true;
}

bool http_kind_beyond_deadline(struct http *h, const struct http_call *c, int64_t until, const char *why)
{
	char *whose;

	if (!c->lane)
		return http_beyond_deadline(h, HTTP_ALL, until, why);
	if (!is_beyond_deadline(h, until))
		return false;
	whose = xasprintf("%s: %s", c->kind, why);
	say_beyond(h, until, whose);
	free(whose);
	http_give_up(h, c->lane, EX_TEMPFAIL);
	return true;
}

/* The limit that a queued call waits for: that of its lane or of all, whichever lasts longer. */
static unsigned limiting(const struct http *h, const struct http_call *c)
{
	return h->lanes[HTTP_ALL].not_before > h->lanes[c->lane].not_before ? HTTP_ALL : c->lane;
}

/* Something has to wait for the lane: that is said, once. */
static void wait_for(struct http *h, unsigned i, int64_t now)
{
	struct http_lane *lane = &h->lanes[i];
	char text[STAMP_SIZE];

	if (http_beyond_deadline(h, i, lane->not_before, lane->why) || lane->said)
		return;
	lane->said = true;
	h->setup.metrics->throttled_us += lane->not_before - (lane->counted > now ? lane->counted : now);
	lane->counted = lane->not_before;
	if (lane->not_before > now + STAMP_SECOND) {
		http_when(lane->not_before, text);
		log_note("%s: waiting until %s", lane->why, text);
	}
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool http_is_ready(struct http *h, const struct http_call *c, int64_t now, int *wait_ms)
{
	unsigned lane = limiting(h, c);
	int64_t pace = c->kind ? httppace_at(&h->pace, c->kind) : 0, from = later(c->not_before, pace), ms;

	from = later(from, h->lanes[lane].not_before);
	if (from <= now)
		return true;
	if (h->lanes[lane].not_before > now)
		wait_for(h, lane, now);
	else if (pace == from)
		http_kind_beyond_deadline(h, c, from, "the server's pace");
	ms = (from - now) / 1000 + 1;
	*wait_ms = ms < *wait_ms ? (int)ms : *wait_ms;
	return false;
}
