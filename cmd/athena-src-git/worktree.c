/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "repo.h"
#include "text.h"
#include "tree.h"
#include "xalloc.h"

enum {
	CHANGES_MAX = 100000,   /* files given out and remembered in the cursor */
	TREES_BYTES = 16 << 20, /* of trees kept while they are counted */
};

/* Who works here, and on what. */
struct scene {
	git_config *config;
	const char *name, *mail, *branch; /* NULL: not known */
	int64_t head_time;                /* seconds: what a deletion, which has no time of its own, takes */
};

static void scene_open(struct scene *s, struct fetch *f)
{
	git_config *live = NULL;
	struct ref *head = refs_find(&f->refs, f->refs.head);
	const git_oid *oid = head ? ref_commit(head, f->reader) : NULL;
	struct commit_links links = {0};

	if (!git_repository_config(&live, f->repo) && !git_config_snapshot(&s->config, live)) {
		if (git_config_get_string(&s->name, s->config, "user.name"))
			s->name = NULL;
		if (git_config_get_string(&s->mail, s->config, "user.email"))
			s->mail = NULL;
	}
	git_config_free(live);
	if (strcmp(f->refs.head, "HEAD") != 0)
		s->branch = ref_short(f->refs.head);
	if (oid && commit_links(f->reader, oid, &links) == COMMIT_OK)
		s->head_time = links.date;
	oid_list_release(&links.parents);
}

static const char *status_of(unsigned flags)
{
	if (flags & GIT_STATUS_CONFLICTED)
		return "U";
	if (flags & (GIT_STATUS_WT_DELETED | GIT_STATUS_INDEX_DELETED))
		return flags & GIT_STATUS_WT_NEW ? "M" : "D";
	if (flags & (GIT_STATUS_INDEX_RENAMED | GIT_STATUS_WT_RENAMED))
		return "R";
	if (flags & GIT_STATUS_INDEX_NEW)
		return "A";
	if (flags & GIT_STATUS_WT_NEW)
		return "?";
	return flags & (GIT_STATUS_INDEX_TYPECHANGE | GIT_STATUS_WT_TYPECHANGE) ? "T" : "M";
}

/* What the file is now: its blob as git add would make it; a submodule's commit; zero when it is gone. */
static void look_at_file(struct fetch *f, struct worktree_change *c, const git_status_entry *entry,
			 int64_t head_time)
{
	const git_diff_delta *d = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
	char *path = xasprintf("%s%s", git_repository_workdir(f->repo), c->path);
	struct stat st;

	c->mtime = head_time;
	if (lstat(path, &st)) {
		free(path);
		return;
	}
	c->mtime = st.st_mtime;
	if (S_ISDIR(st.st_mode)) {
		c->oid = d->new_file.id;
	} else if (S_ISLNK(st.st_mode)) {
		char target[4096];
		ssize_t n = readlink(path, target, sizeof(target));

		if (n >= 0)
			git_odb_hash(&c->oid, target, (size_t)n, GIT_OBJECT_BLOB);
	} else if (!S_ISREG(st.st_mode)) {
		/* a pipe in its place waits for ever, a device has no end: to git the file is gone */
	} else if (git_repository_hashfile(&c->oid, f->repo, c->path, GIT_OBJECT_BLOB, NULL)) {
		log_warn("%s: cannot be read: %s; its content is left out of the id", c->path, repo_why());
	}
	free(path);
}

/* Lines by path, from one diff of HEAD's tree to the files. Where it cannot be made nothing is counted. */
static void count_lines(git_diff *diff, const char *path, struct worktree_change *c, size_t *at)
{
	size_t n = diff ? git_diff_num_deltas(diff) : 0;

	c->added = c->deleted = -1;
	while (*at < n && strcmp(git_diff_get_delta(diff, *at)->new_file.path, path) < 0)
		++*at;
	if (*at < n && !strcmp(git_diff_get_delta(diff, *at)->new_file.path, path)) {
		git_patch *patch = NULL;
		size_t added, deleted;

		if (!git_patch_from_diff(&patch, diff, *at) && patch &&
		    !(git_patch_get_delta(patch)->flags & GIT_DIFF_FLAG_BINARY) &&
		    !git_patch_line_stats(NULL, &added, &deleted, patch)) {
			c->added = (int64_t)added;
			c->deleted = (int64_t)deleted;
		}
		git_patch_free(patch);
	}
}

static git_diff *make_diff(git_repository *repo)
{
	git_diff_options o;
	git_object *tree = NULL;
	git_diff *diff = NULL;

	git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
	o.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
		  GIT_DIFF_SHOW_UNTRACKED_CONTENT | GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_INCLUDE_TYPECHANGE;
	o.context_lines = 0;
	if (git_revparse_single(&tree, repo, "HEAD^{tree}"))
		tree = NULL;
	if (git_diff_tree_to_workdir_with_index(&diff, repo, (git_tree *)tree, &o))
		diff = NULL;
	git_object_free(tree);
	return diff;
}

/* Not given out before, by the cursor; either way it is in the next one. */
static bool is_news(struct fetch *f, json_t *next, const struct worktree_change *c)
{
	struct buf key = {0};
	const char *hex = git_oid_tostr_s(&c->oid), *before;
	bool news;

	text_percent(&key, c->path, strlen(c->path), "");
	before = json_string_value(json_object_get(f->from.worktree, buf_cstr(&key)));
	news = !before || strcmp(before, hex) != 0;
	json_object_set_new(next, buf_cstr(&key), json_string(hex));
	buf_release(&key);
	return news;
}

static int one_file(struct fetch *f, const git_status_entry *entry, const struct scene *scene, git_diff *diff,
		    size_t *at, json_t *next)
{
	const git_diff_delta *d = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
	enum {
		STAGED = GIT_STATUS_INDEX_NEW | GIT_STATUS_INDEX_MODIFIED | GIT_STATUS_INDEX_DELETED |
			 GIT_STATUS_INDEX_RENAMED | GIT_STATUS_INDEX_TYPECHANGE
	};
	struct worktree_change c = {.path = d->new_file.path ? d->new_file.path : d->old_file.path,
				    .status = status_of(entry->status),
				    .staged = entry->status & STAGED,
				    .unstaged = entry->index_to_workdir != NULL,
				    .branch = scene->branch,
				    .name = scene->name,
				    .mail = scene->mail};
	const struct glob_set *paths = &f->options->paths;
	struct event e;

	if ((paths->n_include || paths->n_exclude) && !glob_set_match(paths, c.path, strlen(c.path)))
		return 0;
	look_at_file(f, &c, entry, scene->head_time);
	count_lines(diff, c.path, &c, at);
	if (!is_news(f, next, &c))
		return 0;
	event_worktree(&f->maker, &e, &c);
	return source_emit(f->src, &e);
}

/*
 * libgit2 compares all of HEAD's tree, and one that holds itself over and over has more files than there is time for. What
 * cannot be counted is left to libgit2 to complain of.
 */
static bool is_endless(const struct fetch *f)
{
	struct object_db db;
	struct tree_walk walk;
	struct objects *trees;
	git_object *tree = NULL;
	git_odb *odb = NULL;
	bool endless = false;

	if (git_revparse_single(&tree, f->repo, "HEAD^{tree}") || git_repository_odb(&odb, f->repo))
		goto out;
	object_db_open(&db, odb, &f->folder);
	trees = objects_new(&db, true, TREES_BYTES);
	tree_walk_init(&walk, trees, NULL);
	endless = !tree_walk(&walk, &(git_oid){{0}}, git_object_id(tree)) && walk.met > walk.most;
	tree_walk_release(&walk);
	objects_free(trees);
	object_db_close(&db);
out:
	git_odb_free(odb);
	git_object_free(tree);
	return endless;
}

int fetch_worktree(struct fetch *f)
{
	git_status_options o;
	git_status_list *list = NULL;
	git_diff *diff;
	struct scene scene = {0};
	json_t *next;
	size_t n, at = 0;
	int rc = 0;

	if (!f->options->worktree)
		return 0;
	if (repo_is_bare(f->repo))
		return log_error(EX_USAGE, "--worktree: %s is bare: it has no work tree",
				 git_repository_path(f->repo));
	if (is_endless(f)) {
		log_warn("HEAD has more than %s files; uncommitted changes are not looked for",
			 log_count(TREE_CHANGES_MAX));
		return 0;
	}
	git_status_options_init(&o, GIT_STATUS_OPTIONS_VERSION);
	o.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
	o.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
		  GIT_STATUS_OPT_SORT_CASE_SENSITIVELY;
	if (git_status_list_new(&list, f->repo, &o))
		return log_error(EX_DATAERR, "the work tree cannot be read: %s", repo_why());
	n = git_status_list_entrycount(list);
	if (n > CHANGES_MAX) {
		log_warn("%s files of the work tree have changed; only the first %s are given out",
			 log_count(n), log_count(CHANGES_MAX));
		n = CHANGES_MAX;
	}
	scene_open(&scene, f);
	diff = n ? make_diff(f->repo) : NULL;
	next = json_object();
	for (size_t i = 0; i < n && !rc; i++)
		rc = one_file(f, git_status_byindex(list, i), &scene, diff, &at, next);
	if (!rc) {
		json_decref(f->to.worktree);
		f->to.worktree = json_incref(next);
	}
	json_decref(next);
	git_diff_free(diff);
	git_config_free(scene.config);
	git_status_list_free(list);
	return rc;
}
