/* SPDX-License-Identifier: ISC */
#include "renames.h"

#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "tree.h"
#include "xalloc.h"

enum {
	SCORE_MAX = 60000, /* git's scale */
	SCORE_MIN = SCORE_MAX / 2,
	SCORE_SAME_NAME = SCORE_MAX / 4 * 3,
	CHUNK = 64,      /* bytes of a chunk, where no line ends before */
	HASHES = 107927, /* git's, so that unlike chunks are taken for like ones as often as there */
	CANDIDATES = 4,  /* best sources that are kept of each added file */
};

/* How many bytes of a file are in chunks of one hash. */
struct chunk {
	uint32_t hash, bytes;
};

/* A file that was added or deleted. */
struct file {
	struct change *change;
	struct file *other;   /* what it was renamed from or to; NULL: nothing so far */
	const char *name;     /* behind the last slash */
	struct chunk *chunks; /* in the order of their hashes; NULL: not loaded */
	size_t n_chunks, bytes;
	bool loaded;
};

struct candidate {
	struct file *from, *to; /* NULL: none */
	int score;
	bool same_name;
};

struct renames {
	struct objects *blobs;
	struct file *from, *to; /* the D, the A, in order of their paths */
	size_t n_from, n_to, found;
};

static bool is_regular(uint32_t mode)
{
	return (mode & TREE_MODE_TYPE) == TREE_MODE_FILE;
}

static struct file file_of(struct change *c)
{
	const char *slash = strrchr(c->path, '/');

	return (struct file){.change = c, .name = slash ? slash + 1 : c->path};
}

static void join(struct renames *r, struct file *from, struct file *to, int score)
{
	from->other = to;
	to->other = from;
	to->change->similarity = score * 100 / SCORE_MAX;
	r->found++;
}

/* Files whose content is the same, by their ids. */
struct same {
	const git_oid *oid;
	struct file *file;
};

static int by_oid(const void *a, const void *b)
{
	const struct same *x = a, *y = b;
	int order = git_oid_cmp(x->oid, y->oid);

	return order ? order : (x->file > y->file) - (x->file < y->file);
}

static int by_oid_only(const void *key, const void *b)
{
	return git_oid_cmp(key, ((const struct same *)b)->oid);
}

static void join_equal(struct renames *r)
{
	struct same *same = xreallocarray(NULL, r->n_from, sizeof(*same)), *s;

	for (size_t i = 0; i < r->n_from; i++)
		same[i] = (struct same){.oid = &r->from[i].change->old_oid, .file = &r->from[i]};
	qsort(same, r->n_from, sizeof(*same), by_oid);
	for (size_t i = 0; i < r->n_to; i++) {
		struct file *to = &r->to[i], *best = NULL;
		uint32_t mode = to->change->new_mode, old_mode;

		s = bsearch(&to->change->new_oid, same, r->n_from, sizeof(*same), by_oid_only);
		while (s && s > same && git_oid_equal(s[-1].oid, s->oid))
			s--;
		for (; s && s < same + r->n_from && git_oid_equal(s->oid, &to->change->new_oid); s++) {
			old_mode = s->file->change->old_mode;
			if (s->file->other ||
			    (mode != old_mode && !(is_regular(mode) && is_regular(old_mode))))
				continue;
			if (!best)
				best = s->file;
			if (!strcmp(s->file->name, to->name)) {
				best = s->file;
				break;
			}
		}
		if (best)
			join(r, best, to, SCORE_MAX);
	}
	free(same);
}

static int by_hash(const void *a, const void *b)
{
	const struct chunk *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Cuts the text into chunks. A CR before a newline counts for nothing in what is text. */
static void cut_chunks(struct file *f, const unsigned char *p, size_t n)
{
	bool text = !memchr(p, '\0', n < PAIR_LOOK ? n : PAIR_LOOK);
	size_t cap = 0, k = 0;
	uint64_t w = 0;
	uint32_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		if (text && p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		w = (w << 7 | w >> 57) + ((uint64_t)p[i] << 32);
		if (++bytes < CHUNK && p[i] != '\n' && i + 1 < n)
			continue;
		if (f->n_chunks == cap) {
			cap = cap ? 2 * cap : 64;
			f->chunks = xreallocarray(f->chunks, cap, sizeof(*f->chunks));
		}
		f->chunks[f->n_chunks++] = (struct chunk){
			.hash = ((uint32_t)(w >> 32) + (uint32_t)w * 0x61) % HASHES, .bytes = bytes};
		w = 0;
		bytes = 0;
	}
	if (!f->n_chunks)
		return;
	qsort(f->chunks, f->n_chunks, sizeof(*f->chunks), by_hash);
	for (size_t i = 1; i < f->n_chunks; i++) {
		if (f->chunks[i].hash == f->chunks[k].hash)
			f->chunks[k].bytes += f->chunks[i].bytes;
		else
			f->chunks[++k] = f->chunks[i];
	}
	f->n_chunks = k + 1;
}

static enum objects_status load(struct renames *r, struct file *f)
{
	const git_oid *oid = f->change->new_mode ? &f->change->new_oid : &f->change->old_oid;
	struct object *object;
	enum objects_status rc;

	if (f->loaded)
		return OBJECTS_OK;
	f->loaded = true;
	rc = objects_get(r->blobs, oid, GIT_OBJECT_BLOB, OBJECT_ANY, &object);
	if (rc)
		return rc == OBJECTS_MISSING ? OBJECTS_OK : rc;
	f->bytes = object->size;
	if (f->bytes <= PAIR_TEXT_MAX)
		cut_chunks(f, (const unsigned char *)object->data, f->bytes);
	object_free(object);
	return OBJECTS_OK;
}

static void unload(struct file *f)
{
	free(f->chunks);
	f->chunks = NULL;
	f->n_chunks = 0;
	f->loaded = false;
}

static enum objects_status compare(struct renames *r, struct file *from, struct file *to, int *score)
{
	size_t larger, smaller, i = 0, k = 0;
	enum objects_status rc;
	uint64_t common = 0;

	*score = 0;
	if (!is_regular(from->change->old_mode) || !is_regular(to->change->new_mode))
		return OBJECTS_OK;
	rc = load(r, from);
	if (!rc)
		rc = load(r, to);
	larger = from->bytes > to->bytes ? from->bytes : to->bytes;
	smaller = from->bytes < to->bytes ? from->bytes : to->bytes;
	if (rc || !to->bytes || larger * (SCORE_MAX - SCORE_MIN) < (larger - smaller) * SCORE_MAX)
		return rc;
	while (i < from->n_chunks && k < to->n_chunks) {
		const struct chunk *a = &from->chunks[i], *b = &to->chunks[k];

		if (a->hash == b->hash)
			common += a->bytes < b->bytes ? a->bytes : b->bytes;
		i += a->hash <= b->hash;
		k += b->hash <= a->hash;
	}
	*score = (int)(common * SCORE_MAX / larger);
	return OBJECTS_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Those of n files that are not joined yet, in the order of their names. */
static size_t list_by_name(struct file *files, size_t n, struct file **out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!files[i].other)
			out[k++] = &files[i];
	qsort(out, k, sizeof(*out), by_name);
	return k;
}

static size_t same_names(struct file **files, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && !strcmp(files[end]->name, files[i]->name))
		end++;
	return end - i;
}

/* Files whose name occurs once among the deleted and once among the added. */
static enum objects_status join_names(struct renames *r)
{
	struct file **from = xreallocarray(NULL, r->n_from, sizeof(struct file *));
	struct file **to = xreallocarray(NULL, r->n_to, sizeof(struct file *));
	size_t n_from = list_by_name(r->from, r->n_from, from), n_to = list_by_name(r->to, r->n_to, to);
	size_t i = 0, k = 0, times_from, times_to;
	enum objects_status rc = OBJECTS_OK;
	int order, score;

	while (i < n_from && k < n_to && !rc) {
		order = strcmp(from[i]->name, to[k]->name);
		times_from = order <= 0 ? same_names(from, n_from, i) : 0;
		times_to = order >= 0 ? same_names(to, n_to, k) : 0;
		if (times_from == 1 && times_to == 1) {
			rc = compare(r, from[i], to[k], &score);
			unload(to[k]);
			if (!rc && score >= SCORE_SAME_NAME)
				join(r, from[i], to[k], score);
		}
		i += times_from;
		k += times_to;
	}
	free(from);
	free(to);
	return rc;
}

/* The better one first. */
static int better(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (!x->from || !y->from)
		return !x->from - !y->from;
	return x->score != y->score ? y->score - x->score : y->same_name - x->same_name;
}

/* The same, and those that are equally good in the order in which they stand. */
static int better_or_before(const void *a, const void *b)
{
	const struct candidate *const *x = a, *const *y = b;
	int order = better(*x, *y);

	return order ? order : (*x > *y) - (*x < *y);
}

static void keep_best(struct candidate *kept, const struct candidate *c)
{
	struct candidate *worst = kept;

	for (int i = 1; i < CANDIDATES; i++)
		if (better(&kept[i], worst) > 0)
			worst = &kept[i];
	if (better(worst, c) > 0)
		*worst = *c;
}

/* The best sources of one added file. */
static enum objects_status find_candidates(struct renames *r, struct file *to, struct candidate *kept)
{
	enum objects_status rc = OBJECTS_OK;

	for (size_t i = 0; i < r->n_from && !rc; i++) {
		struct candidate c = {.from = &r->from[i], .to = to};

		if (c.from->other)
			continue;
		rc = compare(r, c.from, to, &c.score);
		c.same_name = !strcmp(c.from->name, to->name);
		if (!rc)
			keep_best(kept, &c);
	}
	unload(to);
	return rc;
}

/* All pairs of what is left, the best first. */
static enum objects_status join_best(struct renames *r, int64_t limit)
{
	uint64_t n_from = r->n_from - r->found, n_to = r->n_to - r->found;
	struct candidate *all, **order;
	enum objects_status rc = OBJECTS_OK;
	size_t n = 0;

	if (!n_from || !n_to || (limit > 0 && n_from * n_to > (uint64_t)limit * (uint64_t)limit))
		return OBJECTS_OK;
	all = xcalloc(n_to * CANDIDATES, sizeof(*all));
	order = xreallocarray(NULL, n_to * CANDIDATES, sizeof(*order));
	for (size_t i = 0; i < r->n_to && !rc; i++) {
		if (r->to[i].other)
			continue;
		rc = find_candidates(r, &r->to[i], &all[n]);
		for (int k = 0; k < CANDIDATES; k++, n++)
			order[n] = &all[n];
	}
	qsort(order, n, sizeof(*order), better_or_before);
	for (size_t i = 0; i < n && !rc && order[i]->from && order[i]->score >= SCORE_MIN; i++)
		if (!order[i]->from->other && !order[i]->to->other)
			join(r, order[i]->from, order[i]->to, order[i]->score);
	free(all);
	free(order);
	return rc;
}

/* Writes what was found into the job's changes. */
static void apply(struct renames *r, struct diff_job *job)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_to; i++) {
		struct change *c = r->to[i].change;
		const struct change *old = r->to[i].other ? r->to[i].other->change : NULL;

		if (!old)
			continue;
		c->status = 'R';
		c->old_path = old->path;
		c->old_mode = old->old_mode;
		c->old_oid = old->old_oid;
	}
	for (size_t i = 0; i < r->n_from; i++)
		if (r->from[i].other)
			r->from[i].change->status = 0;
	for (size_t i = 0; i < job->n_changes; i++)
		if (job->changes[i].status)
			job->changes[kept++] = job->changes[i];
	job->n_changes = kept;
}

enum objects_status renames_find(struct diff_job *job, struct objects *blobs, int64_t limit)
{
	struct renames r = {.blobs = blobs};
	enum objects_status rc = OBJECTS_OK;

	for (size_t i = 0; i < job->n_changes; i++) {
		r.n_from += job->changes[i].status == 'D';
		r.n_to += job->changes[i].status == 'A';
	}
	if (!r.n_from || !r.n_to)
		return OBJECTS_OK;
	r.from = xcalloc(r.n_from, sizeof(*r.from));
	r.to = xcalloc(r.n_to, sizeof(*r.to));
	r.n_from = r.n_to = 0;
	for (size_t i = 0; i < job->n_changes; i++) {
		struct change *c = &job->changes[i];

		if (c->status == 'D')
			r.from[r.n_from++] = file_of(c);
		else if (c->status == 'A')
			r.to[r.n_to++] = file_of(c);
	}
	join_equal(&r);
	rc = join_names(&r);
	if (!rc)
		rc = join_best(&r, limit);
	if (!rc && r.found)
		apply(&r, job);
	for (size_t i = 0; i < r.n_from; i++)
		unload(&r.from[i]);
	free(r.from);
	free(r.to);
	return rc;
}
