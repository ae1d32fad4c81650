/* SPDX-License-Identifier: ISC
 *
 * --plan: how many requests a run needs, and how long that takes with the quota that is left. One request for
 * each list tells how long it is.
 */
#include "fetch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "say.h"

enum {
	A_SECOND = 4,     /* requests, where nothing holds them up */
	TOGETHER = 50,    /* pull requests whose reviews come in one query */
	DISCUSSIONS = 25, /* of a page */
};

/* How many items a list of one a page has: the number of its last page, -1 where the server does not say. */
static int64_t count_items(const struct api_answer *a)
{
	const char *page;

	if (a->status != 200)
		return 0;
	if (!a->next)
		return (int64_t)json_array_size(a->json);
	page = a->last ? strstr(a->last, "&page=") : NULL;
	return page ? strtoll(page + 6, NULL, 10) : -1;
}

static int64_t pages(int64_t items, int64_t size)
{
	return items < 1 ? 1 : (items + size - 1) / size;
}

static void say(const char *name, int64_t items, int64_t requests, const char *more)
{
	if (items < 0)
		say_line("%s: the server does not say how many; at least 1 request", name);
	else
		say_line("%s: %" PRId64 " items, %" PRId64 " request%s%s", name, items, requests,
			 requests == 1 ? "" : "s", more);
}

static int plan_list(struct fetch *f, const struct stream *s, int64_t *requests)
{
	bool begun = s->mark.at != MARK_NONE || s->branches;
	struct api_answer a = {0};
	int64_t items, n;
	int rc;

	if (begun && s->type->begin != keyset_begin) {
		say_line("%s: what is new, at least 1 request", s->type->name);
		*requests += 1;
		return 0;
	}
	rc = api_wait(f->api, check_ask(f, s), &a);
	if (!rc && a.heavy)
		rc = log_error(EX_TEMPFAIL, "%s: the server fails at this list; come back later",
			       s->type->name);
	items = count_items(&a);
	n = pages(items, PAGE);
	api_answer_release(&a);
	if (rc)
		return rc;
	if (s->type->item == pulls_item && items > 0)
		n += f->token ? pages(items, TOGETHER) : items;
	say(s->type->name, items, n, s->type->item == pulls_item && items > 0 ? ", with their reviews" : "");
	*requests += n;
	return 0;
}

static int plan_discussions(struct fetch *f, const struct stream *s, int64_t *requests)
{
	int64_t items, n;
	int rc;

	if (!f->token || !json_is_true(json_object_get(f->repository, "has_discussions")))
		return 0;
	if (s->mark.at != MARK_NONE) {
		say_line("discussions: what is new, at least 1 request");
		*requests += 1;
		return 0;
	}
	rc = check_discussions(f, &items);
	if (rc)
		return rc;
	n = pages(items, DISCUSSIONS);
	say("discussions", items, n, "");
	*requests += n;
	return 0;
}

static void say_time(const struct quota *q, int64_t requests)
{
	int64_t seconds = requests / A_SECOND + 1, left = q->remaining;

	/* what is over has to wait for the next hours */
	if (q->known && requests > left && q->limit > 0)
		seconds += (requests - left + q->limit - 1) / q->limit * 3600;
	if (seconds < 120)
		say_line("time: about %" PRId64 " s with the quota that is left", seconds);
	else if (seconds < 7200)
		say_line("time: about %" PRId64 " minutes with the quota that is left", seconds / 60);
	else
		say_line("time: about %" PRId64 " hours with the quota that is left", seconds / 3600);
}

int plan_run(struct fetch *f)
{
	int64_t requests = 1;
	int rc = 0;

	say_line("source %s", f->src->source_id);
	for (size_t i = 0; i < STREAMS && !rc; i++) {
		const struct stream *s = &f->streams[i];

		if (fetch_wants(f, s->type->wanted))
			rc = s->type == &discussions_type ? plan_discussions(f, s, &requests)
							  : plan_list(f, s, &requests);
	}
	if (rc)
		return rc;
	say_line("requests: about %" PRId64, requests);
	check_quota("", &f->quota);
	say_time(&f->quota, requests);
	return say_end();
}
