/* SPDX-License-Identifier: ISC
 *
 * jsonscan against jansson: what we take, jansson takes with equal values; what
 * jansson takes, we never call damage.
 */
#include "jsonscan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The member as jansson has it, NULL where its name is one that jansson cannot look up. */
static void compare(json_t *object, const struct jsonscan_member *m)
{
	char *name = xmalloc(m->name_len), *text = xmalloc(m->len);
	size_t len = jsonscan_unescape(m->name, m->name_len, name);
	json_t *want = json_object_getn(object, name, len), *got;

	require(want);
	got = json_loadb(m->value, m->len, JSON_DECODE_ANY, NULL);
	require(got && json_equal(got, want));
	require(json_is_object(want) == (m->type == JSONSCAN_OBJECT) &&
		json_is_null(want) == (m->type == JSONSCAN_NULL));
	if (m->type == JSONSCAN_STRING) {
		len = jsonscan_unescape(m->value + 1, m->len - 2, text);
		require(len == json_string_length(want) && !memcmp(text, json_string_value(want), len));
		require(m->escaped == (memchr(m->value, '\\', m->len) != NULL));
	}
	json_decref(got);
	free(name);
	free(text);
}

/* Refused though jansson took it: only for what jansson does not look at. */
static bool known_strictness(const char *why)
{
	return !strcmp(why, "an integer beyond 2^53") || !strcmp(why, "U+0000 in a string") ||
	       !strcmp(why, "nested too deeply");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct jsonscan scan = {0};
	enum jsonscan_result verdict;
	json_error_t error;
	const char *why;
	size_t members;
	json_t *tree;
	char *line;

	if (n && memchr(data, 0, n))
		return 0; /* jansson takes a NUL for the end */
	line = xmemdup(data, n);
	verdict = jsonscan_line(&scan, line, n);
	tree = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	require(verdict == JSONSCAN_OK || (scan.why && scan.at <= n));
	require(!tree || verdict != JSONSCAN_NOT_JSON);
	if (verdict == JSONSCAN_OK && tree) {
		require(json_object_size(tree) == scan.n);
		for (size_t i = 0; i < scan.n; i++)
			compare(tree, &scan.members[i]);
	} else if (verdict == JSONSCAN_OK) {
		require(strstr(error.text, "real number overflow") != NULL);
	} else if (verdict == JSONSCAN_REFUSED && json_is_object(tree)) {
		require(known_strictness(scan.why));
	}
	members = scan.n;
	why = scan.why;
	/* now that they were met its names are expected */
	for (int i = 0; i < 2; i++) {
		require(jsonscan_line(&scan, line, n) == verdict);
		require(verdict != JSONSCAN_OK || scan.n == members);
		require(verdict != JSONSCAN_REFUSED || scan.why == why);
	}
	json_decref(tree);
	jsonscan_release(&scan);
	free(line);
	return 0;
}
