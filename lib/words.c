/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "xalloc.h"

void words_add(struct words *w, char *word)
{
	w->items = xreallocarray(w->items, w->n + 2, sizeof(*w->items));
	w->items[w->n++] = word;
	w->items[w->n] = NULL;
}

void words_addf(struct words *w, const char *fmt, ...)
{
	va_list ap;
	char *word;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	word = xmalloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(word, (size_t)n + 1, fmt, ap);
	va_end(ap);
	words_add(w, word);
}

const char *const *words_argv(const struct words *w)
{
	return (const char *const *)w->items;
}

void words_show(struct buf *out, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *value = strncmp(w->items[i], "--", 2) ? NULL : strchr(w->items[i], '=');

		if (i)
			buf_addc(out, ' ');
		/* --name='it is' reads better than '--name=it is' */
		if (value) {
			buf_add(out, w->items[i], (size_t)(value + 1 - w->items[i]));
			shell_word(out, value + 1);
		} else {
			shell_word(out, w->items[i]);
		}
	}
}

void words_release(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->items[i]);
	free(w->items);
	*w = (struct words){0};
}
