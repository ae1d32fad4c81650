/* SPDX-License-Identifier: ISC
 *
 * Lists with `since`, sorted by their last change, oldest first. A thing that changes while the list is read
 * moves to its end, and by page numbers all behind it move up, so that one is skipped. So no page is asked
 * for by its number where that can be avoided: the next query begins a second before the newest thing seen.
 * Only where more things than a page holds share that second their pages are followed, and then read again
 * until that shows the same. A Link with a cursor (`after`) has no such trouble. At the end the last minute
 * is read once more: servers may answer a little late, and that query is the one that the next run begins
 * with, so that it costs nothing (304) when idle.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"
#include "stamp.h"

enum { ROUNDS_MAX = 4, AGAIN_MAX = 3 };

static int64_t floored(const struct fetch *f, int64_t us)
{
	if (f->src->since != SOURCE_NO_TIME && (us == MARK_NONE || us < f->src->since))
		us = f->src->since;
	if (us <= 0) /* GitHub has nothing since 1970-01-01T00:00:00Z */
		return MARK_NONE;
	return us / STAMP_SECOND * STAMP_SECOND;
}

static void ask(struct fetch *f, struct stream *s, int64_t since)
{
	struct buf path = {0};
	char text[STAMP_SIZE];

	s->since = floored(f, since);
	s->paged = false;
	s->sum = 0;
	s->held = MARK_NONE;
	s->newest = MARK_NONE;
	buf_adds(&path, s->type->path);
	if (s->since != MARK_NONE) {
		stamp_format(s->since, text);
		buf_addf(&path, "&since=%s", text);
	}
	fetch_first(f, s, buf_cstr(&path));
	buf_release(&path);
}

int keyset_begin(struct fetch *f, struct stream *s)
{
	s->news = 0;
	s->again = 0;
	s->rounds++;
	ask(f, s, s->mark.at == MARK_NONE ? MARK_NONE : s->mark.at - MARK_SPAN);
	return 0;
}

/*
 * Pages that were followed by their numbers are read again until they are the same: what one of them skipped need not be
 * next to something that is given out.
 */
static bool read_again(struct fetch *f, struct stream *s)
{
	if (!s->paged || s->again >= AGAIN_MAX || (s->again && s->sum == s->last_sum)) {
		mark_raise(&s->mark, s->held);
		return false;
	}
	s->again++;
	s->last_sum = s->sum;
	ask(f, s, s->since);
	return true;
}

/* FNV-1a, of what an item is and when it changed. */
static uint64_t add_to_sum(uint64_t sum, const json_t *item, int64_t us)
{
	sum = (sum ^ (uint64_t)event_int(item, "id")) * 0x100000001b3U;
	return (sum ^ (uint64_t)us) * 0x100000001b3U;
}

/* Would a query from the newest change seen on skip what this one had? */
static bool can_move_on(const struct stream *s)
{
	return s->newest != MARK_NONE && (s->since == MARK_NONE || s->newest - STAMP_SECOND > s->since);
}

/* More of the list is behind `next`. */
static int go_on(struct fetch *f, struct stream *s, const char *next)
{
	if (strstr(next, "after="))
		return fetch_next(f, s, next);
	if (can_move_on(s)) {
		if (!read_again(f, s)) {
			s->again = 0;
			ask(f, s, s->newest - STAMP_SECOND);
		}
		return 0;
	}
	s->paged = true;
	return fetch_next(f, s, next);
}

/* A server may refuse pages beyond some depth, or those of a cursor that is too old. */
static int cut_off(struct fetch *f, struct stream *s, const struct api_answer *a)
{
	if (!can_move_on(s))
		return log_error(EX_UNAVAILABLE, "%s: %s: %d %s", f->full_name, s->type->name, a->status,
				 a->message ? a->message : "");
	ask(f, s, s->newest - STAMP_SECOND);
	return 0;
}

/* What comes behind a crowded second is not done as long as that may lack something. */
static void hold(struct stream *s, int64_t us)
{
	if (!s->paged || us <= s->since + STAMP_SECOND)
		mark_raise(&s->mark, us);
	else if (us > s->held)
		s->held = us;
}

int keyset_step(struct fetch *f, struct stream *s)
{
	static const int mine[] = {422, 0};
	struct api_answer a = {0};
	json_t *item;
	size_t i;
	int rc = fetch_take(f, s, &a, mine);

	json_array_foreach (a.json, i, item) {
		int64_t us = event_stamp(item, s->type->stamp);

		if (us == EVENT_NONE) {
			rc = fetch_reject(f, s);
			continue;
		}
		rc = s->type->item(f, s, item, us);
		if (rc)
			break;
		s->sum = add_to_sum(s->sum, item, us);
		hold(s, fetch_by(&a, us));
		s->newest = us > s->newest ? us : s->newest;
	}
	mark_prune(&s->mark);
	if (!rc && a.status == 422) {
		rc = cut_off(f, s, &a);
	} else if (!rc && a.json) {
		if (a.next)
			rc = go_on(f, s, a.next);
		else if (read_again(f, s))
			log_verbose("%s: reading a crowded second again", s->type->name);
		else if (s->news && s->rounds < ROUNDS_MAX)
			rc = keyset_begin(f, s);
		else
			s->done = true;
	}
	api_answer_release(&a);
	return rc;
}
