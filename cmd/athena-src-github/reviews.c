/* SPDX-License-Identifier: ISC
 *
 * The reviews of many pull requests in one query: by REST each needs a request. What comes is put into the
 * shape that REST has, so that an event does not tell how it was fetched. Where the server does not answer
 * such a query, or a pull request has more reviews than fit, REST is asked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"

enum { MANY = 50 }; /* pull requests of one query */

static const char query[] = "query reviews($ids:[ID!]!){nodes(ids:$ids){... on PullRequest{number "
			    "reviews(first:50){pageInfo{hasNextPage} nodes{"
			    "fullDatabaseId state body submittedAt url authorAssociation commit{oid} "
			    "author{__typename login}}}}}}";

static void copy(json_t *to, const char *name, json_t *from, const char *member)
{
	json_t *v = json_object_get(from, member);

	json_object_set(to, name, v ? v : json_null());
}

json_t *reviews_user(json_t *author)
{
	const char *login = event_str(author, "login"), *type = event_str(author, "__typename");
	bool bot = type && !strcmp(type, "Bot") && login && !strstr(login, "[bot]");
	char name[256];

	if (!login)
		return json_null();
	snprintf(name, sizeof(name), "%s%s", login, bot ? "[bot]" : "");
	return json_pack("{s:s}", "login", name);
}

static json_t *make_reviews(json_t *nodes)
{
	json_t *reviews = json_array(), *node;
	size_t i;

	json_array_foreach (nodes, i, node) {
		json_t *r = json_object();

		copy(r, "id", node, "fullDatabaseId");
		copy(r, "state", node, "state");
		copy(r, "body", node, "body");
		copy(r, "submitted_at", node, "submittedAt");
		copy(r, "html_url", node, "url");
		copy(r, "author_association", node, "authorAssociation");
		copy(r, "commit_id", json_object_get(node, "commit"), "oid");
		json_object_set_new(r, "user", reviews_user(json_object_get(node, "author")));
		json_array_append_new(reviews, r);
	}
	return reviews;
}

static void take(json_t *into, json_t *nodes)
{
	json_t *node;
	size_t i;

	json_array_foreach (nodes, i, node) {
		json_t *connection = json_object_get(node, "reviews");
		int64_t number = event_int(node, "number");
		char key[24];

		if (number < 0 || !json_is_object(connection) ||
		    json_is_true(json_object_get(json_object_get(connection, "pageInfo"), "hasNextPage")))
			continue;
		snprintf(key, sizeof(key), "%" PRId64, number);
		json_object_set_new(into, key, make_reviews(json_object_get(connection, "nodes")));
	}
}

int reviews_fetch(struct fetch *f, json_t *ids, json_t *into)
{
	size_t n = json_array_size(ids);

	for (size_t i = 0; i < n; i += MANY) {
		json_t *some = json_array();
		struct api_answer a = {0};
		int rc;

		for (size_t k = i; k < n && k < i + MANY; k++)
			json_array_append(some, json_array_get(ids, k));
		rc = api_wait(f->api, api_query(f->api, query, json_pack("{s:o}", "ids", some), true), &a);
		if (!rc && a.heavy)
			rc = EX_UNAVAILABLE;
		if (!rc)
			take(into, json_object_get(a.json, "nodes"));
		api_answer_release(&a);
		if (rc < 0 || f->api->over)
			return rc;
		if (rc) {
			f->one_by_one = true;
			return 0;
		}
	}
	return 0;
}
