/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sysexits.h>

#include "fetch.h"
#include "log.h"
#include "opt.h"
#include "repo.h"

static struct source src = SOURCE_INIT("git");
static struct git_options options = {.stat = DIFF_STAT_LINES, .max_commits = -1};
static struct opt_list branches, includes, excludes;
static const char *repo_path;
static int diff_merges = -1;

static const struct opt table[] = {
	{"repo", 0, OPT_STRING, "REPO", "the repository, as the operand", &repo_path, "."},
	{"branch", 0, OPT_LIST, "NAME", "this branch, tag or ref", &branches, "HEAD"},
	{"all", 0, OPT_FLAG, NULL, "all refs: branches, remote branches, tags and others", &options.refs.all,
	 NULL},
	{"max-commits", 0, OPT_COUNT, "N", "the oldest N commits; the next run goes on", &options.max_commits,
	 NULL},
	{"path", 0, OPT_LIST, "GLOB", "commits that change such paths, and only these files", &includes,
	 NULL},
	{"exclude", 0, OPT_LIST, "GLOB", "leave out the paths that match", &excludes, NULL},
	{"first-parent", 0, OPT_FLAG, NULL, "follow only the first parent of a merge", &options.first_parent,
	 NULL},
	{"no-merges", 0, OPT_FLAG, NULL, "leave out commits with more than one parent", &options.no_merges,
	 NULL},
	{"diff-merges", 0, OPT_CHOICE, "first-parent", "files of a merge too, against its first parent",
	 &diff_merges, NULL},
	{"stat", 0, OPT_CHOICE, "none|files|lines", "what to count", &options.stat, "lines"},
	{"per-file", 0, OPT_FLAG, NULL, "a file_change event for each changed file too", &options.per_file,
	 NULL},
	{"diff", 0, OPT_FLAG, NULL, "with --per-file: its unified diff, up to 64 KiB", &options.diff, NULL},
	{"find-renames", 0, OPT_FLAG, NULL, "a deleted and an added file alike: a renamed one",
	 &options.find_renames, NULL},
	{"worktree", 0, OPT_FLAG, NULL, "uncommitted changes as worktree.change events too",
	 &options.worktree, NULL},
	SOURCE_OPTIONS(src),
	{0},
};

static const struct opt_env environment[] = {
	{"GIT_DIR", "without REPO: the repository, with git's other variables that go with it"},
	{"GIT_NO_REPLACE_OBJECTS", "refs/replace is not honoured"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-src-git",
	.synopsis = "[options] [REPO]",
	.summary = "Events from the history of a git repository",
	.type = "git",
	.options = table,
	.usual = " all branch check cursor exclude limit path per-file plan since worktree ",
	.env = environment,
	.footer = "Example: athena-src-git --cursor FILE REPO | athena-store DB",
};

/* As in git a path begins at the top of the repository; one from the root of the file system matches nothing. */
static int check_globs(const char *option, const struct opt_list *globs)
{
	for (size_t i = 0; i < globs->n; i++)
		if (*globs->items[i] == '/' || !*globs->items[i])
			return log_error(EX_USAGE,
					 "%s '%s': a path from the top of the repository is needed, "
					 "without a slash before it",
					 option, globs->items[i]);
	return 0;
}

static int settle(const struct opt_list *operands)
{
	int rc = check_globs("--path", &includes);

	if (!rc)
		rc = check_globs("--exclude", &excludes);
	if (rc)
		return rc;
	if (operands->n > 1)
		return log_error(EX_USAGE, "%s: one repository at a time", operands->items[1]);
	if (operands->n && repo_path)
		return log_error(EX_USAGE, "--repo: the repository is named already: %s", operands->items[0]);
	if (operands->n)
		repo_path = operands->items[0];
	if (options.diff && !options.per_file)
		return log_error(EX_USAGE, "--diff: needs --per-file, whose events carry it");
	if (options.refs.all && branches.n)
		return log_error(EX_USAGE, "--branch: --all has every branch already");
	options.refs.branches = &branches;
	options.diff_merges = diff_merges >= 0;
	options.paths = (struct glob_set){includes.items, includes.n, excludes.items, excludes.n};
	return 0;
}

/* Everything that a run gives out, in its order. */
static int run(struct fetch *f)
{
	int rc = fetch_walk(f);

	if (!rc)
		rc = fetch_commits(f);
	if (!rc)
		rc = fetch_moves(f);
	if (!rc)
		rc = fetch_worktree(f);
	return rc;
}

static int source_main(git_repository *repo)
{
	struct fetch f = {.src = &src, .options = &options, .repo = repo};
	char *id = repo_source_id(repo);
	json_t *position = NULL;
	int rc = source_begin(&src, id);

	if (!rc)
		rc = fetch_open(&f);
	if (!rc && (src.check || src.plan)) {
		rc = src.check ? check_run(&f) : plan_run(&f);
	} else if (!rc) {
		rc = run(&f);
		position = fetch_position(&f);
	}
	rc = source_end(&src, rc, f.selection, position);
	json_decref(position);
	fetch_close(&f);
	free(id);
	return rc;
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	git_repository *repo = NULL;
	int rc;

	log_init("athena-src-git");
	rc = opt_parse(&program, argc, argv, &operands);
	if (rc)
		return rc == OPT_DONE ? 0 : rc;
	rc = settle(&operands);
	if (!rc)
		rc = source_setup(&src);
	if (!rc)
		source_confine(&src, 0, NULL, 0);
	if (!rc)
		rc = repo_open(&repo, repo_path);
	if (!rc)
		rc = source_main(repo);
	repo_close(repo);
	opt_list_release(&operands);
	opt_list_release(&branches);
	opt_list_release(&includes);
	opt_list_release(&excludes);
	return rc;
}
