/* SPDX-License-Identifier: ISC
 *
 * paths - the paths of a history as numbers, and what gitattributes say of each: is its diff text?
 *
 * Attributes are asked once a path, and remembered. Read as git log reads them: from the
 * work tree, info/attributes and the user's file, never from the index; in a bare repository the last two
 * only.
 */
#ifndef PATHS_H
#define PATHS_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

struct paths;

enum paths_kind {
	PATHS_AUTO,   /* nothing said: the content decides */
	PATHS_TEXT,   /* diff is set, or its driver says binary = false */
	PATHS_BINARY, /* diff is unset, or its driver says binary = true */
};

/* `repo` is borrowed for the life of it. */
struct paths *paths_new(git_repository *repo);

/* The number of a path, from 0; stays until paths_trim(). */
uint32_t paths_number(struct paths *p, const char *path);
uint32_t paths_count(const struct paths *p);
enum paths_kind paths_kind(struct paths *p, uint32_t number);

/* What holds for symbolic links, of which no attribute is asked. */
enum paths_kind paths_default(const struct paths *p);

/* Forgets everything where it has become much: call it while no number is in use. */
void paths_trim(struct paths *p);
void paths_free(struct paths *p);

#endif
