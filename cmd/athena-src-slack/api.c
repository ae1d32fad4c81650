/* SPDX-License-Identifier: ISC */
#include "api.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "log.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum { REPLIES = 1 /* the lane of what others need not wait for */ };

struct api_call {
	struct http_call *http;
	char *method;
};

static bool listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

enum http_verdict api_judge(const json_t *json, const char **why)
{
	static const char *const for_now[] = {"internal_error",  "fatal_error",       "service_unavailable",
					      "request_timeout", "team_added_to_org", NULL};
	const json_t *ok = json_object_get(json, "ok");
	const char *error = member_str(json, "error");

	if (json_is_true(ok))
		return HTTP_DONE;
	if (!json_is_false(ok) || !error) {
		*why = "an answer that is not Slack's";
		return HTTP_AGAIN;
	}
	if (!strcmp(error, "ratelimited") || !strcmp(error, "rate_limited"))
		return HTTP_SECONDARY;
	*why = "the server failed for now";
	return listed(for_now, error) ? HTTP_AGAIN : HTTP_DONE;
}

void api_form(struct buf *form, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(form, "%s%s=", form->len ? "&" : "", name);
	text_percent(form, value, strlen(value), "&=+;#?/ ");
}

void api_form_int(struct buf *form, const char *name, int value)
{
	buf_addf(form, "%s%s=%d", form->len ? "&" : "", name, value);
}

struct api_call *api_send(struct api *a, const char *method, struct buf *form)
{
	char *url = xasprintf("%s/%s", a->base, method);
	struct http_request r = {.url = url, .post = buf_cstr(form), .kind = method, .json = true};
	struct api_call *call = xcalloc(1, sizeof(*call));

	r.lane = !strcmp(method, "conversations.replies") ? REPLIES : 0;
	call->http = http_send(a->http, &r);
	call->method = xstrdup(method);
	buf_reset(form);
	free(url);
	return call;
}

static void call_free(struct api_call *call)
{
	free(call->method);
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
	*answer = (struct api_answer){0};
}

void api_release(struct api *a)
{
	free(a->scopes);
	a->scopes = NULL;
}

/* What no other call with this token would get past; the remedy, or NULL. */
static const char *remedy(const char *error)
{
	static const char *const remedies[][2] = {
		{"not_authed", "no token came with the request; set SLACK_BOT_TOKEN or use --token-file"},
		{"invalid_auth",
		 "the token is refused: is it whole, and of this workspace? Else take the app's "
		 "present one (OAuth & Permissions)"},
		{"account_inactive", "its user or its app is gone; install the app again"},
		{"token_revoked", "the token was revoked; install the app again and take the new one"},
		{"token_expired", "the token rotates and has expired; refresh it, or turn rotation off"},
		{"not_allowed_token_type", "a token of this kind reads nothing; a bot's begins with xoxb-, a "
					   "user's with xoxp-"},
		{"org_login_required", "the workspace moves to an organisation; come back when that is done"},
		{"two_factor_setup_required", "the user has to set up two-factor authentication first"},
		{"ekm_access_denied", "an administrator has suspended access to the keys of this workspace"},
		{"access_denied", "the token may not use this; what allows it is the administrators' to say"},
		{"no_permission", "the token may not use this; ask for the scopes that --check names"},
		{"is_bot", "a bot may not use this; take a user's token"},
		{"accesslimited", "access to this workspace is limited"},
		{"enterprise_is_restricted", "the organisation does not let this token in"},
		{"team_access_not_granted", "the token is not granted to that workspace"},
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (!strcmp(remedies[i][0], error))
			return remedies[i][1];
	return NULL;
}

/* A request that Slack does not understand is our own mistake, or an API that is none of Slack's. */
static bool is_our_mistake(const char *error)
{
	static const char *const mistakes[] = {"invalid_arg_name",
					       "invalid_array_arg",
					       "invalid_charset",
					       "invalid_form_data",
					       "invalid_post_type",
					       "missing_post_type",
					       "invalid_ts_oldest",
					       "invalid_ts_latest",
					       "invalid_limit",
					       "invalid_types",
					       "limit_required",
					       "missing_argument",
					       "invalid_arguments",
					       "unknown_method",
					       "method_deprecated",
					       "deprecated_endpoint",
					       NULL};

	return listed(mistakes, error);
}

static int read_error(struct api *a, const char *method, const struct api_answer *answer)
{
	const char *what = remedy(answer->error);

	if (what) {
		a->over = true;
		return log_error(!strcmp(answer->error, "org_login_required") ? EX_TEMPFAIL : EX_NOPERM,
				 "%s: %s: %s", method, answer->error, what);
	}
	if (is_our_mistake(answer->error)) {
		a->over = true;
		return log_error(EX_UNAVAILABLE,
				 "%s: %s: this API does not take what Slack's does; is --api-url right?",
				 method, answer->error);
	}
	return 0;
}

static int read_answer(struct api *a, const char *method, const struct http_answer *h,
		       struct api_answer *answer)
{
	const json_t *more = json_object_get(h->json, "response_metadata");
	char *scopes = http_header(h, "x-oauth-scopes");

	if (scopes) {
		free(a->scopes);
		a->scopes = scopes;
	}
	a->date = h->date >= 0 ? h->date * STAMP_SECOND : stamp_now();
	if (h->verdict == HTTP_REFUSED) {
		a->over = true;
		return log_error(EX_NOPERM, "%s: refused (%d): is --api-url right?", method, h->status);
	}
	if (h->status != 200)
		return log_error(EX_UNAVAILABLE, "%s: %d from the server: is --api-url right?", method,
				 h->status);
	answer->json = json_incref(h->json);
	if (!json_is_true(json_object_get(h->json, "ok")))
		answer->error = member_str(h->json, "error");
	answer->needed = member_str(h->json, "needed");
	answer->next = member_str(more, "next_cursor");
	if (answer->next && !*answer->next)
		answer->next = NULL;
	answer->limited = json_is_true(json_object_get(h->json, "is_limited"));
	a->limited |= answer->limited;
	answer->more = answer->next || json_is_true(json_object_get(h->json, "has_more"));
	if (answer->limited && !json_array_size(json_object_get(h->json, "messages"))) {
		answer->next = NULL; /* what is hidden is the rest */
		answer->more = false;
	}
	return answer->error ? read_error(a, method, answer) : 0;
}

bool api_has_come(const struct api_call *call)
{
	return http_has_come(call->http);
}

int api_wait(struct api *a, struct api_call *call, struct api_answer *answer)
{
	struct http_answer h;
	int rc = http_receive(a->http, call->http, &h);

	*answer = (struct api_answer){0};
	a->over |= http_over(a->http);
	a->later |= http_lane_is_over(a->http, REPLIES);
	if (!rc) {
		rc = read_answer(a, call->method, &h, answer);
		http_answer_release(&h);
	}
	if (rc)
		api_answer_release(answer);
	call_free(call);
	return rc;
}

static bool is_among(const char *scopes, const char *scope)
{
	size_t n = strlen(scope);

	for (const char *p = scopes; (p = strstr(p, scope)); p += n)
		if ((p == scopes || strchr(", ", p[-1])) && (!p[n] || strchr(", ", p[n])))
			return true;
	return false;
}

bool api_has_scope(const struct api *a, const char *scope)
{
	/* of classic apps and of legacy tokens: each stands for many, and the server says which it does not */
	static const char *const wide[] = {"bot", "client", "read"};

	if (!a->scopes || is_among(a->scopes, scope))
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (is_among(a->scopes, wide[i]))
			return true;
	return false;
}
