/* SPDX-License-Identifier: ISC */
/* pkg: libcurl */
/* What a limit is to the calls of its lane: when it is news, and when it is the same, read again. */
#include "httpcall.h"

#include <stdlib.h>

#include "log.h"
#include "metrics.h"
#include "stamp.h"
#include "tap.h"

static const char quota[] = "the quota is used up", other[] = "another run was told to wait";

static void headers(void)
{
	char lines[] = "date: x\nlink: <a>; rel=deprecation\nlinks: no\nempty: \nlink: <b>; rel=next\n";
	const struct http_answer a = {.headers = {.data = lines, .len = sizeof(lines) - 1}};
	char *link = http_header(&a, "link"), *empty = http_header(&a, "empty"),
	     *none = http_header(&a, "lin");

	is_str(link, "<a>; rel=deprecation, <b>; rel=next", "a header of several lines");
	is_str(empty, "", "an empty one");
	ok(!none, "none");
	free(link);
	free(empty);
}

int main(void)
{
	struct http h = {0};
	struct http_lane *lane = &h.lanes[0];
	int64_t until = 60 * STAMP_SECOND;
	const struct http_options o = {.deadline = STAMP_SECOND};
	struct metrics metrics = {0};
	char kind[] = "a.kind";
	struct http_call call = {.kind = kind, .lane = 1};

	headers();
	ok(http_limit(&h, 0, until, quota), "a limit");
	ok(!lane->said && lane->why == quota, "is to be said");
	lane->said = true;
	ok(!http_limit(&h, 0, until, other) && !http_limit(&h, 0, until - 5, other) && lane->said,
	   "the same, or a shorter one, is nothing new");
	ok(http_limit(&h, 0, until + 7, other), "later by what lies between two looks at a clock");
	is_int(lane->not_before, until + 7, "it is kept");
	ok(lane->said && lane->why == quota, "and not said again");
	ok(http_limit(&h, 0, until + 2 * STAMP_SECOND, other), "later by seconds");
	ok(!lane->said && lane->why == other, "is said");
	ok(http_limit(&h, 1, 10, quota) && !h.lanes[1].said && h.lanes[1].why == quota,
	   "the first of a lane, however short");
	h = (struct http){.o = &o, .setup = {.metrics = &metrics}, .started = stamp_onward()};
	until = h.started + 600 * STAMP_SECOND;
	log_init("http");
	ok(!http_kind_beyond_deadline(&h, &call, h.started, "a wait") && !http_lane_is_over(&h, 1),
	   "a short wait of a kind");
	ok(http_kind_beyond_deadline(&h, &call, until, "a wait"), "a long one");
	ok(http_lane_is_over(&h, 1) && !http_lane_is_over(&h, 2) && !http_over(&h), "ends its lane");
	call.lane = 0;
	ok(http_kind_beyond_deadline(&h, &call, until, "a wait") && http_over(&h), "and in the first all");
	return tap_done();
}
