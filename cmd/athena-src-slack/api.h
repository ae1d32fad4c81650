/* SPDX-License-Identifier: ISC
 *
 * api - Slack's Web API by way of lib/http: a method, its arguments as a form, and what the answer means.
 *
 *	api_form(&form, "channel", "C02ABCDEF");
 *	call = api_send(&api, "conversations.history", &form);   does not wait; the form is empty again
 *	...
 *	rc = api_wait(&api, call, &answer);                      waits; the call is gone, whatever came
 *	if (!rc && answer.error) ... that channel, thread or user cannot be had ...
 *	... answer.json, answer.next ...
 *	api_answer_release(&answer);
 *
 * Slack says most of what goes wrong within a 200: {"ok":false,"error":"not_in_channel"}. What fails for
 * now is tried again by lib/http, each method at its own pace. A code other than 0 ends the run and has
 * been said: nothing more can be had with this token, within this budget. What concerns one object comes
 * back with 0 as `error`.
 */
#ifndef API_H
#define API_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "http.h"

struct api_call;

struct api {
	struct http *http; /* borrowed */
	const char *base;  /* https://slack.com/api, without a slash at the end; borrowed */
	bool over;         /* no further call makes sense */
	bool later;        /* nor one for replies: their limit outlasts --deadline */
	bool limited;      /* an answer said that the workspace's plan hides what is old */
	char *scopes;      /* of the token, as the last answer had them; NULL: not said */
	int64_t date; /* the server's clock, microseconds since 1970; that of this machine where it has none */
};

struct api_answer {
	json_t *json;                  /* the whole answer */
	const char *error;             /* "not_in_channel"; NULL: ok. Points into json, as the rest */
	const char *next;              /* the cursor of the next page; NULL: there is none */
	bool more; /* this is not the last page: it goes on by the cursor, or by the times of its messages; a
		      page that has neither leads nowhere */
	bool limited; /* what is older is hidden: the workspace's plan does not show it */
	const char *needed; /* of missing_scope; may be NULL */
};

/* For struct http_setup: what within a 200 is to be tried again. */
enum http_verdict api_judge(const json_t *json, const char **why);

/* Adds an argument; NULL or "" adds nothing. */
void api_form(struct buf *form, const char *name, const char *value);
void api_form_int(struct buf *form, const char *name, int value);

struct api_call *api_send(struct api *a, const char *method, struct buf *form);
/* Would that not wait? */
bool api_has_come(const struct api_call *call);
int api_wait(struct api *a, struct api_call *call, struct api_answer *answer);
/* Gives up a call; takes NULL. */
void api_drop(struct api *a, struct api_call *call);
void api_answer_release(struct api_answer *answer);
void api_release(struct api *a);

/* Does the token have the scope? True also where the server does not say. */
bool api_has_scope(const struct api *a, const char *scope);

#endif
