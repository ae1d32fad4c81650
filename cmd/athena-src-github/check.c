/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "stamp.h"
#include "token.h"

/* One line, with what a terminal must not see replaced. */
__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	puts(text);
}

static int written(void)
{
	return fflush(stdout) || ferror(stdout) ? log_error(EX_IOERR, "stdout: cannot be written") : 0;
}

static void check_token(const struct fetch *f)
{
	if (f->token)
		line("ok token: %s from %s%s%s", token_kind(f->token), f->token_from,
		     f->scopes ? ", with the scopes " : "",
		     f->scopes ? *f->scopes ? f->scopes : "(none)" : "");
	else
		line("ok no token: public repositories only, about 60 requests an hour, and no discussions; "
		     "set %s to have more",
		     token_is_github(f->api->base) ? "GITHUB_TOKEN" : "GITHUB_ENTERPRISE_TOKEN");
}

struct quota {
	bool known;
	int64_t limit, remaining, reset; /* requests an hour; seconds since 1970 */
};

static int read_quota(struct fetch *f, struct quota *q)
{
	struct api_answer a = {0};
	int rc = api_wait(f->api, api_fresh(f->api, "/rate_limit"), &a);
	const json_t *core = json_object_get(json_object_get(a.json, "resources"), "core");

	*q = (struct quota){.known = json_is_object(core)};
	if (q->known) {
		q->limit = event_int(core, "limit");
		q->remaining = event_int(core, "remaining");
		q->reset = event_int(core, "reset");
	}
	api_answer_release(&a);
	return rc;
}

static void say_quota(const char *begin, const struct quota *q)
{
	char reset[STAMP_SIZE];

	if (!q->known) {
		line("%squota: this server has none", begin);
		return;
	}
	stamp_format(q->reset > 0 && q->reset < STAMP_MAX / STAMP_SECOND ? q->reset * STAMP_SECOND : 0,
		     reset);
	line("%squota: %" PRId64 " of %" PRId64 " requests an hour are left until %s%s", begin, q->remaining,
	     q->limit, reset, q->remaining ? "" : "; a run waits until then");
}

static void check_repository(const struct fetch *f)
{
	const char *branch = event_str(f->repository, "default_branch");

	line("ok repository %s: %s%s, number %" PRId64 ", default branch %s, source %s", f->full_name,
	     json_is_true(json_object_get(f->repository, "private")) ? "private" : "public",
	     json_is_true(json_object_get(f->repository, "archived")) ? ", archived" : "", f->id,
	     branch ? branch : "not known", f->src->source_id);
}

/* Asks for one item of a list. Lists without a path of their own are asked for otherwise. */
static struct api_call *ask_one(struct fetch *f, const struct stream *s)
{
	struct buf path = {0};
	struct api_call *call;
	char since[STAMP_SIZE];

	if (!s->type->path)
		return fetch_ask(f, "commits?per_page=1");
	buf_add(&path, s->type->path, strlen(s->type->path) - 2); /* per_page=100 becomes per_page=1 */
	if (s->type->begin == keyset_begin && s->mark.at != MARK_NONE) {
		stamp_format(s->mark.at / STAMP_SECOND * STAMP_SECOND, since);
		buf_addf(&path, "&since=%s", since);
	}
	call = fetch_ask(f, buf_cstr(&path));
	buf_release(&path);
	return call;
}

static bool is_asked(const struct fetch *f, const struct stream *s)
{
	return fetch_wants(f, s->type->wanted) && s->type != &discussions_type;
}

static int check_list(struct fetch *f, struct stream *s)
{
	const char *name = s->type->name;
	struct api_answer a = {0};
	int rc = api_wait(f->api, ask_one(f, s), &a);

	if (rc)
		line("%s: cannot be read, the reason is on stderr; --events without it reads the rest", name);
	else if (a.status == 200)
		line("ok %s", name);
	else if (a.status == 409 || a.status == 410)
		line("ok %s: none (%s)", name, a.message ? a.message : "disabled");
	else
		line("%s: %d %s", name, a.status, a.message ? a.message : "");
	if (!rc && a.status != 200 && a.status != 409 && a.status != 410 && !s->type->optional)
		rc = a.status == 404 ? EX_NOPERM : EX_UNAVAILABLE;
	api_answer_release(&a);
	return rc;
}

static void check_discussions(const struct fetch *f)
{
	if (!fetch_wants(f, WANT_DISCUSSIONS))
		return;
	if (!json_is_true(json_object_get(f->repository, "has_discussions")))
		line("ok discussions: not in use");
	else if (!f->token)
		line("%sdiscussions: read with a token only; set GITHUB_TOKEN",
		     f->options->asked ? "" : "ok ");
	else
		line("ok discussions");
}

int check_run(struct fetch *f)
{
	struct quota quota;
	int rc, worst = 0;

	check_token(f);
	rc = read_quota(f, &quota);
	if (rc)
		return rc;
	say_quota("ok ", &quota);
	check_repository(f);
	for (size_t i = 0; i < STREAMS && !f->api->over && rc >= 0; i++) {
		if (!is_asked(f, &f->streams[i]))
			continue;
		rc = check_list(f, &f->streams[i]);
		if (rc && (!worst || worst == EX_TEMPFAIL))
			worst = rc;
	}
	check_discussions(f);
	if (!f->src->file.path)
		line("ok no cursor: every run reads everything");
	else
		line("ok cursor %s: %s", f->src->file.path,
		     f->src->from ? "goes on from there" : "not there yet");
	rc = written();
	return worst ? worst : rc;
}

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

/* How many requests a list needs. */
static int plan_list(struct fetch *f, struct stream *s, int64_t *requests)
{
	struct api_answer a = {0};
	int rc = api_wait(f->api, ask_one(f, s), &a);
	int64_t items = count_items(&a), pages = items < 0 ? 1 : (items + PAGE - 1) / PAGE + 1;
	bool begun = s->mark.at != MARK_NONE || s->branches;

	api_answer_release(&a);
	if (rc)
		return rc;
	if (begun && s->type->begin != keyset_begin) {
		line("%s: what is new, at least 1 request", s->type->name);
		*requests += 1;
		return 0;
	}
	if (s->type->item == pulls_item && items > 0) {
		line("%s: %" PRId64 " items, %" PRId64 " requests, and up to %" PRId64 " for their reviews",
		     s->type->name, items, pages, items);
		*requests += items;
	} else if (items < 0) {
		line("%s: the server does not say how many, at least 1 request", s->type->name);
	} else {
		line("%s: %" PRId64 " items, %" PRId64 " requests", s->type->name, items, pages);
	}
	*requests += pages;
	return 0;
}

static void say_time(const struct quota *q, int64_t requests)
{
	int64_t seconds = requests / 4 + 1; /* about a quarter of a second each */

	if (q->known && requests > q->remaining && q->limit > 0)
		seconds += (requests - q->remaining) * 3600 / q->limit;
	line("time about %" PRId64 " s with the quota that is left", seconds);
}

int plan_run(struct fetch *f)
{
	struct quota quota;
	int64_t requests = 1;
	int rc;

	line("source %s", f->src->source_id);
	rc = read_quota(f, &quota);
	for (size_t i = 0; i < STREAMS && !rc; i++)
		if (is_asked(f, &f->streams[i]))
			rc = plan_list(f, &f->streams[i], &requests);
	if (rc)
		return rc;
	if (fetch_wants(f, WANT_DISCUSSIONS) && f->token &&
	    json_is_true(json_object_get(f->repository, "has_discussions"))) {
		line("discussions: at least 1 request");
		requests++;
	}
	line("requests about %" PRId64, requests);
	say_quota("", &quota);
	say_time(&quota, requests);
	return written();
}
