/* SPDX-License-Identifier: ISC */
#include "refs.h"

#include <fts.h>
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

/* libgit2's answer to a question for a ref: it is there and is none, or not there at all? */
static bool is_unreadable(int rc)
{
	return rc && rc != GIT_ENOTFOUND && rc != GIT_EINVALIDSPEC;
}

static int unreadable(git_repository *repo, const char *name)
{
	return log_error(EX_DATAERR, "%s%s: cannot be read: %s; run git fsck", git_repository_path(repo),
			 name, repo_why());
}

/* The ref at the end of a chain of symbolic refs, where there is one. */
static int add_named(struct refs *refs, git_repository *repo, const char *name, bool *found)
{
	git_reference *ref = NULL, *direct = NULL;
	int rc = git_reference_lookup(&ref, repo, name);

	if (!rc)
		rc = git_reference_resolve(&direct, ref);
	*found = !rc;
	if (*found)
		add_ref(refs, git_reference_name(direct), git_reference_target(direct));
	git_reference_free(direct);
	git_reference_free(ref);
	return is_unreadable(rc) ? unreadable(repo, name) : 0;
}

static int find_head(struct refs *refs, git_repository *repo)
{
	git_reference *head = NULL;
	const char *name = "HEAD";
	int rc = git_reference_lookup(&head, repo, "HEAD");

	if (rc)
		return unreadable(repo, "HEAD");
	if (git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
		name = git_reference_symbolic_target(head);
	refs->head = key_of(name);
	git_reference_free(head);
	return 0;
}

static int add_branch(struct refs *refs, git_repository *repo, const char *name, bool *found)
{
	char full[4096];
	int rc = 0;

	*found = false;
	if (!strcmp(name, "HEAD") || !strncmp(name, "refs/", 5))
		return add_named(refs, repo, name, found);
	for (size_t i = 0; i < N_FOLDERS && !rc && !*found; i++) {
		int n = snprintf(full, sizeof(full), "%s%s", folders[i], name);

		if (n < 0 || (size_t)n >= sizeof(full))
			break;
		rc = add_named(refs, repo, full, found);
	}
	return rc;
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
		return unreadable(repo, "refs");
	while (!(rc = git_reference_next(&ref, it))) {
		const char *name = git_reference_name(ref);

		if (git_reference_type(ref) == GIT_REFERENCE_DIRECT &&
		    (!first || strcmp(name, refs->items[0].name)))
			push_ref(refs, name, git_reference_target(ref));
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (rc != GIT_ITEROVER)
		return unreadable(repo, "refs");
	add_worktree_heads(refs, repo);
	if (refs->n > first)
		qsort(refs->items + first, refs->n - first, sizeof(*refs->items), by_rank);
	return 0;
}

static int check_ref(struct ref *ref, struct commit_reader *reader)
{
	int rc;

	if (ref_commit(ref, reader) || ref->what == COMMIT_NOT)
		return 0;
	rc = commit_readable(reader);
	if (rc)
		return rc;
	return log_error(EX_DATAERR,
			 "%s: leads to object %s, which %s; run git fsck there, or fetch it again", ref->name,
			 git_oid_tostr_s(&ref->commit),
			 ref->what == COMMIT_MISSING ? "is missing from the repository" : "cannot be read");
}

void refs_leave_out(struct refs *refs, const char *name, const char *why)
{
	char *key = key_of(name);

	log_warn("%s: %s; left out", name, why);
	json_object_set_new(refs->broken, key, json_true());
	free(key);
}

/* libgit2 passes silently over files below refs that it cannot read: they would be taken for deleted. */
static void find_unreadable(struct refs *refs, git_repository *repo)
{
	const char *common = git_repository_commondir(repo);
	char *root = xasprintf("%srefs", common), *roots[] = {root, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree))) {
		const char *name = entry->fts_path + strlen(common);
		git_reference *ref = NULL;

		if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
			continue;
		if (entry->fts_info == FTS_DNR || is_unreadable(git_reference_lookup(&ref, repo, name)))
			refs_leave_out(refs, name, "cannot be read");
		git_reference_free(ref);
	}
	if (tree)
		fts_close(tree);
	free(root);
}

/* A ref whose object is not here would stop the walk: a warning, and on without it. */
static int drop_broken(struct refs *refs, struct commit_reader *reader)
{
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < refs->n; i++) {
		struct ref *ref = &refs->items[i];

		if (commit_exists(reader, &ref->oid)) {
			refs->items[n++] = *ref;
			continue;
		}
		if (!rc && !(rc = commit_readable(reader)))
			refs_leave_out(refs, ref->name, "points at an object that is not here");
		free(ref->name);
		free(ref->key);
	}
	refs->n = n;
	return rc;
}

/* With HEAD's branch, which is there already and must be in order. */
static int all_refs(struct refs *refs, git_repository *repo, struct commit_reader *reader)
{
	int rc = refs->n ? check_ref(&refs->items[0], reader) : 0;

	if (!rc)
		rc = add_all(refs, repo);
	if (!rc)
		find_unreadable(refs, repo);
	if (!rc)
		rc = drop_broken(refs, reader);
	return rc;
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
	bool with_head = choice->all, found = false;
	int rc;

	refs->broken = json_object();
	rc = find_head(refs, repo);
	for (size_t i = 0; !rc && !with_head && i < n; i++)
		with_head = !strcmp(names[i], "HEAD") || ref_is_meant(names[i], refs->head, NULL);
	if (!rc && with_head) /* first among what is asked for */
		rc = add_named(refs, repo, "HEAD", &found);
	if (!rc && choice->all)
		rc = all_refs(refs, repo, reader);
	for (size_t i = 0; !rc && i < n && !choice->all; i++) {
		rc = add_branch(refs, repo, names[i], &found);
		if (!rc && !found)
			opt_list_add(&refs->missing, names[i]);
	}
	for (size_t i = 0; !rc && i < refs->n && !choice->all; i++)
		rc = check_ref(&refs->items[i], reader);
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
		ref->what = commit_follow(reader, &ref->oid, &ref->commit);
		ref->peeled = true;
	}
	return ref->what == COMMIT_OK ? &ref->commit : NULL;
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
