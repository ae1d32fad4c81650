/* SPDX-License-Identifier: ISC
 *
 * --check and --plan: what a run needs and what it would do, a line each.
 */
#include "fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "repo.h"
#include "say.h"

/* Commits a second on one core of an ordinary machine, by --stat: only for the estimate of --plan. */
static const unsigned rates[] = {
	[DIFF_STAT_NONE] = 60000, [DIFF_STAT_FILES] = 25000, [DIFF_STAT_LINES] = 8000};

static void check_refs(struct fetch *f)
{
	for (size_t i = 0; i < f->refs.n && i < 20; i++)
		say_line("ok ref %s at %.10s", f->refs.items[i].name, git_oid_tostr_s(&f->refs.items[i].oid));
	if (f->refs.n > 20)
		say_line("ok refs: %zu more", f->refs.n - 20);
	if (!f->refs.n)
		say_line("ok refs: %s has no commit yet; the first one will be found", f->refs.head);
}

static void check_kind(struct fetch *f)
{
	if (commit_shallow(f->reader)->n)
		say_line(
			"ok shallow clone: the history before %zu commits is not here; git fetch --unshallow "
			"brings it, and the next run finds it",
			commit_shallow(f->reader)->n);
	if (*commit_grafts(f->reader))
		say_line("ok grafts or replacements are honoured");
	if (repo_is_partial(f->repo))
		say_line("ok partial clone: files that were not fetched are listed, but their lines are not "
			 "counted; git fetch --refetch --no-filter brings them");
	if (f->options->worktree && repo_is_bare(f->repo))
		say_line("--worktree: this repository is bare: leave the option out");
}

int check_run(struct fetch *f)
{
	char *folder = repo_folder(f->repo);
	bool bare = f->options->worktree && repo_is_bare(f->repo);

	say_line("ok repository %s, source %s", folder, f->src->source_id);
	check_refs(f);
	check_kind(f);
	if (!f->src->file.path)
		say_line("ok no cursor: every run starts from the first commit");
	else if (!f->src->from)
		say_line("ok cursor %s: not there yet, the first run starts from the first commit",
			 f->src->file.path);
	else
		say_line("ok cursor %s: goes on from %zu ref%s%s", f->src->file.path,
			 json_object_size(f->from.refs), json_object_size(f->from.refs) == 1 ? "" : "s",
			 f->from.frontier.n ? ", and in the middle of a run that was cut short" : "");
	free(folder);
	return bare ? EX_CONFIG : say_end();
}

int plan_run(struct fetch *f)
{
	unsigned rate = rates[f->options->stat];
	int rc = fetch_walk(f);
	size_t n = f->walk.n_order;

	if (rc)
		return rc;
	if (f->options->max_commits >= 0 && (size_t)f->options->max_commits < n)
		n = (size_t)f->options->max_commits;
	say_line("source %s", f->src->source_id);
	say_line("refs %zu", f->refs.n);
	say_line("commits %zu%s", n,
		 f->options->no_merges || f->options->paths.n_include || f->options->paths.n_exclude ||
				 f->src->since > 0
			 ? " to look at; the filters decide how many become events"
			 : "");
	say_line("requests 0");
	say_line("time about %zu s", n / rate + 1);
	return say_end();
}
