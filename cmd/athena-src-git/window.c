/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "threads.h"
#include "tree.h"
#include "xalloc.h"

enum {
	WINDOW_FIRST = 64,    /* commits: so that events flow at once */
	WINDOW_LAST = 16384,  /* so that memory is bounded */
	CHANGES_AIM = 262144, /* changed files that a window should not hold more of */
	TREES = 65536,        /* root trees remembered, a power of two */
	PATCH_MAX = 65536,    /* bytes of a diff */
};

struct window {
	struct commit *commits;
	struct diff_job *jobs;
	size_t first, n; /* of walk.order */
};

struct windows {
	struct fetch *f;
	struct differ *differ; /* NULL: nothing is asked of the trees */
	enum event_counts counts;
	struct {
		uint32_t node; /* + 1 */
		git_oid tree;
	} * trees; /* by node number: a commit's parent was mostly read a moment ago */
	struct commit_links links;
	struct buf patch;
};

static int tree_of(struct windows *w, uint32_t number, git_oid *tree)
{
	const struct node *node = &w->f->walk.nodes[number];
	enum commit_result what;

	if (w->trees[number % TREES].node == number + 1) {
		*tree = w->trees[number % TREES].tree;
		return 0;
	}
	what = commit_links(w->f->reader, &node->oid, &w->links);
	if (what != COMMIT_OK)
		return commit_error(&node->oid, what);
	*tree = w->links.tree;
	return 0;
}

static int read_commit(struct windows *w, uint32_t number, struct commit *c, struct diff_job *job)
{
	const struct walk *walk = &w->f->walk;
	const uint32_t *parent = walk_parents(walk, &walk->nodes[number]);
	enum commit_result what = commit_read(w->f->reader, &walk->nodes[number].oid, c);

	if (what != COMMIT_OK)
		return commit_error(&walk->nodes[number].oid, what);
	w->trees[number % TREES].node = number + 1;
	w->trees[number % TREES].tree = c->tree;
	job->new_tree = c->tree;
	job->skip = c->parents.n > 1 && !w->f->options->diff_merges;
	if (!parent || job->skip)
		return 0;
	if (walk->nodes[*parent & ~WALK_LAST].flags & WALK_MISSING) {
		job->skip = true; /* a pruned parent: what changed cannot be said */
		return 0;
	}
	return tree_of(w, *parent & ~WALK_LAST, &job->old_tree);
}

static void window_release(struct window *x)
{
	for (size_t i = 0; i < x->n; i++)
		commit_release(&x->commits[i]);
	if (x->jobs)
		diff_jobs_release(x->jobs, x->n);
	free(x->commits);
	free(x->jobs);
	*x = (struct window){0};
}

static int window_fill(struct windows *w, struct window *x, size_t first, size_t n)
{
	int rc = 0;

	*x = (struct window){.first = first, .n = n};
	x->commits = xcalloc(n, sizeof(*x->commits));
	x->jobs = xcalloc(n, sizeof(*x->jobs));
	for (size_t i = 0; i < n && !rc; i++)
		rc = read_commit(w, w->f->walk.order[first + i], &x->commits[i], &x->jobs[i]);
	if (!rc && w->differ)
		rc = differ_run(w->differ, x->jobs, n);
	return rc;
}

/* The commit is among what this run gives out. */
static bool is_wanted(const struct windows *w, const struct node *node, const struct commit *c,
		      const struct diff_job *job)
{
	const struct git_options *o = w->f->options;
	bool in_range;
	int64_t t = event_time(&c->committer, &in_range);

	if (!source_wants(w->f->src, t) || ((node->flags & WALK_KNOWN) && t >= w->f->floor))
		return false;
	if (o->no_merges && c->parents.n > 1)
		return false;
	return (!o->paths.n_include && !o->paths.n_exclude) || job->n_changes || job->too_many;
}

static int emit_files(struct windows *w, const struct commit *c, const struct diff_job *job,
		      const char *branch)
{
	const struct git_options *o = w->f->options;
	struct event e;
	int rc = 0;

	for (size_t i = 0; i < job->n_changes && !rc; i++) {
		buf_reset(&w->patch);
		if (o->diff)
			rc = differ_patch(w->differ, &job->changes[i], &w->patch);
		if (rc)
			break;
		event_file(&w->f->maker, &e, c, &job->changes[i], w->counts, branch,
			   o->diff ? &w->patch : NULL);
		rc = source_emit(w->f->src, &e);
	}
	return rc;
}

static void say_too_many(const git_oid *oid)
{
	char hex[GIT_OID_HEXSZ + 1];

	log_warn("commit %s: changes more than %s files, as a tree that holds itself over and over does; "
		 "they are neither counted nor listed",
		 git_oid_tostr(hex, sizeof(hex), oid), log_count(TREE_CHANGES_MAX));
}

static int emit_commit(struct windows *w, const struct node *node, const struct commit *c,
		       const struct diff_job *job)
{
	struct fetch *f = w->f;
	const char *branch =
		node->branch == WALK_NO_BRANCH ? NULL : ref_short(f->refs.items[node->branch].name);
	struct event e;
	int rc;

	if (!is_wanted(w, node, c, job))
		return 0;
	if (job->too_many)
		say_too_many(&c->oid);
	event_commit(&f->maker, &e, c, w->differ ? job : NULL, w->counts, branch);
	rc = source_emit(f->src, &e);
	if (rc)
		return rc;
	f->n_commits++;
	return f->options->per_file ? emit_files(w, c, job, branch) : 0;
}

/* The commit is given out; what it reaches needs no name in the cursor any more. */
static void pass(struct fetch *f, struct node *node)
{
	for (const uint32_t *e = walk_parents(&f->walk, node); e; e = walk_next(e))
		f->walk.nodes[*e & ~WALK_LAST].degree = 0;
	node->degree = WALK_FRONTIER;
	f->given++;
}

static int boundary(struct fetch *f)
{
	json_t *position;
	int rc;

	if (source_interrupted() || source_limit_reached(f->src) ||
	    (f->options->max_commits >= 0 && f->n_commits >= f->options->max_commits)) {
		if (!f->backfill || source_interrupted() || !f->src->file.path)
			return SOURCE_STOP;
	}
	if (f->backfill || !source_due(f->src))
		return 0;
	position = fetch_position(f);
	rc = source_checkpoint(f->src, f->selection, position);
	json_decref(position);
	return rc;
}

static int window_emit(struct windows *w, const struct window *x)
{
	struct fetch *f = w->f;
	int rc = 0;

	for (size_t i = 0; i < x->n && !rc; i++) {
		struct node *node = &f->walk.nodes[f->walk.order[x->first + i]];

		rc = emit_commit(w, node, &x->commits[i], &x->jobs[i]);
		if (rc)
			break;
		pass(f, node);
		log_progress("commits", f->given, f->walk.n_order);
		if (f->given < f->walk.n_order)
			rc = boundary(f);
	}
	return rc;
}

/* The next window: twice the last, less where its commits changed many files. */
static size_t next_size(const struct window *x)
{
	size_t n = x->n * 2, changes = 0;

	for (size_t i = 0; i < x->n; i++)
		changes += x->jobs[i].n_changes;
	if (n > WINDOW_LAST)
		n = WINDOW_LAST;
	if (changes > CHANGES_AIM / 2 && n * (changes / x->n + 1) > CHANGES_AIM)
		n = CHANGES_AIM / (changes / x->n + 1);
	return n < 1 ? 1 : n;
}

/* The window after this one is read and diffed in a thread of its own while this one is written. */
struct filler {
	struct windows *w;
	struct window x;
	size_t first, n;
	int rc;
	pthread_t thread;
	bool running;
};

static void *fill_in_thread(void *arg)
{
	struct filler *next = arg;

	next->rc = window_fill(next->w, &next->x, next->first, next->n);
	return NULL;
}

static void fill_start(struct filler *next, const struct window *x, size_t total)
{
	size_t left = total - (x->first + x->n), size = next_size(x);

	next->first = x->first + x->n;
	next->n = size < left ? size : left;
	next->running = left && !next->w->f->options->diff && /* the differ makes diffs meanwhile */
			threads_start(&next->thread, fill_in_thread, next);
}

static int fill_finish(struct filler *next)
{
	if (next->running)
		pthread_join(next->thread, NULL);
	else if (next->n)
		fill_in_thread(next);
	next->running = false;
	return next->rc;
}

static int run(struct windows *w)
{
	struct fetch *f = w->f;
	struct filler next = {.w = w};
	struct window x;
	int rc;

	if (f->options->max_commits == 0 || f->src->limit == 0)
		return SOURCE_STOP;
	rc = window_fill(w, &x, 0, WINDOW_FIRST < f->walk.n_order ? WINDOW_FIRST : f->walk.n_order);
	while (!rc) {
		fill_start(&next, &x, f->walk.n_order);
		rc = window_emit(w, &x);
		if (rc || !next.n)
			break;
		rc = fill_finish(&next);
		window_release(&x);
		x = next.x;
		next.x = (struct window){0};
	}
	if (next.running)
		fill_finish(&next);
	window_release(&next.x);
	window_release(&x);
	return rc;
}

int fetch_commits(struct fetch *f)
{
	const struct git_options *o = f->options;
	bool filtered = o->paths.n_include || o->paths.n_exclude;
	struct windows w = {.f = f, .counts = (enum event_counts)o->stat};
	struct diff_options d = {.stat = (enum diff_stat)o->stat,
				 .renames = o->find_renames,
				 .paths = filtered ? &o->paths : NULL};
	int rc = 0;

	if (!f->walk.n_order)
		return 0;
	w.trees = xcalloc(TREES, sizeof(*w.trees));
	buf_init(&w.patch, PATCH_MAX);
	if (o->per_file && d.stat == DIFF_STAT_NONE)
		d.stat = DIFF_STAT_FILES;
	if (d.stat != DIFF_STAT_NONE || filtered)
		rc = differ_new(&w.differ, f->repo, &f->folder, &d);
	if (!rc)
		rc = run(&w);
	if (w.differ && differ_missing(w.differ))
		log_note("the content of %s files is not in this partial clone; their lines are not counted",
			 log_count(differ_missing(w.differ)));
	differ_free(w.differ);
	free(w.trees);
	oid_list_release(&w.links.parents);
	buf_release(&w.patch);
	log_progress_end();
	return rc;
}
