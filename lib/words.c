/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

	va_start(ap, fmt);
	if (vasprintf(&word, fmt, ap) < 0)
		xalloc_die();
	va_end(ap);
	words_add(w, word);
}

const char *const *words_argv(const struct words *w)
{
	return (const char *const *)w->items;
}

void words_quote(struct buf *out, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";

	if (*text && !text[strspn(text, plain)]) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\'");
		buf_addc(out, *text);
	}
	buf_addc(out, '\'');
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
			words_quote(out, value + 1);
		} else {
			words_quote(out, w->items[i]);
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
