/* SPDX-License-Identifier: ISC */
#include "paths.h"

#include <git2/sys/repository.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "xalloc.h"

enum { REMEMBERED = 1 << 16, UNASKED = -1 };

struct entry {
	size_t name;          /* where it starts in names, NUL-ended */
	uint32_t hash, chain; /* 1 + the next in the bucket; 0: none */
	int kind;             /* enum paths_kind, or UNASKED */
};

struct paths {
	git_repository *repo;  /* borrowed */
	git_repository *files; /* the same with an empty index; NULL until the first question */
	git_config *config;    /* a snapshot */
	struct buf names;
	struct entry *entries;
	uint32_t *buckets;
	uint32_t n, cap; /* entries; cap is a power of two, and the number of buckets */
	enum paths_kind fallback;
};

/* diff.<driver>.binary: a boolean, or "auto". */
static enum paths_kind driver_kind(const struct paths *p, const char *driver)
{
	char *key = xasprintf("diff.%s.binary", driver);
	enum paths_kind kind = PATHS_AUTO;
	const char *text;
	int binary;

	if (!git_config_get_string(&text, p->config, key) && strcasecmp(text, "auto") != 0 &&
	    !git_config_parse_bool(&binary, text))
		kind = binary ? PATHS_BINARY : PATHS_TEXT;
	free(key);
	return kind;
}

struct paths *paths_new(git_repository *repo)
{
	struct paths *p = xcalloc(1, sizeof(*p));

	p->repo = repo;
	p->cap = 1024;
	p->entries = xreallocarray(NULL, p->cap, sizeof(*p->entries));
	p->buckets = xcalloc(p->cap, sizeof(*p->buckets));
	if (git_repository_config_snapshot(&p->config, repo))
		p->config = NULL;
	p->fallback = p->config ? driver_kind(p, "default") : PATHS_AUTO;
	return p;
}

void paths_free(struct paths *p)
{
	if (!p)
		return;
	git_config_free(p->config);
	git_repository_free(p->files);
	buf_release(&p->names);
	free(p->entries);
	free(p->buckets);
	free(p);
}

void paths_trim(struct paths *p)
{
	if (p->n < REMEMBERED)
		return;
	buf_release(&p->names);
	p->n = 0;
	memset(p->buckets, 0, p->cap * sizeof(*p->buckets));
}

static void grow(struct paths *p)
{
	uint32_t *bucket;

	p->cap *= 2;
	p->entries = xreallocarray(p->entries, p->cap, sizeof(*p->entries));
	free(p->buckets);
	p->buckets = xcalloc(p->cap, sizeof(*p->buckets));
	for (uint32_t i = 0; i < p->n; i++) {
		bucket = &p->buckets[p->entries[i].hash & (p->cap - 1)];
		p->entries[i].chain = *bucket;
		*bucket = i + 1;
	}
}

uint32_t paths_number(struct paths *p, const char *path)
{
	size_t len = strlen(path);
	uint32_t hash = 2166136261U, i, *bucket;

	for (size_t k = 0; k < len; k++)
		hash = (hash ^ (unsigned char)path[k]) * 16777619U;
	hash ^= hash >> 15;
	for (i = p->buckets[hash & (p->cap - 1)]; i; i = p->entries[i - 1].chain)
		if (p->entries[i - 1].hash == hash && !strcmp(p->names.data + p->entries[i - 1].name, path))
			return i - 1;
	if (p->n == p->cap)
		grow(p);
	bucket = &p->buckets[hash & (p->cap - 1)];
	p->entries[p->n] =
		(struct entry){.name = p->names.len, .hash = hash, .chain = *bucket, .kind = UNASKED};
	buf_add(&p->names, path, len + 1);
	*bucket = p->n + 1;
	return p->n++;
}

uint32_t paths_count(const struct paths *p)
{
	return p->n;
}

/*
 * git log does not look into the index for attributes. libgit2 always would, so it gets an empty one, in a
 * handle of our own: the caller's keeps its index.
 */
static git_repository *without_index(const struct paths *p)
{
	const char *worktree = git_repository_workdir(p->repo), *found;
	git_repository *files;
	git_index *index;

	if (git_repository_open(&files, git_repository_path(p->repo)))
		return NULL;
	found = git_repository_workdir(files);
	if ((worktree && (!found || strcmp(worktree, found) != 0) &&
	     git_repository_set_workdir(files, worktree, 0)) ||
	    git_index_new(&index)) {
		git_repository_free(files);
		return NULL;
	}
	git_repository_set_index(files, index);
	git_index_free(index);
	return files;
}

static enum paths_kind ask(struct paths *p, const char *path)
{
	const char *value = NULL;

	if (!p->files)
		p->files = without_index(p);
	if (!p->files || git_attr_get(&value, p->files, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, "diff"))
		return p->fallback;
	switch (git_attr_value(value)) {
	case GIT_ATTR_VALUE_TRUE:
		return PATHS_TEXT;
	case GIT_ATTR_VALUE_FALSE:
		return PATHS_BINARY;
	case GIT_ATTR_VALUE_STRING:
		return p->config ? driver_kind(p, value) : PATHS_AUTO;
	default:
		return p->fallback;
	}
}

enum paths_kind paths_kind(struct paths *p, uint32_t number)
{
	struct entry *e = &p->entries[number];

	if (e->kind == UNASKED)
		e->kind = (int)ask(p, p->names.data + e->name);
	return (enum paths_kind)e->kind;
}

enum paths_kind paths_default(const struct paths *p)
{
	return p->fallback;
}
