/* SPDX-License-Identifier: ISC */
#include "count.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

enum {
	FREQUENT_MAX = 1024, /* a line that occurs so often is frequent in a file of any size */
	AROUND = 100,        /* lines before and after one that are looked at */
	ROOM_KEPT = 1 << 18, /* lines; larger memory is given back */
	NONE = -1,
};

#define ONES UINT64_C(0x0101010101010101)

/* A distinct line, its newline included. */
struct count_line {
	const char *p; /* its first occurrence */
	uint32_t len, hash;
	uint32_t in[2];   /* occurrences in the old and the new middle */
	uint32_t outside; /* occurrences in what both texts start and end with; counted only when needed */
	uint32_t chain;   /* 1 + the next in the bucket; 0: none */
};

/* Two texts: what they start and end with alike, in whole lines, and the middles. */
struct pair {
	const char *text;  /* the old text: head, middle, tail */
	size_t head, tail; /* bytes in common */
	const char *p[2];  /* the middles, */
	size_t bytes[2];   /* their bytes, */
	size_t lines[2];   /* their lines, */
	size_t found[2];   /* and how many of them are in the other middle too */
	uint32_t *seq[2];  /* the lines as numbers, */
	uint32_t *kept[2]; /* and without those that take no part */
};

void counter_release(struct counter *c)
{
	free(c->lines);
	free(c->buckets);
	free(c->middle);
	free(c->kept);
	free(c->sums);
	free(c->frequent);
	free(c->script.memory);
	*c = (struct counter){0};
}

static uint64_t load8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* Newlines, eight bytes at a time: a byte of x is 0 where there is one. */
static size_t newlines(const char *p, size_t n)
{
	const uint64_t low = ONES * 0x7f, newline = ONES * '\n', pairs = UINT64_C(0x00ff00ff00ff00ff);
	uint64_t x, sum;
	size_t count = 0, i;

	while (n >= 8) {
		size_t words = n / 8 < 255 ? n / 8 : 255;

		for (sum = 0, i = 0; i < words; i++, p += 8) {
			x = load8(p) ^ newline;
			x = ~(((x & low) + low) | x | low);
			sum += x >> 7;
		}
		n -= words * 8;
		sum = (sum & pairs) + (sum >> 8 & pairs);
		count += (sum * UINT64_C(0x0001000100010001)) >> 48;
	}
	while (n--)
		count += *p++ == '\n';
	return count;
}

/* Lines in a text, an unfinished last one included. */
static size_t lines_of(const char *p, size_t n)
{
	return newlines(p, n) + (n && p[n - 1] != '\n');
}

static size_t common_start(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i + 8 <= n && load8(a + i) == load8(b + i))
		i += 8;
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/* The same from the ends; a and b point behind the last bytes. */
static size_t common_end(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i + 8 <= n && load8(a - i - 8) == load8(b - i - 8))
		i += 8;
	while (i < n && a[-(ptrdiff_t)i - 1] == b[-(ptrdiff_t)i - 1])
		i++;
	return i;
}

/* Is offset i of the text the start of a line, given that `start` is one? */
static bool line_starts(const char *text, size_t start, size_t i)
{
	return i == start || text[i - 1] == '\n';
}

/* Takes whole lines in common off both ends. */
static void trim(struct pair *t, const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t shorter = a_len < b_len ? a_len : b_len, head, tail;
	const char *newline;

	head = common_start(a, b, shorter);
	newline = memrchr(a, '\n', head);
	head = newline ? (size_t)(newline - a) + 1 : 0;
	tail = common_end(a + a_len, b + b_len, shorter - head);
	if (!line_starts(a, head, a_len - tail) || !line_starts(b, head, b_len - tail)) {
		newline = memchr(a + a_len - tail, '\n', tail);
		tail = newline ? (size_t)(a + a_len - newline) - 1 : 0;
	}
	*t = (struct pair){
		.text = a,
		.head = head,
		.tail = tail,
		.p = {a + head, b + head},
		.bytes = {a_len - head - tail, b_len - head - tail},
	};
	t->lines[0] = lines_of(t->p[0], t->bytes[0]);
	t->lines[1] = lines_of(t->p[1], t->bytes[1]);
}

static void make_room(struct counter *c, size_t lines)
{
	size_t n;

	if (lines > c->room) {
		counter_release(c);
		c->room = lines < 1024 ? 1024 : lines;
		c->lines = xreallocarray(NULL, c->room, sizeof(*c->lines));
		c->middle = xreallocarray(NULL, c->room, sizeof(*c->middle));
		c->kept = xreallocarray(NULL, c->room, sizeof(*c->kept));
		c->sums = xreallocarray(NULL, c->room + 1, sizeof(*c->sums));
		c->frequent = xreallocarray(NULL, c->room + 1, sizeof(*c->frequent));
		for (n = 1024; n < c->room; n *= 2)
			;
		c->buckets = xreallocarray(NULL, n, sizeof(*c->buckets));
	}
	for (c->n_buckets = 64; c->n_buckets < lines; c->n_buckets *= 2)
		;
	memset(c->buckets, 0, c->n_buckets * sizeof(*c->buckets));
	c->n_lines = 0;
}

/*
 * Finds the end of the line that starts at p, before `end`, and
 * hashes it on the way, eight bytes at a time.
 */
static size_t hash_line(const char *p, const char *end, uint32_t *hash)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15), newline = ONES * '\n', high = ONES * 0x80;
	const char *start = p;
	uint64_t h = 0, w, found = 0;
	size_t last = 8;

	do {
		if (end - p >= 8) {
			w = le64toh(load8(p));
			found = ((w ^ newline) - ONES) & ~(w ^ newline) & high;
		} else {
			w = 0;
			memcpy(&w, p, (size_t)(end - p));
			w = le64toh(w);
			found = (((w ^ newline) - ONES) & ~(w ^ newline) & high) | high << 8 * (end - p - 1);
		}
		if (found) {
			last = (size_t)__builtin_ctzll(found) / 8 + 1;
			w &= ~UINT64_C(0) >> (64 - 8 * last);
		}
		h = (h ^ w) * k;
		h ^= h >> 32;
		p += last;
	} while (!found && p < end);
	*hash = (uint32_t)(h ^ (uint64_t)(p - start));
	return (size_t)(p - start);
}

static bool same_bytes(const char *a, const char *b, size_t n)
{
	if (n < 8)
		return !memcmp(a, b, n);
	for (size_t i = 0; i + 8 < n; i += 8)
		if (load8(a + i) != load8(b + i))
			return false;
	return load8(a + n - 8) == load8(b + n - 8);
}

/* The number of a line among those seen; where it is new, it gets one if `add`, else NONE. */
static int64_t number(struct counter *c, const char *p, size_t len, uint32_t hash, bool add)
{
	uint32_t i, *bucket = &c->buckets[hash & (c->n_buckets - 1)];

	for (i = *bucket; i; i = c->lines[i - 1].chain)
		if (c->lines[i - 1].hash == hash && c->lines[i - 1].len == len &&
		    same_bytes(c->lines[i - 1].p, p, len))
			return i - 1;
	if (!add)
		return NONE;
	c->lines[c->n_lines] =
		(struct count_line){.p = p, .len = (uint32_t)len, .hash = hash, .chain = *bucket};
	*bucket = c->n_lines + 1;
	return c->n_lines++;
}

/* Numbers the lines of both middles, and counts where they occur. */
static void number_middles(struct counter *c, struct pair *t)
{
	uint32_t hash;
	size_t len;

	make_room(c, t->lines[0] + t->lines[1]);
	t->seq[0] = c->middle;
	t->seq[1] = c->middle + t->lines[0];
	t->kept[0] = c->kept;
	t->kept[1] = c->kept + t->lines[0];
	for (int side = 0; side < 2; side++) {
		const char *p = t->p[side], *end = p + t->bytes[side];

		for (size_t i = 0; p < end; i++, p += len) {
			len = hash_line(p, end, &hash);
			t->seq[side][i] = (uint32_t)number(c, p, len, hash, true);
			c->lines[t->seq[side][i]].in[side]++;
		}
	}
	for (uint32_t i = 0; i < c->n_lines; i++) {
		const struct count_line *l = &c->lines[i];

		if (l->in[0] && l->in[1]) {
			t->found[0] += l->in[0];
			t->found[1] += l->in[1];
		}
	}
}

/* Counts how often the lines of the middles occur in head and tail. Returns the lines there. */
static size_t count_outside(struct counter *c, const struct pair *t)
{
	const char *start[2] = {t->text, t->p[0] + t->bytes[0]};
	size_t bytes[2] = {t->head, t->tail}, lines = 0, len;
	uint32_t hash;
	int64_t n;

	for (int part = 0; part < 2; part++) {
		const char *p = start[part], *end = p + bytes[part];

		for (; p < end; p += len, lines++) {
			len = hash_line(p, end, &hash);
			n = number(c, p, len, hash, false);
			if (n != NONE)
				c->lines[n].outside++;
		}
	}
	return lines;
}

/*
 * A line is left out when, within AROUND lines and with nothing ordinary between, there are lines that the
 * other file lacks both before and after it, and these outnumber the frequent ones three to one. The line
 * itself counts as two.
 */
static bool crowded_out(size_t lacking_before, size_t lacking_after, size_t frequent)
{
	return lacking_before && lacking_after && 3 * (frequent + 2) < lacking_before + lacking_after;
}

/* Could any line of this middle be left out? Looks at the middles alone; never a false no. */
static bool may_leave_out(struct counter *c, const struct pair *t, int side)
{
	size_t n = t->lines[side], lo, hi;
	const uint32_t *seq = t->seq[side];

	if (n - t->found[side] < 7)
		return false;
	c->sums[0] = 0;
	for (size_t i = 0; i < n; i++)
		c->sums[i + 1] = c->sums[i] + !c->lines[seq[i]].in[!side];
	for (size_t i = 0; i < n; i++) {
		if (!c->lines[seq[i]].in[!side])
			continue;
		lo = i > AROUND ? i - AROUND : 0;
		hi = n - i > AROUND ? i + AROUND + 1 : n;
		if (crowded_out(c->sums[i] - c->sums[lo], c->sums[hi] - c->sums[i + 1], 0))
			return true;
	}
	return false;
}

/*
 * From how many occurrences in the other file on a line is frequent:
 * about the square root of this one's lines.
 */
static size_t frequent_from(size_t file_lines)
{
	size_t limit = 1;

	for (; file_lines; file_lines /= 4)
		limit *= 2;
	return limit < FREQUENT_MAX ? limit : FREQUENT_MAX;
}

/* Where the run of lines that are not ordinary ends which starts at i; fills the sums of it. */
static size_t run_end(struct counter *c, const struct pair *t, int side, size_t i, size_t limit)
{
	for (; i < t->lines[side]; i++) {
		const struct count_line *l = &c->lines[t->seq[side][i]];
		size_t there = (size_t)l->in[!side] + l->outside;

		if (there && there < limit)
			break;
		c->sums[i + 1] = c->sums[i] + !there;
		c->frequent[i + 1] = c->frequent[i] + (there > 0);
	}
	return i;
}

static bool left_out(const struct counter *c, size_t start, size_t i, size_t end)
{
	size_t lo = i - start > AROUND ? i - AROUND : start, hi = end - i > AROUND ? i + AROUND + 1 : end;

	return crowded_out(c->sums[i] - c->sums[lo], c->sums[hi] - c->sums[i + 1],
			   c->frequent[hi] - c->frequent[lo] - 1);
}

/*
 * Keeps the lines of a middle that are anywhere in the other file,
 * without those left out. Returns how many.
 */
static size_t keep_lines(struct counter *c, const struct pair *t, int side, size_t limit)
{
	size_t kept = 0, n = t->lines[side], end;
	const uint32_t *seq = t->seq[side];

	for (size_t start = 0; start < n; start = end + 1) {
		c->sums[start] = c->frequent[start] = 0;
		end = run_end(c, t, side, start, limit);
		for (size_t i = start; i < end || (i == end && i < n); i++) {
			if (i < end && (c->frequent[i + 1] == c->frequent[i] || left_out(c, start, i, end)))
				continue;
			t->kept[side][kept++] = seq[i];
		}
	}
	return kept;
}

/* Keeps the lines of a middle that are in the other one. */
static size_t keep_found(struct counter *c, const struct pair *t, int side)
{
	const uint32_t *seq = t->seq[side];
	size_t kept = 0;

	for (size_t i = 0; i < t->lines[side]; i++)
		if (c->lines[seq[i]].in[!side])
			t->kept[side][kept++] = seq[i];
	return kept;
}

/* Where few lines changed and none is left out, nothing but the middles need be looked at. NONE: not so. */
static int64_t common_simply(struct counter *c, const struct pair *t)
{
	size_t stray = t->lines[0] - t->found[0] + t->lines[1] - t->found[1], kept[2], length;

	if (stray > SCRIPT_SURE || may_leave_out(c, t, 0) || may_leave_out(c, t, 1))
		return NONE;
	kept[0] = keep_found(c, t, 0);
	kept[1] = keep_found(c, t, 1);
	length = script_shortest(&c->script, t->kept[0], kept[0], t->kept[1], kept[1], SCRIPT_SURE - stray);
	return length + stray > SCRIPT_SURE ? NONE : (int64_t)(kept[0] + kept[1] - length) / 2;
}

/* Lines in common, of the middles, in git's script. */
static int64_t common_lines(struct counter *c, const struct pair *t)
{
	int64_t common = common_simply(c, t);
	size_t outside, kept[2], length;

	if (common != NONE)
		return common;
	outside = count_outside(c, t);
	kept[0] = keep_lines(c, t, 0, frequent_from(outside + t->lines[0]));
	kept[1] = keep_lines(c, t, 1, frequent_from(outside + t->lines[1]));
	length = script_length(&c->script, t->kept[0], kept[0], t->kept[1], kept[1]);
	return (int64_t)(kept[0] + kept[1] - length) / 2;
}

void count_lines(struct counter *c, const char *a, size_t a_len, const char *b, size_t b_len, int64_t *added,
		 int64_t *deleted)
{
	struct pair t;
	int64_t common = 0;

	trim(&t, a, a_len, b, b_len);
	if (t.lines[0] && t.lines[1]) {
		number_middles(c, &t);
		if (t.found[0])
			common = common_lines(c, &t);
		if (c->room > ROOM_KEPT)
			counter_release(c);
	}
	*added = (int64_t)t.lines[1] - common;
	*deleted = (int64_t)t.lines[0] - common;
}
