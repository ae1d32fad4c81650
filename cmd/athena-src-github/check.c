/* SPDX-License-Identifier: ISC
 *
 * --check: what a run needs, a line each; and what it has in common with --plan.
 */
#include "fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "say.h"
#include "stamp.h"
#include "token.h"
#include "xalloc.h"

/* ---- the account ---- */

static void say_token(const struct fetch *f, const struct api_answer *a)
{
	if (f->token)
		say_line("ok token: %s from %s%s%s%s%s", token_kind(f->token), f->token_from,
			 a->scopes ? ", with the scopes " : "",
			 a->scopes ? *a->scopes ? a->scopes : "(none)" : "", a->expires ? ", expires " : "",
			 a->expires ? a->expires : "");
	else
		say_line("ok no token: public repositories only, about 60 requests an hour, and no "
			 "discussions; set %s to have more",
			 token_is_github(f->api->base) ? "GITHUB_TOKEN" : "GITHUB_ENTERPRISE_TOKEN");
}

static void format_reset(const struct quota *q, char text[STAMP_SIZE])
{
	stamp_format(q->reset > 0 && q->reset < STAMP_MAX / STAMP_SECOND ? q->reset * STAMP_SECOND : 0, text);
}

void check_quota(const char *begin, const struct quota *q)
{
	char reset[STAMP_SIZE];

	format_reset(q, reset);
	if (!q->known)
		say_line("%squota: this server has none", begin);
	else
		say_line("%squota: %" PRId64 " of %" PRId64 " requests an hour are left until %s", begin,
			 q->remaining, q->limit, reset);
}

int check_account(struct fetch *f)
{
	struct api_answer a = {0};
	int rc = api_wait(f->api, api_free(f->api, "/rate_limit"), &a);
	const json_t *core = json_object_get(json_object_get(a.json, "resources"), "core");
	struct quota *q = &f->quota;
	char reset[STAMP_SIZE];

	q->known = json_is_object(core);
	q->limit = event_int(core, "limit");
	q->remaining = event_int(core, "remaining");
	q->reset = event_int(core, "reset");
	if (!rc && f->src->check) {
		say_token(f, &a);
		check_quota("ok ", q);
	}
	if (!rc && q->known && !q->remaining) {
		format_reset(q, reset);
		rc = log_error(EX_TEMPFAIL, "the quota is used up; come back after %s", reset);
	}
	api_answer_release(&a);
	return rc;
}

/* ---- the repository and its lists ---- */

static void say_repository(const struct fetch *f)
{
	const char *branch = event_str(f->repository, "default_branch");

	say_line("ok repository %s: %s%s, number %" PRId64 ", default branch %s, source %s", f->full_name,
		 json_is_true(json_object_get(f->repository, "private")) ? "private" : "public",
		 json_is_true(json_object_get(f->repository, "archived")) ? ", archived" : "", f->id,
		 branch ? branch : "not known", f->src->source_id);
}

struct api_call *check_ask(struct fetch *f, const struct stream *s)
{
	char since[STAMP_SIZE], *path, *one;
	struct api_call *call;

	if (!s->type->path)
		return fetch_list(f, "commits?per_page=1");
	one = page_sized(s->type->path, 1);
	if (s->type->begin == keyset_begin && s->mark.at != MARK_NONE) {
		stamp_format(s->mark.at / STAMP_SECOND * STAMP_SECOND, since);
		path = xasprintf("%s&since=%s", one, since);
	} else {
		path = xstrdup(one);
	}
	call = fetch_list(f, path);
	free(one);
	free(path);
	return call;
}

/* What a token that may not read the list lacks. */
static void say_lacking(const struct fetch *f, const struct stream *s)
{
	static const char *const permissions[][2] = {{"commits", "Contents"},
						     {"pushes", "Contents"},
						     {"issues", "Issues"},
						     {"pulls", "Pull requests"},
						     {"comments", "Issues and Pull requests"},
						     {"review_comments", "Pull requests"},
						     {"issue_events", "Issues"},
						     {"releases", "Contents"},
						     {"discussions", "Discussions"}};
	const char *name = s->type->name, *permission = "";

	for (size_t i = 0; i < sizeof(permissions) / sizeof(permissions[0]); i++)
		if (!strcmp(permissions[i][0], name))
			permission = permissions[i][1];
	if (!f->token)
		say_line("%s: cannot be read without a token; set GITHUB_TOKEN", name);
	else if (f->scopes && *f->scopes)
		say_line("%s: this token may not read it (the reason is on stderr); a classic one needs the "
			 "scope repo",
			 name);
	else
		say_line("%s: this token may not read it (the reason is on stderr); it needs read access "
			 "to %s",
			 name, permission);
}

static bool is_empty_list(int status)
{
	return status == 409 || status == 410;
}

static int check_list(struct fetch *f, const struct stream *s)
{
	const char *name = s->type->name;
	struct api_answer a = {0};
	int rc = api_wait(f->api, check_ask(f, s), &a);

	if (!rc && a.heavy)
		rc = log_error(EX_TEMPFAIL, "%s: the server fails at this list; come back later", name);
	if (!rc && a.status != 200 && !is_empty_list(a.status) && !s->type->optional)
		rc = log_error(a.status == 404 ? EX_NOPERM : EX_UNAVAILABLE, "%s: %d %s", name, a.status,
			       a.message ? a.message : "");
	if (rc == EX_NOPERM)
		say_lacking(f, s);
	else if (rc)
		say_line("%s: cannot be read, the reason is on stderr; --events without it reads the rest",
			 name);
	else if (a.status == 200)
		say_line("ok %s", name);
	else
		say_line("ok %s: none (%s)", name, a.message ? a.message : "not there");
	api_answer_release(&a);
	return rc;
}

int check_discussions(struct fetch *f, int64_t *n)
{
	static const char query[] = "query count($owner:String!,$name:String!){repository(owner:$owner,name:$"
				    "name){discussions(first:1){totalCount}}}";
	const char *slash = strchr(f->full_name, '/');
	struct api_answer a = {0};
	json_t *v = json_object();
	int rc;

	json_object_set_new(v, "owner", json_stringn(f->full_name, (size_t)(slash - f->full_name)));
	json_object_set_new(v, "name", json_string(slash + 1));
	rc = api_wait(f->api, api_query(f->api, query, v, false), &a);
	*n = event_int(json_object_get(json_object_get(a.json, "repository"), "discussions"), "totalCount");
	if (!rc && *n < 0)
		rc = log_error(EX_NOPERM, "%s: the token may not read discussions", f->full_name);
	api_answer_release(&a);
	return rc;
}

static int check_talk(struct fetch *f, const struct stream *s)
{
	int64_t n;
	int rc;

	if (!json_is_true(json_object_get(f->repository, "has_discussions"))) {
		say_line("ok discussions: not in use");
		return 0;
	}
	if (!f->token) {
		say_line("%sdiscussions: read with a token only; set GITHUB_TOKEN",
			 f->options->asked ? "" : "ok ");
		return f->options->asked ? EX_NOPERM : 0;
	}
	rc = check_discussions(f, &n);
	if (rc)
		say_lacking(f, s);
	else
		say_line("ok discussions");
	return rc;
}

int check_run(struct fetch *f)
{
	int rc = 0, worst = 0;

	say_repository(f);
	for (size_t i = 0; i < STREAMS && !f->api->over && rc >= 0; i++) {
		const struct stream *s = &f->streams[i];

		if (!fetch_wants(f, s->type->wanted))
			continue;
		rc = s->type == &discussions_type ? check_talk(f, s) : check_list(f, s);
		if (rc && (!worst || worst == EX_TEMPFAIL))
			worst = rc;
	}
	if (!f->src->file.path)
		say_line("ok no cursor: every run reads everything");
	else
		say_line("ok cursor %s: %s", f->src->file.path,
			 f->src->from ? "goes on from there" : "not there yet");
	rc = say_end();
	return worst ? worst : rc;
}
