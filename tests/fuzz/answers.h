/* SPDX-License-Identifier: ISC
 *
 * answers - lib/http without a network: its functions, for a target that is linked with this in place of it. What would be asked
 * of a server is answered by the lines of the input:
 *
 *	WORD STATUS JSON                      auth.test 200 {"ok":true,...}
 *	WORD STATUS LINK<tab>JSON             /issues? 200 <https://h/repos/o/r/issues?page=2>; rel="next"<tab>[...]
 *
 * A request takes, of the lines with the longest WORD that is within its URL or kind, the one that was taken least: so a server of
 * few lines leads in circles. After REQUESTS_MAX it is gone. Beside it: two_runs(), and sealed(), the position that one came to.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "http.h"
#include "hush.h"
#include "sink.h"
#include "source.h"
#include "xalloc.h"

enum { REQUESTS_MAX = 60, ANSWERS_MAX = 64, CLOCK = 1714564800 /* seconds since 1970: the server's */ };

struct answer_line {
	const char *word, *rest;
	size_t word_len, rest_len;
	unsigned taken;
};

static struct {
	struct answer_line lines[ANSWERS_MAX];
	size_t n;
	unsigned requests;
} world;

/* ---- the server ---- */

static void world_load(const char *p, const char *end)
{
	world.n = 0;
	while (p < end && world.n < ANSWERS_MAX) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		const char *space = memchr(p, ' ', (size_t)(stop - p));

		if (space && space > p)
			world.lines[world.n++] = (struct answer_line){.word = p,
								      .word_len = (size_t)(space - p),
								      .rest = space + 1,
								      .rest_len = (size_t)(stop - space - 1)};
		p = nl ? nl + 1 : end;
	}
}

static void world_begin(void)
{
	world.requests = 0;
	for (size_t i = 0; i < world.n; i++)
		world.lines[i].taken = 0;
}

struct http_call {
	struct answer_line *line; /* NULL: nobody answers */
	struct http_request r;    /* its judge, and whether it is divisible */
};

static bool is_better(const struct answer_line *l, const struct answer_line *than)
{
	return !than || l->word_len > than->word_len ||
	       (l->word_len == than->word_len && l->taken < than->taken);
}

struct http_call *http_send(struct http *h, const struct http_request *r)
{
	struct http_call *call = xcalloc(1, sizeof(*call));
	const char *text = r->kind ? r->kind : r->url;

	call->r = *r;
	if (world.requests++ >= REQUESTS_MAX || (r->kind && http_lane_is_over(h, r->lane)))
		return call;
	for (size_t i = 0; i < world.n; i++) {
		struct answer_line *l = &world.lines[i];

		if (is_better(l, call->line) && memmem(text, strlen(text), l->word, l->word_len))
			call->line = l;
	}
	if (call->line)
		call->line->taken++;
	return call;
}

/* "200 [link<tab>]json": false where it is no answer */
static bool read_line(const struct answer_line *l, struct http_answer *a)
{
	const char *p = l->rest, *end = p + l->rest_len, *tab;

	for (; p < end && *p >= '0' && *p <= '9' && a->status < 1000; p++)
		a->status = 10 * a->status + (*p - '0');
	if (p == end || *p++ != ' ' || a->status < 100 || a->status > 599)
		return false;
	tab = memchr(p, '\t', (size_t)(end - p));
	if (tab) {
		a->link = xstrndup(p, (size_t)(tab - p));
		p = tab + 1;
	}
	if (a->status == 200)
		a->json = json_loadb(p, (size_t)(end - p), JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	else
		buf_add(&a->body, p, (size_t)(end - p));
	return a->status != 200 || a->json;
}

/* As lib/http does it, but that what is to be tried again is given up at once. */
int http_receive(struct http *h, struct http_call *call, struct http_answer *a)
{
	struct http_signs signs = HTTP_SIGNS_INIT;
	const char *why = "";
	int rc = EX_TEMPFAIL;

	(void)h;
	*a = (struct http_answer){.date = CLOCK};
	if (call->line && read_line(call->line, a)) {
		signs.status = a->status;
		signs.body = a->body.data;
		signs.body_len = a->body.len;
		a->verdict = http_judge(&signs);
		if (a->status == 200 && call->r.judge)
			a->verdict = call->r.judge(a->json, &why);
		if (a->verdict == HTTP_DONE || a->verdict == HTTP_REFUSED ||
		    (a->verdict == HTTP_AGAIN && call->r.divisible))
			rc = 0;
	}
	free(call);
	if (rc)
		http_answer_release(a);
	return rc;
}

bool http_has_come(const struct http_call *call)
{
	return call->line;
}

void http_drop(struct http *h, struct http_call *call)
{
	(void)h;
	free(call);
}

char *http_header(const struct http_answer *a, const char *name)
{
	return a->link && !strcmp(name, "link") ? xstrdup(a->link) : NULL;
}

void http_answer_release(struct http_answer *a)
{
	json_decref(a->json);
	buf_release(&a->body);
	buf_release(&a->headers);
	free(a->link);
	*a = (struct http_answer){0};
}

bool http_over(const struct http *h)
{
	(void)h;
	return world.requests > REQUESTS_MAX;
}

/* The replies of Slack, in the second half of the requests. */
bool http_lane_is_over(const struct http *h, unsigned lane)
{
	(void)h;
	return lane && world.requests > REQUESTS_MAX / 2;
}

int64_t http_pace(const struct http *h, const char *kind)
{
	(void)h;
	(void)kind;
	return 0;
}

/* A position as a cursor file holds it: it can be said, and is read again. A new one; `position` is stolen. */
static struct cursor sealed(const struct source *src, json_t *selection, json_t *position)
{
	struct cursor c = {.source_id = (char *)src->source_id, .selection = selection, .position = position}, again = {0};
	struct buf form = {0}, second = {0};
	const char *why = "";

	check(cursor_seal(&c, &form, &why));
	check(cursor_parse(&again, form.data, form.len, &second, &why) == CURSOR_OK);
	json_decref(position);
	buf_release(&form);
	buf_release(&second);
	return again;
}

/* Could it stand in a cursor file? */
static bool is_holdable(const json_t *position)
{
	struct buf form = {0};
	const char *why;
	bool holdable = cursor_canonical(position, &form, &why);

	buf_release(&form);
	return holdable;
}

/*
 * A run on the input, and one from where that ended, which is a position that it takes. The first line may be a position that the
 * first begins with, of that selection, which is stolen. `run` leaves *to alone where it comes to none.
 */
static void two_runs(const uint8_t *data, size_t size, json_t *selection, int (*run)(const struct cursor *from, struct cursor *to))
{
	const char *p = (const char *)data, *end = p + size, *nl = size ? memchr(p, '\n', size) : NULL;
	struct cursor given = {.selection = selection}, first = {0}, second = {0};
	int kept = hush(-1);

	if (nl && *p == '{')
		given.position = json_loadb(p, (size_t)(nl - p), JSON_REJECT_DUPLICATES, NULL);
	if (given.position && !is_holdable(given.position)) {
		json_decref(given.position);
		given.position = NULL;
		p = nl + 1;
	}
	world_load(given.position ? nl + 1 : p, end);
	run(json_is_object(given.position) ? &given : NULL, &first);
	if (first.position)
		check(run(&first, &second) != EX_CONFIG);
	cursor_release(&given);
	cursor_release(&first);
	cursor_release(&second);
	hush(kept);
}

#endif
