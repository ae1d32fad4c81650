/* SPDX-License-Identifier: ISC */
#include "mailmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "file.h"
#include "xalloc.h"

enum { FILE_MAX = 64 << 20 };

struct slice {
	const char *s; /* NULL: absent */
	size_t n;
};

/* A line; the texts are NUL-ended pieces of a file. */
struct entry {
	const char *mail, *name;         /* what is looked for; name NULL: whatever it is */
	const char *new_mail, *new_name; /* NULL: stays */
	size_t line;                     /* the later one wins */
};

struct mailmap {
	char **texts; /* copies of the files, cut up */
	size_t n_texts;
	struct entry *entries;
	size_t n, cap;
	bool sorted; /* one entry an address and name */
};

struct mailmap *mailmap_new(void)
{
	return xcalloc(1, sizeof(struct mailmap));
}

void mailmap_free(struct mailmap *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_texts; i++)
		free(m->texts[i]);
	free(m->texts);
	free(m->entries);
	free(m);
}

/* ---- lines ---- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* "Name <mail>" at *at, each NUL-ended in place, moves *at behind it. False where there is no <mail>. */
static bool take_person(char **at, bool empty_mail, const char **name, const char **mail)
{
	char *open = strchr(*at, '<'), *close = open ? strchr(open, '>') : NULL, *end = open;

	if (!close || (!empty_mail && close == open + 1))
		return false;
	while (is_space(**at))
		++*at;
	while (end > *at && is_space(end[-1]))
		end--;
	*name = end > *at ? *at : NULL;
	*mail = open + 1;
	*end = *close = '\0';
	*at = close + 1;
	return true;
}

static void take_line(struct mailmap *m, char *line)
{
	const char *name = NULL, *mail = NULL, *old_name = NULL, *old_mail = NULL;
	bool two;

	if (*line == '#' || !take_person(&line, false, &name, &mail))
		return;
	two = take_person(&line, true, &old_name, &old_mail);
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 64;
		m->entries = xreallocarray(m->entries, m->cap, sizeof(*m->entries));
	}
	m->entries[m->n] = (struct entry){.mail = two ? old_mail : mail,
					  .name = old_name,
					  .new_mail = two ? mail : NULL,
					  .new_name = name,
					  .line = m->n};
	m->n++;
	m->sorted = false;
}

void mailmap_add(struct mailmap *m, const char *text, size_t n)
{
	char *copy = xmalloc(n + 1), *next;

	if (n)
		memcpy(copy, text, n);
	copy[n] = '\0';
	m->texts = xreallocarray(m->texts, m->n_texts + 1, sizeof(*m->texts));
	m->texts[m->n_texts++] = copy;
	for (char *line = copy; line < copy + n; line = next) {
		char *end = memchr(line, '\n', (size_t)(copy + n - line));

		end = end ? end : copy + n;
		next = end + 1;
		*end = '\0';
		take_line(m, line);
	}
}

/* ---- looking up ---- */

static int compare(const char *s, struct slice t)
{
	int order = strncasecmp(s, t.s, t.n);

	return order ? order : s[t.n] != '\0';
}

/* By address, then name; what holds for any name stands first. */
static int compare_key(const struct entry *e, struct slice name, struct slice mail)
{
	int order = compare(e->mail, mail);

	if (order)
		return order;
	if (!e->name || !name.s)
		return (e->name != NULL) - (name.s != NULL);
	return compare(e->name, name);
}

static struct slice slice(const char *s)
{
	return (struct slice){s, s ? strlen(s) : 0};
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = compare_key(x, slice(y->name), slice(y->mail));

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/*
 * Of lines for the same person the last one counts; where no name
 * is asked for, for each of the two it gives.
 */
static void sort(struct mailmap *m)
{
	size_t n = 0;

	if (m->n)
		qsort(m->entries, m->n, sizeof(*m->entries), by_key);
	for (size_t i = 0; i < m->n; i++) {
		struct entry e = m->entries[i], *last = n ? &m->entries[n - 1] : NULL;

		if (!last || compare_key(last, slice(e.name), slice(e.mail)) != 0) {
			m->entries[n++] = e;
			continue;
		}
		if (!e.name && !e.new_name)
			e.new_name = last->new_name;
		if (!e.name && !e.new_mail)
			e.new_mail = last->new_mail;
		*last = e;
	}
	m->n = n;
	m->sorted = true;
}

static const struct entry *look_up(const struct mailmap *m, struct slice name, struct slice mail)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_key(&m->entries[middle], name, mail);

		if (!order)
			return &m->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct mailmap_person mailmap_find(struct mailmap *m, const char *name, size_t name_len, const char *mail,
				   size_t mail_len)
{
	/* a text with a NUL ends there, as in git */
	struct slice by_name = {name ? name : "", name ? strnlen(name, name_len) : 0};
	struct slice by_mail = {mail ? mail : "", mail ? strnlen(mail, mail_len) : 0};
	const struct entry *e;

	if (!m->sorted)
		sort(m);
	e = look_up(m, by_name, by_mail);
	if (!e)
		e = look_up(m, (struct slice){0}, by_mail);
	return e ? (struct mailmap_person){e->new_name, e->new_mail} : (struct mailmap_person){0};
}

/* ---- where it stands ---- */

static void add_file(struct mailmap *m, const char *path)
{
	struct buf text;

	buf_init(&text, FILE_MAX);
	if (!file_read(path, &text))
		mailmap_add(m, text.data, text.len);
	buf_release(&text);
}

static void add_blob(struct mailmap *m, git_repository *repo, const char *name)
{
	git_object *object = NULL;
	const git_blob *blob;

	if (!git_revparse_single(&object, repo, name) && git_object_type(object) == GIT_OBJECT_BLOB) {
		blob = (const git_blob *)object;
		mailmap_add(m, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
	}
	git_object_free(object);
}

/* mailmap.file, with ~ for the home; it may be a link. */
static void add_configured_file(struct mailmap *m, git_config *config, const char *worktree)
{
	git_buf path = {0};
	char *joined, *real;

	if (git_config_get_path(&path, config, "mailmap.file"))
		return;
	joined = *path.ptr == '/' || !worktree ? xstrdup(path.ptr) : xasprintf("%s%s", worktree, path.ptr);
	real = realpath(joined, NULL);
	if (real)
		add_file(m, real);
	free(real);
	free(joined);
	git_buf_dispose(&path);
}

struct mailmap *mailmap_load(git_repository *repo)
{
	struct mailmap *m = mailmap_new();
	const char *worktree = git_repository_workdir(repo), *blob = NULL;
	git_config *config = NULL;
	char *path;

	if (worktree) {
		path = xasprintf("%s.mailmap", worktree);
		add_file(m, path);
		free(path);
	}
	if (git_repository_config_snapshot(&config, repo))
		config = NULL;
	if (!config || git_config_get_string(&blob, config, "mailmap.blob"))
		blob = worktree ? NULL : "HEAD:.mailmap";
	if (blob)
		add_blob(m, repo, blob);
	if (config)
		add_configured_file(m, config, worktree);
	git_config_free(config);
	return m;
}
