/* SPDX-License-Identifier: ISC
 *
 * words - a command line that grows, strings on the heap ended by NULL; and how a person would type it.
 *
 *	struct words w = {0};
 *	words_add(&w, xstrdup("athena-store"));
 *	words_addf(&w, "--metrics=%s", path);
 *	spec.argv = words_argv(&w);
 *	words_release(&w);
 */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

#include "buf.h"

struct words {
	char **items;
	size_t n;
};

/* Adds a word that belongs to the list from now on. */
void words_add(struct words *w, char *word);
void words_addf(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Ended by NULL; borrowed until the next addition. */
const char *const *words_argv(const struct words *w);

/* Adds the text as one word of a POSIX shell, in quotes where it needs them: 'it'\''s'. */
void words_quote(struct buf *out, const char *text);

/* Adds all of them so. */
void words_show(struct buf *out, const struct words *w);
void words_release(struct words *w);

#endif
