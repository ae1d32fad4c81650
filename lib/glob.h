/* SPDX-License-Identifier: ISC
 *
 * glob - path patterns as git's `:(glob)` reads them, in ordered lists.
 *
 * `*` and `?` stop at `/`, a component `**` matches any number of components, `[a-z]`,
 * `[!a-z]` and `[[:alpha:]]` one byte, `\` quotes. A pattern that is, byte for byte, a leading
 * part of a path (up to a `/`) matches all below it: a folder means everything in it. As in git
 * this is not so for a folder that only a wildcard matches: `src/s?b` is no src/sub/x.c, for which the
 * pattern has to go on with a `/` and `**`. A trailing `/` matches only what is below.
 *
 *	struct glob_set paths = {.include = include, .n_include = n};
 *	if (glob_set_match(&paths, path, strlen(path))) ...
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stddef.h>

struct glob_set {
	const char *const *include; /* n_include patterns; none means everything; borrowed */
	size_t n_include;
	const char *const *exclude; /* these win over include; borrowed */
	size_t n_exclude;
};

/* Does the whole path match, or is the pattern a leading folder of it? */
bool glob_match(const char *pattern, const char *path, size_t len);

/* Could anything below the folder `dir` (without trailing slash, "" is the root) match? Never a false no. */
bool glob_may_match_below(const char *pattern, const char *dir, size_t len);

bool glob_set_match(const struct glob_set *set, const char *path, size_t len);
bool glob_set_may_match_below(const struct glob_set *set, const char *dir, size_t len);

#endif
