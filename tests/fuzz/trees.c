/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/%.c pkg: libdeflate libgit2 zlib */
/*
 * The objects of a hostile repository: commits, trees, files and tags with any bytes in them, as their events. The first byte
 * chooses what is asked for; then come objects, ended by 0xff 0xff, each of a letter (c t g, else a file) and its bytes. An object
 * id leads to the object with the number that its first byte is, from 1; 0 leads nowhere.
 *
 * Each event is a line that the store takes; from B to A as many files change as from A to B, and the lines that one way has
 * more the other one has less.
 */
#include <ftw.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../refusal.h"
#include "diff.h"
#include "git-event.h"
#include "hush.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OBJECTS_MOST = 64, READS_MOST = 2000, CHANGES_MOST = 500, PATCH_MOST = 64 << 10 };

static struct {
	struct {
		const uint8_t *p;
		size_t n;
		git_object_t type;
	} items[OBJECTS_MOST];
	size_t n;
	unsigned reads;
} world;

/* ---- the objects ---- */

static git_object_t type_of(uint8_t letter)
{
	return letter == 'c'   ? GIT_OBJECT_COMMIT
	       : letter == 't' ? GIT_OBJECT_TREE
	       : letter == 'g' ? GIT_OBJECT_TAG
			       : GIT_OBJECT_BLOB;
}

static void world_load(const uint8_t *p, const uint8_t *end)
{
	world.n = world.reads = 0;
	while (p < end && world.n < OBJECTS_MOST) {
		const uint8_t *stop = memmem(p, (size_t)(end - p), "\xff\xff", 2);

		stop = stop ? stop : end;
		if (stop > p) {
			world.items[world.n].type = type_of(*p);
			world.items[world.n].p = p + 1;
			world.items[world.n++].n = (size_t)(stop - p) - 1;
		}
		p = stop + 2;
	}
}

static int find(size_t *n, git_object_t *type, const git_oid *oid)
{
	size_t i = oid->id[0];

	if (!i || i > world.n || world.reads++ >= READS_MOST)
		return GIT_ENOTFOUND;
	*type = world.items[i - 1].type;
	*n = world.items[i - 1].n;
	return 0;
}

static int read_object(void **bytes, size_t *n, git_object_t *type, git_odb_backend *backend,
		       const git_oid *oid)
{
	int rc = find(n, type, oid);

	if (rc)
		return rc;
	*bytes = git_odb_backend_data_alloc(backend, *n);
	check(*bytes);
	if (*n)
		memcpy(*bytes, world.items[oid->id[0] - 1].p, *n);
	return 0;
}

static int read_head(size_t *n, git_object_t *type, git_odb_backend *backend, const git_oid *oid)
{
	(void)backend;
	return find(n, type, oid);
}

static int exists(git_odb_backend *backend, const git_oid *oid)
{
	(void)backend;
	return oid->id[0] && oid->id[0] <= world.n;
}

static void free_nothing(git_odb_backend *backend)
{
	(void)backend;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* An empty repository, whose folder is gone at once, with the objects of the input. */
static git_repository *open_once(void)
{
	static git_odb_backend backend = {.version = GIT_ODB_BACKEND_VERSION,
					  .read = read_object,
					  .read_header = read_head,
					  .exists = exists,
					  .free = free_nothing};
	static git_repository *repo;
	const char *tmp = getenv("TMPDIR");
	char *folder;
	git_odb *odb;

	if (repo)
		return repo;
	folder = xasprintf("%s/athena-fuzz.XXXXXX", tmp ? tmp : "/tmp");
	check(git_libgit2_init() > 0 && mkdtemp(folder));
	/* An id is no hash of what it leads to. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", "", 1); /* the repository's own handle is used */
	check(!git_repository_init(&repo, folder, true));
	check(!git_repository_odb(&odb, repo) && !git_odb_add_backend(odb, &backend, 1));
	git_odb_free(odb);
	check(!nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS));
	free(folder);
	return repo;
}

/* ---- the events ---- */

static void check_event(struct event *e)
{
	struct buf line = {0};

	e->source_id = e->source_type = "git";
	check(event_line(&line, e) && !refusal(&line));
	buf_release(&line);
}

static void check_change(const struct change *c)
{
	check(c->path && *c->path && strchr("AMDTR", c->status) &&
	      (c->status == 'R') == (c->old_path != NULL));
	check((c->status == 'A') == !c->old_mode && (c->status == 'D') == !c->new_mode);
	check(c->added >= -1 && c->deleted >= -1 && (c->added < 0) == (c->deleted < 0));
}

static void every_event(struct event_maker *m, struct differ *d, const struct commit *c,
			const struct diff_job *job)
{
	struct buf patch = {.max = PATCH_MOST};
	struct event e;

	event_commit(m, &e, c, job, EVENT_COUNT_LINES, "main");
	check_event(&e);
	for (size_t i = 0; i < job->n_changes && i < 20; i++) {
		buf_reset(&patch);
		patch.over = false;
		if (differ_patch(d, &job->changes[i], &patch))
			continue;
		event_file(m, &e, c, &job->changes[i], EVENT_COUNT_LINES, "main", &patch);
		check_event(&e);
	}
	buf_release(&patch);
}

/* What one way has more, the other has less. */
static void check_mirror(const struct diff_job *there, const struct diff_job *back)
{
	int64_t more = 0;

	check(there->n_changes == back->n_changes && there->too_many == back->too_many);
	for (size_t i = 0; i < there->n_changes; i++) {
		const struct change *a = &there->changes[i], *b = &back->changes[i];

		check(!strcmp(a->path, b->path) && a->old_mode == b->new_mode && a->new_mode == b->old_mode);
		more += a->added - a->deleted + b->added - b->deleted;
	}
	check(!more);
}

static void one_commit(struct event_maker *m, struct differ *d, const struct commit *c, const git_oid *before,
		       bool mirror)
{
	struct diff_job jobs[2] = {{.old_tree = *before, .new_tree = c->tree},
				   {.old_tree = c->tree, .new_tree = *before}};

	if (!differ_run(d, jobs, 2)) {
		for (size_t i = 0; i < jobs[0].n_changes; i++)
			check_change(&jobs[0].changes[i]);
		if (mirror)
			check_mirror(&jobs[0], &jobs[1]);
		every_event(m, d, c, &jobs[0]);
	}
	diff_jobs_release(jobs, 2);
}

static void one_tag(struct event_maker *m, const git_oid *oid, size_t i)
{
	struct tag t = {0};
	struct event e;

	if (!tag_parse(&t, (const char *)world.items[i].p, world.items[i].n))
		return;
	event_tag(m, &e, "refs/tags/\xff", oid, &t, NULL);
	check_event(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *any = "**/a*";
	static const struct glob_set paths = {&any, 1, NULL, 0};
	static struct object_folder folder;
	const uint8_t ask = size ? *data : 0;
	const struct diff_options options = {.stat = ask & 1 ? DIFF_STAT_LINES : DIFF_STAT_FILES,
					     .renames = ask & 2,
					     .paths = ask & 4 ? &paths : NULL,
					     .threads = 1,
					     .most = CHANGES_MOST};
	git_oid before = {0};
	git_repository *repo;
	struct event_maker m;
	struct differ *d;
	int kept;

	if (!size)
		return 0;
	world_load(data + 1, data + size);
	repo = open_once();
	kept = hush(-1);
	check(folder.path || !object_folder_open(&folder, repo));
	check(!differ_new(&d, repo, &folder, &options));
	event_maker_init(&m, "git:x", NULL);
	for (size_t i = 0; i < world.n; i++) {
		const git_oid oid = {.id = {(uint8_t)(i + 1)}};
		struct commit c = {0};

		if (world.items[i].type == GIT_OBJECT_TAG)
			one_tag(&m, &oid, i);
		if (world.items[i].type != GIT_OBJECT_COMMIT)
			continue;
		if (commit_parse(&c, (const char *)world.items[i].p, world.items[i].n)) {
			c.oid = oid;
			one_commit(&m, d, &c, &before, (ask & 2) == 0);
			before = c.tree;
		}
		oid_list_release(&c.parents);
	}
	event_maker_release(&m);
	differ_free(d);
	git_attr_cache_flush(repo);
	hush(kept);
	return 0;
}
