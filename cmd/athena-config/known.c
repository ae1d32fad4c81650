/* SPDX-License-Identifier: ISC */
#include "known.h"

#include <dirent.h>
#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "file.h"
#include "gitlib.h"
#include "say.h"
#include "text.h"
#include "xalloc.h"

enum { CURSOR_MAX = 2 << 20 }; /* bytes: more than one line of a stream may have */

struct names {
	struct words all;
	const char *prefix;
};

/* A name that a terminal could not show is none that somebody would type. */
static void add(struct names *names, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == '\x7f')
			return;
	if (n && text_valid(name, n) && !strncmp(name, names->prefix, strlen(names->prefix)))
		words_add(&names->all, xstrdup(name));
}

static void add_branches(struct names *names, const char *path)
{
	git_reference_iterator *refs = NULL;
	git_repository *repo = NULL;
	git_reference *ref = NULL;

	if (gitlib_init())
		return;
	if (!git_repository_open_ext(&repo, path, 0, NULL) && !git_reference_iterator_new(&refs, repo))
		while (!git_reference_next(&ref, refs)) {
			if (git_reference_is_branch(ref) || git_reference_is_remote(ref) ||
			    git_reference_is_tag(ref))
				add(names, git_reference_shorthand(ref));
			git_reference_free(ref);
		}
	git_reference_iterator_free(refs);
	git_repository_free(repo);
	git_libgit2_shutdown();
}

/* The channels of a slack source's position. */
static void add_channels(struct names *names, const json_t *position)
{
	json_t *channel;
	const char *id;

	json_object_foreach (json_object_get(position, "channels"), id, channel) {
		const char *name = json_string_value(json_object_get(channel, "name"));

		add(names, name ? name : id);
	}
}

static void add_of_cursor(struct names *names, enum known kind, const char *path)
{
	struct cursor c = {0};
	struct buf bytes;
	const char *why;

	buf_init(&bytes, CURSOR_MAX);
	if (!file_read(path, &bytes) && cursor_parse(&c, bytes.data, bytes.len, NULL, &why) == CURSOR_OK) {
		if (kind == KNOWN_ID)
			add(names, c.source_id);
		else if (!strncmp(c.source_id, "slack:", 6))
			add_channels(names, c.position);
	}
	cursor_release(&c);
	buf_release(&bytes);
}

static void add_of_cursors(struct names *names, enum known kind, const struct settings *s)
{
	DIR *folder = opendir(s->state);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		size_t n = strlen(entry->d_name);
		char *path;

		if (n < 8 || strcmp(entry->d_name + n - 7, ".cursor") != 0)
			continue;
		path = xasprintf("%s/%s", s->state, entry->d_name);
		add_of_cursor(names, kind, path);
		free(path);
	}
	if (folder)
		closedir(folder);
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *own = settings_find(&s->sources[i].keys, "cursor");

		if (own && own->value)
			add_of_cursor(names, kind, own->value);
	}
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int print(struct names *names)
{
	struct buf out = {0};
	int rc;

	if (names->all.n)
		qsort(names->all.items, names->all.n, sizeof(*names->all.items), by_name);
	for (size_t i = 0; i < names->all.n; i++)
		if (!i || strcmp(names->all.items[i], names->all.items[i - 1]) != 0)
			buf_addf(&out, "%s\n", names->all.items[i]);
	rc = say_bytes(out.data, out.len);
	buf_release(&out);
	return rc;
}

int known_print(enum known kind, const struct settings *s, const char *repo, const char *prefix)
{
	struct names names = {.prefix = prefix};
	int rc;

	switch (kind) {
	case KNOWN_SOURCE:
		for (size_t i = 0; i < s->n; i++)
			add(&names, s->sources[i].name);
		break;
	case KNOWN_BRANCH:
		add_branches(&names, repo);
		break;
	case KNOWN_ID:
	case KNOWN_CHANNEL:
		add_of_cursors(&names, kind, s);
		break;
	}
	rc = print(&names);
	words_release(&names.all);
	return rc;
}
