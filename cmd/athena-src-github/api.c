/* SPDX-License-Identifier: ISC */
#include "api.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "xalloc.h"

/* A call is lib/http's, and whether it is a query. */
struct api_call {
	struct http_call *http;
	bool query, quiet;
};

static const char *const headers[] = {"Accept: application/vnd.github+json",
				      "X-GitHub-Api-Version: 2022-11-28", NULL};
static const char *const query_headers[] = {"Accept: application/vnd.github+json",
					    "Content-Type: application/json", NULL};

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

static struct api_call *send(struct api *a, const struct http_request *r)
{
	struct api_call *call = xcalloc(1, sizeof(*call));

	call->http = http_send(a->http, r);
	call->query = r->post != NULL;
	return call;
}

static struct api_call *get(struct api *a, const char *target, bool uncached)
{
	char *url = xasprintf("%s%s", a->base, target);
	struct http_request r = {.url = url, .headers = headers, .json = true, .uncached = uncached};
	struct api_call *call = send(a, &r);

	free(url);
	return call;
}

struct api_call *api_get(struct api *a, const char *target)
{
	return get(a, target, false);
}

struct api_call *api_fresh(struct api *a, const char *target)
{
	return get(a, target, true);
}

struct api_call *api_query(struct api *a, const char *query, json_t *variables, bool quiet)
{
	json_t *body = json_object();
	struct http_request r = {.url = a->graphql, .headers = query_headers, .json = true};
	struct api_call *call;
	char *text;

	json_object_set_new(body, "query", json_string(query));
	json_object_set_new(body, "variables", variables);
	r.post = text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	call = send(a, &r);
	call->quiet = quiet;
	free(text);
	json_decref(body);
	return call;
}

void api_drop(struct api *a, struct api_call *call)
{
	if (!call)
		return;
	http_drop(a->http, call->http);
	free(call);
}

void api_answer_release(struct api_answer *answer)
{
	json_decref(answer->json);
	free(answer->next);
	free(answer->last);
	free(answer->scopes);
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
	char *sso = http_header(h, "x-github-sso"), *needs = http_header(h, "x-accepted-github-permissions");
	int rc;

	if (h->status == 401) {
		a->over = true;
		rc = log_error(EX_NOPERM, "the token is refused (%s): is it expired, or of another host?",
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
	size_t n = strlen(a->base);
	int rc = 0;

	if (url && (strncmp(url, a->base, n) != 0 || url[n] != '/' || strlen(url) > 8192))
		rc = log_error(EX_DATAERR, "the next page would be at %.200s, which is not below %s", url,
			       a->base);
	else if (url)
		answer->next = xstrdup(url + n);
	free(url);
	answer->last = h->link ? http_link(h->link, "last") : NULL;
	answer->scopes = http_header(h, "x-oauth-scopes");
	return rc;
}

/* An answer of GraphQL: half of it is as good as none. */
static int read_data(struct api_answer *answer, bool quiet)
{
	json_t *errors = json_object_get(answer->json, "errors"),
	       *data = json_object_get(answer->json, "data");
	const json_t *first = json_array_get(errors, 0);
	const char *type = json_string_value(json_object_get(first, "type"));
	const char *message = json_string_value(json_object_get(first, "message"));

	if (first || !json_is_object(data)) {
		bool refused_it = type && (!strcmp(type, "NOT_FOUND") || !strcmp(type, "FORBIDDEN") ||
					   !strcmp(type, "INSUFFICIENT_SCOPES"));

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

int api_wait(struct api *a, struct api_call *call, struct api_answer *answer)
{
	struct http_answer h;
	bool query = call->query, quiet = call->quiet;
	int rc = http_receive(a->http, call->http, &h);

	*answer = (struct api_answer){0};
	free(call);
	a->over |= http_over(a->http);
	if (rc)
		return rc;
	answer->status = h.status == 204 ? 200 : h.status;
	answer->json = json_incref(h.json);
	if (h.status == 204)
		answer->json = json_array();
	if (answer->status != 200)
		answer->message = read_message(&h);
	if (h.verdict == HTTP_REFUSED)
		rc = refused(a, &h, answer->message ? answer->message : "no reason is given");
	else if (query && answer->status != 200)
		rc = log_error(EX_UNAVAILABLE, "GraphQL: %d %s", h.status,
			       answer->message ? answer->message : "");
	else if (query)
		rc = read_data(answer, quiet);
	else
		rc = read_headers(a, &h, answer);
	http_answer_release(&h);
	if (rc)
		api_answer_release(answer);
	return rc;
}
