/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "xalloc.h"

enum { COMPARE = 64 << 10 };

/* A mark of a known file that begins with the same line. */
struct probe {
	const struct mark *mark;
	struct known *k;
	size_t i; /* which of its marks */
};

static int by_offset(const void *a, const void *b)
{
	const struct probe *x = a, *y = b;

	if (x->mark->offset != y->mark->offset)
		return x->mark->offset < y->mark->offset ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static struct probe *collect(const struct fetch *f, const char first[FILE_HASH], size_t *n)
{
	struct probe *all = NULL;
	size_t cap = 0;

	*n = 0;
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		k->matched = 0;
		if (memcmp(k->first, first, FILE_HASH))
			continue;
		if (*n + k->n_marks > cap) {
			cap = 2 * (*n + KNOWN_MARKS);
			all = xreallocarray(all, cap, sizeof(*all));
		}
		for (size_t m = 0; m < k->n_marks; m++)
			all[(*n)++] = (struct probe){&k->marks[m], k, m};
	}
	if (*n)
		qsort(all, *n, sizeof(*all), by_offset);
	return all;
}

/* How many marks of each known file hold in the one that is open. In the order of their offsets: it may be
 * compressed. */
static void probe(struct fetch *f, const char first[FILE_HASH])
{
	size_t n;
	struct probe *all = collect(f, first, &n);

	for (size_t i = 0; i < n; i++)
		if (all[i].k->matched == all[i].i && reader_match(&f->reader, all[i].mark))
			all[i].k->matched++;
	free(all);
}

void match_hold(struct fetch *f, const char first[FILE_HASH])
{
	probe(f, first);
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		k->held |= k->n_marks && k->matched == k->n_marks && !memcmp(k->first, first, FILE_HASH);
	}
}

static int64_t matched_to(const struct known *k)
{
	return k->matched ? k->marks[k->matched - 1].offset : 0;
}

/* The one that is known furthest; of equals the one with the same inode, then one that is not taken. */
static bool is_better(const struct known *k, const struct known *than, const struct hint *h)
{
	if (!than || matched_to(k) != matched_to(than))
		return !than || matched_to(k) > matched_to(than);
	if (hint_same_inode(&k->hint, h) != hint_same_inode(&than->hint, h))
		return hint_same_inode(&k->hint, h);
	return !k->claimed && than->claimed;
}

/* A stray takes nothing of another log. */
static bool may_be_of(const struct known *k, const struct log *log, const struct candidate *c)
{
	return !c->stray || !strcmp(k->log, log->path);
}

/* It is held open, and has not the name any more that it is known by. */
static bool has_left(const struct known *k)
{
	struct stat st;
	struct hint now;

	if (k->fd < 0)
		return false;
	if (stat(k->path, &st))
		return errno == ENOENT;
	now = hint_of(&st);
	return !hint_same_inode(&now, &k->hint);
}

bool match_is_tailed(const struct fetch *f, const struct known *k)
{
	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *other = f->known.items[i];

		if (other != k && other->fd >= 0 && other->claimed &&
		    hint_same_inode(&other->hint, &k->hint) && !has_left(other))
			return true;
	}
	return false;
}

/* May the entry become that of this file, or has it one of its own? */
static bool may_take(const struct known *k, const struct listing *l, const struct candidate *c)
{
	if ((k->claimed && !has_left(k)) || k->matched != k->n_marks)
		return false;
	return hint_same_inode(&k->hint, &c->hint) || (k->fd < 0 && !listing_has_inode(l, &k->hint, c));
}

/* How many bytes from `at` on two files have in common. */
static int64_t common(int a, int b, int64_t at)
{
	static char x[COMPARE], y[COMPARE];
	int64_t start = at;

	for (;;) {
		ssize_t n = file_pread(a, x, sizeof(x), at), m = file_pread(b, y, sizeof(y), at), i = 0;

		while (i < n && i < m && x[i] == y[i])
			i++;
		at += i;
		if (i < COMPARE)
			return at - start;
	}
}

/* The file of an entry, if it is in the listing, plain, and still what was read. -1: it is not. */
static int open_original(const struct listing *l, const struct candidate *copy, const struct known *k)
{
	const struct mark *last = known_at(k);
	size_t n = last->offset < READER_WINDOW ? (size_t)last->offset : READER_WINDOW;
	char window[READER_WINDOW], hash[FILE_HASH];
	int fd = -1;

	for (size_t i = 0; i < l->n && fd < 0; i++)
		if (&l->items[i] != copy && hint_same_inode(&l->items[i].hint, &k->hint))
			fd = open(l->items[i].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (file_pread(fd, window, n, last->offset - (int64_t)n) == (ssize_t)n) {
		request_hash(window, n, hash);
		if (!memcmp(hash, last->hash, FILE_HASH))
			return fd;
	}
	close(fd);
	return -1;
}

/* Moves *from on to the last line that ends at or before `to`. */
static void move_on(struct reader *r, struct mark *from, int64_t to)
{
	struct reader_line line;
	int64_t at = from->offset, lines = from->lines;

	if (!(at ? reader_match(r, from) : reader_rewind(r)))
		return;
	while (reader_next(r, &line) == READER_LINE && reader_offset(r) <= to) {
		at = reader_offset(r);
		lines = r->lines;
	}
	if (at > from->offset)
		reader_mark_at(r, at, lines, from);
}

/*
 * A copy that is being made (copytruncate), or is older than what was read: what it has in common with the file that
 * it was made of is known, though there is no mark there.
 */
static void skip_copied(struct fetch *f, const struct log *log, const struct listing *l,
			const struct candidate *c, const char first[FILE_HASH], struct mark *from)
{
	int64_t to = from->offset;

	for (size_t i = 0; i < f->known.n && !f->reader.packed; i++) {
		const struct known *k = f->known.items[i];
		bool may = k->n_marks && may_be_of(k, log, c) && !memcmp(k->first, first, FILE_HASH);
		int fd = may ? open_original(l, c, k) : -1;
		int64_t same = fd < 0 ? 0 : from->offset + common(f->reader.fd, fd, from->offset);

		if (fd >= 0)
			close(fd);
		if (same > known_at(k)->offset)
			same = known_at(k)->offset;
		to = same > to ? same : to;
	}
	if (to > from->offset)
		move_on(&f->reader, from, to);
}

struct known *match_file(struct fetch *f, const struct log *log, const struct listing *l,
			 const struct candidate *c, const char first[FILE_HASH], struct mark *from)
{
	struct known *best = NULL, *own;

	match_hold(f, first);
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		if (memcmp(k->first, first, FILE_HASH) || !k->matched || !may_be_of(k, log, c))
			continue;
		if (is_better(k, best, &c->hint))
			best = k;
	}
	*from = best ? best->marks[best->matched - 1] : (struct mark){0};
	if (best && may_take(best, l, c))
		return best;
	if (!best || best->matched < best->n_marks)
		skip_copied(f, log, l, c, first, from);
	own = knowns_add(&f->known, "", "");
	memcpy(own->first, first, FILE_HASH);
	if (best)
		known_copy(own, best, best->matched);
	return own;
}
