/* SPDX-License-Identifier: ISC
 *
 * api - the GitHub API by way of lib/http: calls that are under way together, and answers as JSON.
 *
 *	struct api_call *call = api_list(&api, "/repos/o/r/issues?per_page=100");    does not wait
 *	...
 *	rc = api_wait(&api, call, &answer);      waits; the call is gone, whatever came
 *	... answer.status, answer.json, answer.next ...
 *	api_answer_release(&answer);
 *
 * Retries, limits, redirects and the cache are lib/http's business. api_wait() returns a sysexits code that
 * has been said where there is no answer to work with. What concerns one list or one item comes back as a
 * status with 0: 200, and 404, 409, 410, 422, 451 without json. A list or a query for which the server seems to
 * have too much to do comes back as `heavy`.
 */
#ifndef API_H
#define API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"

struct api_call;

struct api {
	struct http *http; /* borrowed */
	const char *base;  /* https://api.github.com, without a slash at the end; borrowed */
	char *graphql;     /* the URL of GraphQL */
	bool has_token;
	bool refused; /* the token is */
	bool over; /* no further call makes sense: refused, or out of budget */
};

struct api_answer {
	int status;
	bool heavy;    /* the server failed again and again: ask for less */
	bool stale;    /* GraphQL: the list has no such place, or not any more; there is no json */
	char *target;  /* of a list: what was asked */
	json_t *json;  /* of status 200; with a status of its own NULL */
	int64_t date;  /* the server's clock, microseconds since 1970; ours where it does not say */
	char *next;    /* target of the next page, as api_get() takes it; NULL: this is the last */
	char *last;    /* target of the last page, or NULL */
	char *scopes;  /* of the token, as the server has them; NULL where it does not say */
	char *expires; /* when the token does, or NULL */
	char *message; /* of another status than 200: what the server said, or NULL */
};

void api_init(struct api *a, struct http *http, const char *base, bool has_token);
void api_release(struct api *a);

/* `target` is what follows the base, beginning with a slash. */
struct api_call *api_get(struct api *a, const char *target);

/* The same for a list, or a comparison: what is neither is a failure of the server, and tried again. */
struct api_call *api_list(struct api *a, const char *target);

/* The same past the cache, for what costs nothing. */
struct api_call *api_free(struct api *a, const char *target);

/*
 * A query of GraphQL; takes over `variables`. The answer's json is the member `data`, in which is null what is
 * not there. With `quiet` an error in the answer is no more than a detail: the caller knows another way.
 */
struct api_call *api_query(struct api *a, const char *query, json_t *variables, bool quiet);

int api_wait(struct api *a, struct api_call *call, struct api_answer *answer);
/* Gives up a call that nobody waits for; takes NULL. */
void api_drop(struct api *a, struct api_call *call);
void api_answer_release(struct api_answer *answer);

#endif
