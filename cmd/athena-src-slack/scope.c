/* SPDX-License-Identifier: ISC */
/* What is asked for, and whether an earlier run was asked for less. */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "text.h"
#include "xalloc.h"

const char *scope_words(const struct fetch *f)
{
	static const char *const words[] = {"messages",
					    "messages reactions",
					    "messages replies",
					    "messages reactions replies",
					    "messages bots",
					    "messages bots reactions",
					    "messages bots replies",
					    "messages bots reactions replies"};

	return words[!f->options->no_reactions + 2 * !f->options->no_threads + 4 * f->options->bots];
}

json_t *scope_selection(const struct fetch *f)
{
	json_t *selection = json_object(), *channels = json_array();
	struct buf word = {0};

	for (size_t i = 0; i < f->options->channels->n; i++) {
		const char *c = f->options->channels->items[i];

		buf_reset(&word);
		text_percent(&word, c, strlen(c), "");
		json_array_append_new(channels, json_string(buf_cstr(&word)));
	}
	if (json_array_size(channels))
		json_object_set(selection, "channel", channels);
	json_object_set_new(selection, "events", json_string(scope_words(f)));
	source_floor(f->src, selection);
	json_decref(channels);
	buf_release(&word);
	return selection;
}

/* Is the word, n bytes long, one of those in `words`? */
static bool has_word(const char *words, const char *word, size_t n)
{
	for (const char *p = words; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == n && !strncmp(p, word, n))
			return true;
	return false;
}

/* Is every word of `asked` one of those in `had`? */
static bool covers(const char *had, const char *asked)
{
	for (const char *p = asked; *p; p += strcspn(p, " "), p += *p == ' ')
		if (!has_word(had, p, strcspn(p, " ")))
			return false;
	return true;
}

/* What earlier runs left out has to be gone back for: that channel is read from its start. */
void scope_settle(struct fetch *f, struct channel *c)
{
	const char *scope = scope_words(f);
	char from[TS_SIZE] = "";

	if (f->src->since != SOURCE_NO_TIME) /* threads that began before may have replies since */
		ts_format(f->src->since - f->options->lookback - 1, from);
	if (c->scope && (!covers(c->scope, scope) || slack_ts_compare(from, c->from) < 0)) {
		log_note("%s: is read from its start, for more is asked for than before", c->name);
		maybe_begin_again(f, c);
	}
	free(c->scope);
	c->scope = xstrdup(scope);
	if (!*c->done && !*c->to)
		ts_copy(c->from, from);
}
