/* SPDX-License-Identifier: ISC
 *
 * A pattern, a NUL and a path. No folder on the way to a match may be left out, and none
 * that an exclude leaves out may hold anything else.
 */
#include "glob.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_pair(const char *pattern, const char *path, size_t len)
{
	bool match = glob_match(pattern, path, len);
	const struct glob_set only = {&pattern, 1, NULL, 0}, except = {NULL, 0, &pattern, 1};

	check(glob_set_match(&only, path, len) == match);
	check(glob_set_match(&except, path, len) == !match);
	check(glob_may_match_below(pattern, "", 0));
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/')
			continue;
		if (match)
			check(glob_may_match_below(pattern, path, i) &&
			      glob_set_may_match_below(&only, path, i));
		else
			check(glob_set_may_match_below(&except, path, i));
	}
}

/* Could git have a file of this name? */
static bool is_path(const char *s, size_t n)
{
	return n && s[0] != '/' && s[n - 1] != '/' && !strstr(s, "//") && strncmp(s, "./", 2) &&
	       strcmp(s, ".");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1), *quoted = xmalloc(2 * size + 1), *q = quoted;
	const char *path;
	size_t len;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	path = text + strlen(text) + (strlen(text) < size);
	len = size - (size_t)(path - text);
	check_pair(text, path, len);
	check_pair("**", path, len);

	/* a pattern matches the path that is called like it, and a quoted path matches itself */
	len = strlen(text);
	if (is_path(text, len)) {
		check(glob_match(text, text, len));
		for (const char *s = text; *s; s++) {
			if (*s != '/')
				*q++ = '\\';
			*q++ = *s;
		}
		*q = '\0';
		check(glob_match(quoted, text, len));
		check_pair(quoted, text, len);
	}
	free(quoted);
	free(text);
	return 0;
}
