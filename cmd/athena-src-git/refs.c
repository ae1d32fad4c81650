/* SPDX-License-Identifier: ISC */
#include "refs.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "log.h"
#include "repo.h"
#include "text.h"
#include "xalloc.h"

/* What a short name may mean, the first that exists. */
static const char *const folders[] = {"refs/heads/", "refs/remotes/", "refs/tags/"};
enum { N_FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static char *key_of(const char *name)
{
	struct buf b = {0};

	text_percent(&b, name, strlen(name), "");
	return buf_detach(&b);
}

static void push_ref(struct refs *refs, const char *name, const git_oid *oid)
{
	if (refs->n == refs->cap) {
		refs->cap = refs->cap ? refs->cap * 2 : 16;
		refs->items = xreallocarray(refs->items, refs->cap, sizeof(*refs->items));
	}
	refs->items[refs->n++] = (struct ref){.name = xstrdup(name), .key = key_of(name), .oid = *oid};
}

/* Unless it is there already: --branch twice, or a name and HEAD. */
static void add_ref(struct refs *refs, const char *name, const git_oid *oid)
{
	for (size_t i = 0; i < refs->n; i++)
		if (!strcmp(refs->items[i].name, name))
			return;
	push_ref(refs, name, oid);
}

const char *ref_short(const char *name)
{
	if (!strncmp(name, "refs/heads/", 11))
		return name + 11;
	if (!strncmp(name, "refs/remotes/", 13))
		return name + 13;
	return !strncmp(name, "refs/", 5) ? name + 5 : name;
}

/* The ref at the end of a chain of symbolic refs. False where there is none. */
static bool add_named(struct refs *refs, git_repository *repo, const char *name)
{
	git_reference *ref = NULL, *direct = NULL;
	bool found = !git_reference_lookup(&ref, repo, name) && !git_reference_resolve(&direct, ref);

	if (found)
		add_ref(refs, git_reference_name(direct), git_reference_target(direct));
	git_reference_free(direct);
	git_reference_free(ref);
	return found;
}

static void find_head(struct refs *refs, git_repository *repo)
{
	git_reference *head = NULL;
	const char *name = "HEAD";

	if (!git_reference_lookup(&head, repo, "HEAD") && git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
		name = git_reference_symbolic_target(head);
	refs->head = key_of(name);
	git_reference_free(head);
}

static bool add_branch(struct refs *refs, git_repository *repo, const char *name)
{
	char full[4096];

	if (!strcmp(name, "HEAD") || !strncmp(name, "refs/", 5))
		return add_named(refs, repo, name);
	for (size_t i = 0; i < N_FOLDERS; i++) {
		int n = snprintf(full, sizeof(full), "%s%s", folders[i], name);

		if (n < 0 || (size_t)n >= sizeof(full))
			break;
		if (add_named(refs, repo, full))
			return true;
	}
	return false;
}

static int rank(const char *name)
{
	for (int i = 0; i < N_FOLDERS; i++)
		if (!strncmp(name, folders[i], strlen(folders[i])))
			return i;
	return N_FOLDERS;
}

static int by_rank(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int r = rank(x->name) - rank(y->name);

	return r ? r : strcmp(x->name, y->name);
}

/* Detached HEADs of linked worktrees, which git log --all starts from too. */
static void add_worktree_heads(struct refs *refs, git_repository *repo)
{
	git_strarray names = {0};

	if (git_worktree_list(&names, repo))
		return;
	for (size_t i = 0; i < names.count; i++) {
		git_reference *head = NULL;

		if (!git_repository_head_for_worktree(&head, repo, names.strings[i]) &&
		    !strcmp(git_reference_name(head), "HEAD")) {
			char *name = xasprintf("worktrees/%s/HEAD", names.strings[i]);

			push_ref(refs, name, git_reference_target(head));
			free(name);
		}
		git_reference_free(head);
	}
	git_strarray_dispose(&names);
}

/* Everything below refs/, and a detached HEAD. A symbolic ref names one that is there itself. */
static int add_all(struct refs *refs, git_repository *repo)
{
	git_reference_iterator *it;
	git_reference *ref;
	size_t first = refs->n; /* HEAD's branch, if any */
	int rc;

	if (git_reference_iterator_new(&it, repo))
		return log_error(EX_DATAERR, "the refs cannot be read: %s", repo_why());
	while (!(rc = git_reference_next(&ref, it))) {
		const char *name = git_reference_name(ref);

		if (git_reference_type(ref) == GIT_REFERENCE_DIRECT &&
		    (!first || strcmp(name, refs->items[0].name)))
			push_ref(refs, name, git_reference_target(ref));
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (rc != GIT_ITEROVER)
		return log_error(EX_DATAERR, "the refs cannot be read: %s", repo_why());
	add_worktree_heads(refs, repo);
	if (refs->n > first)
		qsort(refs->items + first, refs->n - first, sizeof(*refs->items), by_rank);
	return 0;
}

/* A ref whose object is not here would stop the walk: git warns about it and goes on. */
static void drop_broken(struct refs *refs, struct commit_reader *reader)
{
	size_t n = 0;

	refs->broken = json_object();
	for (size_t i = 0; i < refs->n; i++) {
		struct ref *ref = &refs->items[i];

		if (commit_exists(reader, &ref->oid)) {
			refs->items[n++] = *ref;
			continue;
		}
		log_warn("%s: points at an object that is not here; left out", ref->name);
		json_object_set_new(refs->broken, ref->key, json_true());
		free(ref->name);
		free(ref->key);
	}
	refs->n = n;
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(struct ref *const *)a)->key, (*(struct ref *const *)b)->key);
}

static void make_index(struct refs *refs)
{
	refs->by_key = xreallocarray(NULL, refs->n, sizeof(*refs->by_key));
	for (size_t i = 0; i < refs->n; i++)
		refs->by_key[i] = &refs->items[i];
	if (refs->n)
		qsort(refs->by_key, refs->n, sizeof(*refs->by_key), by_key);
}

int refs_load(struct refs *refs, git_repository *repo, struct commit_reader *reader,
	      const struct ref_choice *choice)
{
	static const char *const only_head[] = {"HEAD"};
	bool by_default = !choice->branches->n && !choice->all;
	const char *const *names = by_default ? only_head : choice->branches->items;
	size_t n = by_default ? 1 : choice->branches->n;
	int rc = 0;

	find_head(refs, repo);
	for (size_t i = 0; i < n && !choice->all; i++)
		if (!strcmp(names[i], "HEAD") || ref_is_meant(names[i], refs->head, NULL))
			add_named(refs, repo, "HEAD"); /* first among what is asked for */
	if (choice->all) {
		add_named(refs, repo, "HEAD");
		rc = add_all(refs, repo);
	}
	for (size_t i = 0; i < n && !choice->all; i++)
		if (!add_branch(refs, repo, names[i]))
			opt_list_add(&refs->missing, names[i]);
	if (choice->all)
		drop_broken(refs, reader);
	make_index(refs);
	return rc;
}

void refs_release(struct refs *refs)
{
	for (size_t i = 0; i < refs->n; i++) {
		free(refs->items[i].name);
		free(refs->items[i].key);
	}
	free(refs->items);
	free(refs->by_key);
	free(refs->head);
	json_decref(refs->broken);
	opt_list_release(&refs->missing);
	*refs = (struct refs){0};
}

const git_oid *ref_commit(struct ref *ref, struct commit_reader *reader)
{
	if (!ref->peeled) {
		ref->is_commit = commit_peel(reader, &ref->oid, &ref->commit);
		ref->peeled = true;
	}
	return ref->is_commit ? &ref->commit : NULL;
}

struct ref *refs_find(const struct refs *refs, const char *key)
{
	struct ref wanted = {.key = (char *)key};
	const struct ref *pattern = &wanted;
	struct ref **found =
		refs->n ? bsearch(&pattern, refs->by_key, refs->n, sizeof(*refs->by_key), by_key) : NULL;

	return found ? *found : NULL;
}

bool ref_is_meant(const char *name, const char *key, const char *head)
{
	char *mine = key_of(name);
	bool meant = !strcmp(mine, key) || (!strcmp(name, "HEAD") && head && !strcmp(head, key));

	for (size_t i = 0; i < N_FOLDERS && !meant; i++)
		meant = !strncmp(key, folders[i], strlen(folders[i])) &&
			!strcmp(mine, key + strlen(folders[i]));
	free(mine);
	return meant;
}
