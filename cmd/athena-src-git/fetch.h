/* SPDX-License-Identifier: ISC
 *
 * fetch - a run over a repository: what is new since the position, in windows of commits.
 *
 *	struct fetch f = {.src = &src, .options = &options, .repo = repo};
 *	rc = fetch_open(&f);            refs and position are read
 *	rc = fetch_walk(&f);            which commits are new
 *	rc = fetch_commits(&f);         they are given out, with checkpoints   (window.c)
 *	rc = fetch_moves(&f);           then refs that moved, and tags         (moves.c)
 *	rc = fetch_worktree(&f);        then what is not committed             (worktree.c)
 *	position = fetch_position(&f);  where the next run starts
 *	fetch_close(&f);
 *
 * Every step returns 0, SOURCE_STOP or a sysexits code that is logged.
 */
#ifndef FETCH_H
#define FETCH_H

#include <git2.h>
#include <jansson.h>
#include <stdbool.h>

#include "commit.h"
#include "diff.h"
#include "git-event.h"
#include "glob.h"
#include "position.h"
#include "refs.h"
#include "source.h"
#include "walk.h"

struct git_options {
	struct ref_choice refs;
	struct glob_set paths;
	int stat; /* enum diff_stat */
	bool first_parent, no_merges, diff_merges, per_file, diff, find_renames, worktree;
	int64_t max_commits; /* -1: no limit */
};

struct fetch {
	struct source *src;                /* borrowed, as the next two */
	const struct git_options *options;
	git_repository *repo;
	struct object_folder folder;
	struct commit_reader *reader;
	struct mailmap *mailmap;
	struct event_maker maker;
	struct refs refs;
	struct position from, to; /* where this run started; what its end will say */
	struct walk walk;
	json_t *selection;
	bool backfill;     /* --since was lowered: known commits before `floor` are wanted too */
	int64_t floor;     /* microseconds: what the earlier runs went back to */
	bool cut_off;      /* the clone became shallower: what reaches what is not certain */
	bool walked;       /* fetch_walk() came to its end */
	bool unchanged;    /* no selected ref has moved, nothing to walk */
	bool done;         /* all new commits were given out */
	size_t given;      /* of walk.order, how many */
	int64_t n_commits; /* events of kind commit */
};

int fetch_open(struct fetch *f);
int fetch_walk(struct fetch *f);
int fetch_commits(struct fetch *f);
int fetch_moves(struct fetch *f);
int fetch_worktree(struct fetch *f);

/* A new reference; NULL where there is no boundary to resume from (a back-fill that was cut short). */
json_t *fetch_position(struct fetch *f);
void fetch_close(struct fetch *f);

/* Is a ref of that key selected, here or not? */
bool fetch_selects(const struct fetch *f, const char *key);

/* --check and --plan: lines on stdout. Return an exit code. */
int check_run(struct fetch *f);
int plan_run(struct fetch *f);

#endif
