/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* How many marks of each known file hold in the one that is open. In the order of their offsets: it may be compressed. */
static void probe(struct fetch *f, const char first[FILE_HASH])
{
	size_t n;
	struct probe *all = collect(f, first, &n);

	for (size_t i = 0; i < n; i++)
		if (all[i].k->matched == all[i].i && reader_match(&f->reader, all[i].mark))
			all[i].k->matched++;
	free(all);
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

/* May the entry become that of this file, or has it one of its own? */
static bool may_take(const struct known *k, const struct listing *l, const struct candidate *c)
{
	if (k->claimed || k->matched != k->n_marks)
		return false;
	return hint_same_inode(&k->hint, &c->hint) || (k->fd < 0 && !listing_has_inode(l, &k->hint, c));
}

/* How many bytes from `at` on two files have in common. */
static int64_t common(int a, int b, int64_t at)
{
	static char x[COMPARE], y[COMPARE];
	int64_t start = at;

	for (;;) {
		ssize_t n = pread(a, x, sizeof(x), at), m = pread(b, y, sizeof(y), at), i = 0;

		while (i < n && i < m && x[i] == y[i])
			i++;
		at += i;
		if (i < COMPARE)
			return at - start;
	}
}

/*
 * A copy that is being made (copytruncate), or is older than what was read: the part that it has in common with the
 * file that it was made of is known, though there is no mark there. *from moves on to its last line.
 */
static void skip_copied(struct fetch *f, const struct listing *l, const struct known *of, struct mark *from)
{
	const struct candidate *c = NULL;
	struct reader_line line;
	struct reader *r = &f->reader;
	int64_t at = from->offset, lines = from->lines, to;
	int fd;

	for (size_t i = 0; i < l->n && !c; i++)
		if (hint_same_inode(&l->items[i].hint, &of->hint))
			c = &l->items[i];
	fd = c && !r->packed ? open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0)
		return;
	to = at + common(r->fd, fd, at);
	close(fd);
	if (to > known_at(of)->offset)
		to = known_at(of)->offset;
	if (!reader_match(r, from))
		return;
	while (reader_next(r, &line) == READER_LINE && reader_offset(r) <= to) {
		at = reader_offset(r);
		lines = r->lines;
	}
	reader_mark_at(r, at, lines, from);
}

struct known *match_file(struct fetch *f, const struct listing *l, const struct candidate *c,
			 const char first[FILE_HASH], struct mark *from)
{
	struct known *best = NULL, *own;

	probe(f, first);
	for (size_t i = 0; i < f->known.n; i++) {
		struct known *k = f->known.items[i];

		if (memcmp(k->first, first, FILE_HASH) || !k->matched)
			continue;
		k->held |= k->matched == k->n_marks;
		if (is_better(k, best, &c->hint))
			best = k;
	}
	*from = best ? best->marks[best->matched - 1] : (struct mark){0};
	if (best && may_take(best, l, c))
		return best;
	own = knowns_add(&f->known, "", "");
	memcpy(own->first, first, FILE_HASH);
	if (best)
		known_copy(own, best, best->matched);
	if (best && best->matched < best->n_marks)
		skip_copied(f, l, best, from);
	return own;
}
