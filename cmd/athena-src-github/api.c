/* SPDX-License-Identifier: ISC */
#include "api.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "page.h"
#include "stamp.h"
#include "xalloc.h"

/* GitHub counts separately what is asked by REST and by GraphQL, and a few things not at all. */
enum { LANE_REST, LANE_GRAPHQL, LANE_FREE };

struct api_call {
	struct http_call *http;
	char *target; /* NULL: it is a query */
	bool list, quiet;
};

static const char *const headers[] = {"Accept: application/vnd.github+json",
				      "X-GitHub-Api-Version: 2022-11-28", NULL};
static const char *const query_headers[] = {"Accept: application/vnd.github+json",
					    "Content-Type: application/json", NULL};

enum { TARGET_MAX = 8192 }; /* bytes of the address of a page */

void api_init(struct api *a, struct http *http, const char *base, bool has_token)
{
	static const char rest[] = "/api/v3";
	size_t n = strlen(base), tail = sizeof(rest) - 1;
	bool enterprise = n > tail && !strcmp(base + n - tail, rest);

	*a = (struct api){.http = http, .base = base, .has_token = has_token};
	/* GitHub Enterprise Server: /api/graphql beside /api/v3 */
	a->graphql = xasprintf("%.*s/graphql", (int)(enterprise ? n - strlen("/v3") : n), base);
}

void api_release(struct api *a)
{
	free(a->graphql);
	a->graphql = NULL;
}

/* ---- what the JSON of a 200 is worth ---- */

static enum http_verdict judge_list(const json_t *json, const char **why)
{
	*why = "an answer that is no list";
	return json_is_array(json) || json_is_array(json_object_get(json, "commits")) ? HTTP_DONE
										      : HTTP_AGAIN;
}

/* Errors have a message, the objects that are asked for have none. */
static enum http_verdict judge_object(const json_t *json, const char **why)
{
	*why = "an answer that is an error";
	return json_is_object(json) && json_object_get(json, "message") ? HTTP_AGAIN : HTTP_DONE;
}

static bool says(const char *text, const char *words)
{
	return text && strcasestr(text, words);
}

/* One of the errors; HTTP_DONE for what does not go away. */
static enum http_verdict judge_error(const json_t *error, const char **why)
{
	const char *type = json_string_value(json_object_get(error, "type"));
	const char *message = json_string_value(json_object_get(error, "message"));

	if (says(message, "secondary rate limit"))
		return HTTP_SECONDARY;
	if (says(type, "RATE_LIMIT"))
		return HTTP_LIMITED;
	*why = "a query that is too much, took too long, or failed for now";
	return says(type, "LIMITS_EXCEEDED") || says(message, "something went wrong") ||
			       says(message, "timeout") || says(message, "timed out")
		       ? HTTP_AGAIN
		       : HTTP_DONE;
}

static enum http_verdict judge_data(const json_t *json, const char **why)
{
	const json_t *errors = json_object_get(json, "errors"), *error;
	enum http_verdict v = HTTP_DONE;
	size_t i;

	json_array_foreach (errors, i, error)
		if (v == HTTP_DONE)
			v = judge_error(error, why);
	if (v != HTTP_DONE)
		return v;
	*why = "an answer that is none of GraphQL";
	return json_is_object(json_object_get(json, "data")) || json_array_size(errors) ? HTTP_DONE
											: HTTP_AGAIN;
}

/* Where there is another way, no limit is waited for. */
static enum http_verdict judge_quiet(const json_t *json, const char **why)
{
	return judge_data(json, why) == HTTP_AGAIN ? HTTP_AGAIN : HTTP_DONE;
}

/* ---- asking ---- */

static struct api_call *get(struct api *a, const char *target, struct http_request r)
{
	struct api_call *call = xcalloc(1, sizeof(*call));
	char *url = xasprintf("%s%s", a->base, target);

	r.url = url;
	r.headers = headers;
	r.json = true;
	call->target = xstrdup(target);
	call->list = r.judge == judge_list;
	call->http = http_send(a->http, &r);
	free(url);
	return call;
}

struct api_call *api_get(struct api *a, const char *target)
{
	return get(a, target, (struct http_request){.judge = judge_object, .lane = LANE_REST});
}

struct api_call *api_list(struct api *a, const char *target)
{
	return get(a, target, (struct http_request){.judge = judge_list, .divisible = true});
}

struct api_call *api_free(struct api *a, const char *target)
{
	return get(a, target, (struct http_request){.uncached = true, .lane = LANE_FREE});
}

struct api_call *api_query(struct api *a, const char *query, json_t *variables, bool quiet)
{
	struct api_call *call = xcalloc(1, sizeof(*call));
	json_t *body = json_object();
	struct http_request r = {.url = a->graphql,
				 .headers = query_headers,
				 .json = true,
				 .judge = quiet ? judge_quiet : judge_data,
				 .divisible = true,
				 .lane = LANE_GRAPHQL};
	char *text;

	json_object_set_new(body, "query", json_string(query));
	json_object_set_new(body, "variables", variables);
	r.post = text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	call->http = http_send(a->http, &r);
	call->quiet = quiet;
	free(text);
	json_decref(body);
	return call;
}

static void call_free(struct api_call *call)
{
	free(call->target);
	free(call);
}

void api_drop(struct api *a, struct api_call *call)
{
	if (!call)
		return;
	http_drop(a->http, call->http);
	call_free(call);
}

void api_answer_release(struct api_answer *answer)
{
	json_decref(answer->json);
	free(answer->target);
	free(answer->next);
	free(answer->last);
	free(answer->scopes);
	free(answer->expires);
	free(answer->message);
	*answer = (struct api_answer){0};
}

/* The member `message` of what a server says when it does not answer. */
static char *read_message(const struct http_answer *h)
{
	json_t *o = json_loadb(h->body.len ? h->body.data : "", h->body.len, 0, NULL);
	const char *text = json_string_value(json_object_get(o, "message"));
	char *message = text && *text ? xstrndup(text, 300) : NULL;

	json_decref(o);
	return message;
}

static int refused(struct api *a, const struct http_answer *h, const char *message)
{
	char *sso, *needs;
	int rc;

	if (a->refused) /* which was said */
		return EX_NOPERM;
	sso = http_header(h, "x-github-sso");
	needs = http_header(h, "x-accepted-github-permissions");
	if (h->status == 401) {
		a->over = a->refused = true;
		rc = log_error(
			EX_NOPERM,
			"the token is refused (%s): is it expired, or of another host? Make a new one, and "
			"put it where this one was",
			message);
	} else if (sso) {
		rc = log_error(EX_NOPERM, "the token has to be authorized for single sign-on first: %s", sso);
	} else if (needs) {
		rc = log_error(EX_NOPERM, "the token may not (%s): it needs %s", message, needs);
	} else {
		rc = log_error(EX_NOPERM, "refused (%s)%s", message,
			       a->has_token ? "" : ": perhaps a token is needed");
	}
	free(sso);
	free(needs);
	return rc;
}

/* Where the next page is, as a target; an address elsewhere is none to follow. */
static int read_headers(const struct api *a, const struct http_answer *h, struct api_answer *answer)
{
	char *url = h->link ? http_link(h->link, "next") : NULL;
	const char *target = url && strlen(url) <= TARGET_MAX ? http_below(url, a->base) : NULL;
	int rc = 0;

	if (url && !target)
		rc = log_error(EX_DATAERR, "the next page would be at %.200s, which is not below %s", url,
			       a->base);
	else if (url)
		answer->next = xstrdup(target);
	free(url);
	answer->last = h->link ? http_link(h->link, "last") : NULL;
	answer->scopes = http_header(h, "x-oauth-scopes");
	answer->expires = http_header(h, "github-authentication-token-expiration");
	return rc;
}

/* The first error that does not only say that something is not there; NULL where there is none. */
static const json_t *first_error(const json_t *errors)
{
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);
		const char *type = json_string_value(json_object_get(error, "type"));

		if (!type || strcmp(type, "NOT_FOUND") != 0)
			return error;
	}
	return NULL;
}

/* An answer of GraphQL: half of it is as good as none, but for what is not there any more. */
static int read_data(struct api_answer *answer, bool quiet)
{
	json_t *data = json_object_get(answer->json, "data"),
	       *errors = json_object_get(answer->json, "errors");
	const json_t *first = json_is_object(data) ? first_error(errors) : json_array_get(errors, 0);
	const char *type = json_string_value(json_object_get(first, "type"));
	const char *message = json_string_value(json_object_get(first, "message"));

	answer->stale = !quiet && type && !strcmp(type, "INVALID_CURSOR_ARGUMENTS");
	if (answer->stale) {
		json_decref(answer->json);
		answer->json = NULL;
		return 0;
	}
	if (!json_is_object(data) || first) {
		bool refused_it =
			type && (!strcmp(type, "FORBIDDEN") || !strcmp(type, "INSUFFICIENT_SCOPES"));

		if (quiet) {
			log_verbose("GraphQL: %s: %.300s", type ? type : "failed",
				    message ? message : "no reason is given");
			return EX_UNAVAILABLE;
		}
		return log_error(refused_it ? EX_NOPERM : EX_TEMPFAIL, "GraphQL: %s: %.300s",
				 type ? type : "failed", message ? message : "no reason is given");
	}
	json_incref(data);
	json_decref(answer->json);
	answer->json = data;
	return 0;
}

/* Of status 200, or whatever it is: what the caller is to see of it. */
static int read_answer(struct api *a, const struct api_call *call, const struct http_answer *h,
		       struct api_answer *answer)
{
	answer->status = h->status == 204 ? 200 : h->status;
	answer->date = h->date >= 0 ? h->date * STAMP_SECOND : stamp_now();
	answer->heavy = h->verdict == HTTP_AGAIN;
	if (answer->heavy)
		return 0;
	answer->json = h->status == 204 ? json_array() : json_incref(h->json);
	if (answer->status != 200)
		answer->message = read_message(h);
	if (h->verdict == HTTP_REFUSED)
		return refused(a, h, answer->message ? answer->message : "no reason is given");
	if (call->target)
		return read_headers(a, h, answer);
	if (answer->status != 200)
		return log_error(EX_UNAVAILABLE, "GraphQL: %d %s", h->status,
				 answer->message ? answer->message : "");
	return read_data(answer, call->quiet);
}

/*
 * A last page that is full and has not changed may have got another one behind it: where the server's tag is of the
 * items alone it cannot tell. Of a full page some may be hidden, so half of it is enough.
 */
static bool may_go_on(const struct api_call *call, const struct http_answer *h,
		      const struct api_answer *answer)
{
	return call->list && h->cached && h->date >= 0 && !answer->next &&
	       2 * json_array_size(answer->json) >= page_size(call->target);
}

static struct api_call *anew(struct api *a, const struct api_call *call)
{
	return get(a, call->target,
		   (struct http_request){.judge = judge_list, .divisible = true, .fresh = true});
}

/* Into a zeroed answer, with a new call in *again where it is not the last word. */
static int wait_for(struct api *a, struct api_call *call, struct api_answer *answer, struct api_call **again)
{
	struct http_answer h;
	int rc = http_receive(a->http, call->http, &h);

	a->over |= http_over(a->http);
	if (!rc) {
		rc = read_answer(a, call, &h, answer);
		if (!rc && may_go_on(call, &h, answer))
			*again = anew(a, call);
		http_answer_release(&h);
	}
	answer->target = call->target;
	call->target = NULL;
	call_free(call);
	return rc;
}

int api_wait(struct api *a, struct api_call *call, struct api_answer *answer)
{
	int rc;

	*answer = (struct api_answer){0};
	do {
		struct api_answer got = {0};
		struct api_call *again = NULL;

		rc = wait_for(a, call, &got, &again);
		if (rc || again)
			api_answer_release(&got);
		else
			*answer = got;
		call = again;
	} while (call);
	return rc;
}
