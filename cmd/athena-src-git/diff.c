/* SPDX-License-Identifier: ISC */
#include "diff.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "pair.h"
#include "patch.h"
#include "renames.h"
#include "repo.h"
#include "threads.h"
#include "tree.h"
#include "xalloc.h"

enum {
	THREADS_MAX = 8,
	TREE_BYTES = 32 << 20, /* of trees that are kept */
	BLOB_BYTES = 8 << 20,  /* of blobs that each thread keeps */
	JOBS_AT_ONCE = 64,     /* commits that a thread takes at once */
	PAIRS_AT_ONCE = 256,   /* pairs of one path that a thread takes at once */
	FEW = 32,              /* items that are not worth a thread */
};

struct worker {
	struct differ *d;
	git_odb *odb; /* its own: libgit2 locks one for the time of a read */
	struct object_db db;
	struct objects *trees, *blobs;
	struct tree_walk walk;
	struct counter counter;
	int failed;      /* a sysexits code, and */
	const char *why; /* what to say of it */
	uint64_t missing;
	pthread_t thread;
};

/* A file pair: change `change` of job `job`. */
struct item {
	uint32_t job, change;
	uint32_t path, old_path; /* numbers; equal where nothing was renamed */
};

/* Pairs of one path that go to one thread together. */
struct batch {
	size_t start, n;
};

struct differ {
	git_repository *repo;
	struct diff_options options;
	struct paths *paths;
	struct pair_rules rules;
	int64_t rename_limit;
	struct worker *workers;
	int n_workers;
	uint64_t missing;

	/* what is being worked on */
	struct diff_job *jobs;
	struct item *items;
	struct batch *batches;
	size_t n_jobs, n_batches;
	bool (*step)(struct worker *w, size_t i); /* does the i-th part; false: failed */
	size_t n_steps;
	atomic_size_t next;
	atomic_bool stop;
};

static int count_threads(int wanted)
{
	int n = wanted > 0 ? wanted : threads_processors();

	return n < THREADS_MAX ? n : THREADS_MAX;
}

static int git_failed(const char *what)
{
	const git_error *e = git_error_last();

	return log_error(e && e->klass == GIT_ERROR_OS ? EX_IOERR : EX_DATAERR, "%s: %s", what,
			 e ? e->message : "libgit2 failed");
}

static int open_workers(struct differ *d, const struct object_folder *folder)
{
	bool partial = repo_is_partial(d->repo);

	for (int i = 0; i < d->n_workers; i++) {
		struct worker *w = &d->workers[i];

		w->d = d;
		if (folder->elsewhere ? git_repository_odb(&w->odb, d->repo)
				      : git_odb_open(&w->odb, folder->path))
			return git_failed(folder->path);
		object_db_open(&w->db, w->odb, folder);
		w->trees = objects_new(&w->db, partial, (size_t)TREE_BYTES / (size_t)d->n_workers);
		w->blobs = objects_new(&w->db, partial, BLOB_BYTES);
		tree_walk_init(&w->walk, w->trees, d->options.paths);
		w->walk.any = d->options.stat == DIFF_STAT_NONE;
		if (d->options.most)
			w->walk.most = d->options.most;
	}
	return 0;
}

static void read_config(struct differ *d)
{
	int64_t big = INT64_C(512) << 20;
	git_config *config;

	d->rename_limit = RENAMES_LIMIT;
	if (!git_repository_config_snapshot(&config, d->repo)) {
		git_config_get_int64(&big, config, "core.bigfilethreshold");
		git_config_get_int64(&d->rename_limit, config, "diff.renamelimit");
		git_config_free(config);
	}
	d->rules.big = big < 0 ? 0 : (uint64_t)big;
}

int differ_new(struct differ **out, git_repository *repo, const struct object_folder *folder,
	       const struct diff_options *options)
{
	struct differ *d = xcalloc(1, sizeof(*d));
	int rc;

	d->repo = repo;
	d->options = *options;
	d->n_workers = count_threads(options->threads);
	d->workers = xcalloc((size_t)d->n_workers, sizeof(*d->workers));
	d->paths = paths_new(repo);
	d->rules.links = paths_default(d->paths);
	read_config(d);
	rc = open_workers(d, folder);
	if (rc) {
		differ_free(d);
		d = NULL;
	}
	*out = d;
	return rc;
}

void differ_free(struct differ *d)
{
	if (!d)
		return;
	for (int i = 0; i < d->n_workers; i++) {
		struct worker *w = &d->workers[i];

		tree_walk_release(&w->walk);
		counter_release(&w->counter);
		objects_free(w->trees);
		objects_free(w->blobs);
		object_db_close(&w->db);
		git_odb_free(w->odb);
	}
	free(d->workers);
	paths_free(d->paths);
	free(d);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct differ *d = w->d;
	size_t i;

	while (!atomic_load_explicit(&d->stop, memory_order_relaxed)) {
		i = atomic_fetch_add_explicit(&d->next, 1, memory_order_relaxed);
		if (i >= d->n_steps)
			break;
		if (!d->step(w, i))
			atomic_store_explicit(&d->stop, true, memory_order_relaxed);
	}
	return NULL;
}

/* Does n parts of the work, on `threads` threads of which this is one. */
static int share_out(struct differ *d, size_t n, int threads, bool (*step)(struct worker *, size_t))
{
	int started = 1;

	d->step = step;
	d->n_steps = n;
	atomic_store(&d->next, 0);
	atomic_store(&d->stop, false);
	for (; started < threads && (size_t)started < n; started++)
		if (!threads_start(&d->workers[started].thread, work, &d->workers[started]))
			break;
	work(&d->workers[0]);
	while (--started > 0)
		pthread_join(d->workers[started].thread, NULL);
	for (int i = 0; i < d->n_workers; i++) {
		struct worker *w = &d->workers[i];

		d->missing += w->missing;
		w->missing = 0;
		if (w->failed)
			return log_error(w->failed, "%s: %s", git_repository_path(d->repo), w->why);
	}
	return 0;
}

static bool fail(struct worker *w, struct objects *o, const char *why)
{
	w->failed = EX_DATAERR;
	w->why = why ? why : objects_why(o, &w->failed);
	return false;
}

/* The changes of a walk as the caller gets them: one block, the paths behind the array. */
static void take_changes(struct diff_job *job, const struct tree_walk *w)
{
	size_t bytes = w->n * sizeof(*job->changes);
	char *names;

	if (!w->n)
		return;
	job->changes = xmalloc(bytes + w->names.len);
	job->n_changes = w->n;
	names = (char *)job->changes + bytes;
	memcpy(names, w->names.data, w->names.len);
	for (size_t i = 0; i < w->n; i++) {
		const struct tree_change *t = &w->changes[i];

		job->changes[i] = (struct change){
			.status = t->status,
			.path = names + t->path,
			.old_mode = t->old_mode,
			.new_mode = t->new_mode,
			.old_oid = t->old_oid,
			.new_oid = t->new_oid,
			.added = -1,
			.deleted = -1,
		};
	}
}

static bool walk_jobs(struct worker *w, size_t part)
{
	struct differ *d = w->d;
	size_t end = (part + 1) * JOBS_AT_ONCE < d->n_jobs ? (part + 1) * JOBS_AT_ONCE : d->n_jobs;

	for (size_t i = part * JOBS_AT_ONCE; i < end; i++) {
		struct diff_job *job = &d->jobs[i];

		if (job->skip)
			continue;
		switch (tree_walk(&w->walk, &job->old_tree, &job->new_tree)) {
		case OBJECTS_OK:
			job->too_many = w->walk.met > w->walk.most;
			if (job->too_many)
				break;
			take_changes(job, &w->walk);
			if (d->options.renames && !w->walk.any &&
			    renames_find(job, w->blobs, d->rename_limit))
				return fail(w, w->blobs, NULL);
			break;
		case OBJECTS_MISSING:
			job->missing_tree = true;
			break;
		case OBJECTS_LARGE: /* no tree is too large */
		case OBJECTS_CORRUPT:
			return fail(w, w->trees, w->walk.why);
		}
	}
	return true;
}

static bool count_batch(struct worker *w, size_t part)
{
	struct differ *d = w->d;
	const struct batch *batch = &d->batches[part];
	enum paths_kind kinds[2];

	/*
	 * The latest first, where jobs come in the order of history:
	 * packs keep older versions as deltas on it.
	 */
	for (size_t i = batch->start + batch->n; i-- > batch->start;) {
		const struct item *item = &d->items[i];
		struct change *c = &d->jobs[item->job].changes[item->change];

		kinds[0] = paths_kind(d->paths, item->old_path);
		kinds[1] = paths_kind(d->paths, item->path);
		if (pair_count(c, kinds, &d->rules, w->blobs, &w->counter))
			return fail(w, w->blobs, NULL);
		w->missing += c->missing;
	}
	return true;
}

/* All pairs of the window in the order of their jobs, each with the numbers of its paths. */
static struct item *list_items(struct differ *d, size_t n)
{
	struct item *items = xreallocarray(NULL, n, sizeof(*items)), *item = items;

	for (size_t j = 0; j < d->n_jobs; j++) {
		for (size_t i = 0; i < d->jobs[j].n_changes; i++, item++) {
			const struct change *c = &d->jobs[j].changes[i];

			item->job = (uint32_t)j;
			item->change = (uint32_t)i;
			item->path = item->old_path = paths_number(d->paths, c->path);
			if (c->old_path)
				item->old_path = paths_number(d->paths, c->old_path);
			/* attributes are asked here, before there are threads */
			paths_kind(d->paths, item->path);
			paths_kind(d->paths, item->old_path);
		}
	}
	return items;
}

static int larger_first(const void *a, const void *b)
{
	const struct batch *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->start < y->start ? -1 : x->start > y->start;
}

/* Sorts the pairs by path, without changing the order within one, and cuts them into batches. */
static void plan(struct differ *d, size_t n)
{
	struct item *items = list_items(d, n);
	size_t paths = paths_count(d->paths), *start = xcalloc(paths + 1, sizeof(*start)), end, k = 0;

	d->items = xreallocarray(NULL, n, sizeof(*d->items));
	for (size_t i = 0; i < n; i++)
		start[items[i].path + 1]++;
	for (size_t i = 0; i < paths; i++)
		start[i + 1] += start[i];
	for (size_t i = 0; i < n; i++)
		d->items[start[items[i].path]++] = items[i];
	free(items);

	d->batches = xreallocarray(NULL, n, sizeof(*d->batches));
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1;
		     end < n && end - i < PAIRS_AT_ONCE && d->items[end].path == d->items[i].path;)
			end++;
		d->batches[k++] = (struct batch){.start = i, .n = end - i};
	}
	free(start);
	d->n_batches = k;
	qsort(d->batches, k, sizeof(*d->batches), larger_first);
}

static int count_all(struct differ *d)
{
	size_t n = 0;
	int rc;

	for (size_t j = 0; j < d->n_jobs; j++)
		n += d->jobs[j].n_changes;
	if (!n)
		return 0;
	plan(d, n);
	rc = share_out(d, d->n_batches, n < FEW ? 1 : d->n_workers, count_batch);
	free(d->items);
	free(d->batches);
	paths_trim(d->paths);
	return rc;
}

int differ_run(struct differ *d, struct diff_job *jobs, size_t n)
{
	size_t parts = (n + JOBS_AT_ONCE - 1) / JOBS_AT_ONCE;
	int rc;

	for (size_t i = 0; i < n; i++) {
		jobs[i].changes = NULL;
		jobs[i].n_changes = 0;
		jobs[i].missing_tree = jobs[i].too_many = false;
	}
	if (d->options.stat == DIFF_STAT_NONE && !d->options.paths)
		return 0;
	d->jobs = jobs;
	d->n_jobs = n;
	rc = share_out(d, parts, d->n_workers, walk_jobs);
	if (!rc && d->options.stat == DIFF_STAT_LINES)
		rc = count_all(d);
	return rc;
}

void diff_jobs_release(struct diff_job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(jobs[i].changes);
		jobs[i].changes = NULL;
		jobs[i].n_changes = 0;
	}
}

/* The diff of a change that is no change of type. */
static int write_patch(struct differ *d, const struct change *c, struct buf *out)
{
	struct worker *w = &d->workers[0];
	const char *old_path = c->old_path ? c->old_path : c->path;
	const enum paths_kind kinds[2] = {
		paths_kind(d->paths, paths_number(d->paths, old_path)),
		paths_kind(d->paths, paths_number(d->paths, c->path)),
	};
	struct pair_side old, new;
	enum objects_status status;
	bool binary;
	int rc = 0;

	status = pair_load(&old, &new, w->blobs, c, kinds, &d->rules);
	if (status == OBJECTS_MISSING) {
		patch_header(c, out);
		return 0;
	}
	if (status == OBJECTS_CORRUPT) {
		fail(w, w->blobs, NULL);
		return log_error(w->failed, "%s: %s", git_repository_path(d->repo), w->why);
	}
	binary = pair_is_binary(c, &old, &new, kinds, &d->rules);
	rc = patch_write(c, &old, &new, binary, out);
	pair_release(&old);
	pair_release(&new);
	return rc;
}

int differ_patch(struct differ *d, const struct change *c, struct buf *out)
{
	struct change gone = *c, come = *c;
	int rc;

	if (c->status != 'T')
		return write_patch(d, c, out);
	gone.new_mode = 0;
	memset(&gone.new_oid, 0, sizeof(gone.new_oid));
	come.old_mode = 0;
	memset(&come.old_oid, 0, sizeof(come.old_oid));
	rc = write_patch(d, &gone, out);
	return rc ? rc : write_patch(d, &come, out);
}

uint64_t differ_missing(const struct differ *d)
{
	return d->missing;
}
