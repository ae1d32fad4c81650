/* SPDX-License-Identifier: ISC */
#include "script.h"

#include <stdbool.h>
#include <stdlib.h>

#include "xalloc.h"

enum {
	PATIENCE = 256, /* steps before any shortcut is taken */
	RUN = 20,       /* equal elements in a row that make a good place to cut */
	GAIN = 4,       /* how many times further than its steps a path must have come for such a cut */
};

/*
 * What is left to compare, without equal ends, and how far paths come in it: after d steps forward[k]
 * is the furthest place in a that d changes reach from the start on diagonal k = x - y; backward[k - delta]
 * is the same from the end, delta being the diagonal of the end.
 */
struct search {
	const uint32_t *a, *b;
	int32_t n, m, delta;
	int32_t *forward, *backward;
	int32_t f_low, f_high; /* diagonals in use, */
	int32_t b_low, b_high; /* those of backward less delta */
	int32_t steps;
	bool long_run; /* the last step came over more than RUN equal elements somewhere */
};

/* A place to cut at, in the middle of the search. */
struct cut {
	int32_t x, y;
	bool from_start; /* a path from the start leads here, else from the end */
	bool clipped;    /* moved back into the box: the path to it may be shorter than the steps */
};

static void skip_ends(struct search *s)
{
	while (s->n && s->m && *s->a == *s->b)
		s->a++, s->b++, s->n--, s->m--;
	while (s->n && s->m && s->a[s->n - 1] == s->b[s->m - 1])
		s->n--, s->m--;
}

static void begin(struct search *s, struct script *memory, size_t max_steps)
{
	size_t half = max_steps + 3;

	if (memory->room < 4 * half) {
		free(memory->memory);
		memory->room = 4 * half;
		memory->memory = xreallocarray(NULL, memory->room, sizeof(*memory->memory));
	}
	s->forward = memory->memory + half;
	s->backward = memory->memory + 3 * half;
	s->delta = s->n - s->m;
	s->forward[0] = 0;
	s->backward[0] = s->n;
	s->f_low = s->f_high = s->b_low = s->b_high = 0;
	s->steps = 0;
}

/* One diagonal more on either side; where the box ends, one less. `far` is what is worse than any place. */
static void widen(int32_t *place, int32_t *low, int32_t *high, int32_t lowest, int32_t highest, int32_t far)
{
	if (*low > lowest)
		place[--*low - 1] = far;
	else
		++*low;
	if (*high < highest)
		place[++*high + 1] = far;
	else
		--*high;
}

/* True when it meets a path from the end. */
static bool step_forward(struct search *s)
{
	int32_t *place = s->forward, x, y, start, k;

	widen(place, &s->f_low, &s->f_high, -s->m, s->n, -1);
	for (k = s->f_high; k >= s->f_low; k -= 2) {
		x = place[k - 1] >= place[k + 1] ? place[k - 1] + 1 : place[k + 1];
		start = x;
		for (y = x - k; x < s->n && y < s->m && s->a[x] == s->b[y]; y++)
			x++;
		place[k] = x;
		if (x - start > RUN)
			s->long_run = true;
		if ((s->delta & 1) && k - s->delta >= s->b_low && k - s->delta <= s->b_high &&
		    x >= s->backward[k - s->delta])
			return true;
	}
	return false;
}

/* True when it meets a path from the start. */
static bool step_backward(struct search *s)
{
	int32_t *place = s->backward, x, y, start, k;

	widen(place, &s->b_low, &s->b_high, -s->n, s->m, INT32_MAX);
	for (k = s->b_high; k >= s->b_low; k -= 2) {
		x = place[k - 1] < place[k + 1] ? place[k - 1] : place[k + 1] - 1;
		start = x;
		for (y = x - k - s->delta; x > 0 && y > 0 && s->a[x - 1] == s->b[y - 1]; y--)
			x--;
		place[k] = x;
		if (start - x > RUN)
			s->long_run = true;
		if (!(s->delta & 1) && k + s->delta >= s->f_low && k + s->delta <= s->f_high &&
		    x <= s->forward[k + s->delta])
			return true;
	}
	return false;
}

/* One change more from both ends. The length of the shortest script when the paths meet, else 0. */
static size_t step(struct search *s)
{
	s->steps++;
	s->long_run = false;
	if (step_forward(s))
		return 2 * (size_t)s->steps - 1;
	return step_backward(s) ? 2 * (size_t)s->steps : 0;
}

/* Are there RUN equal elements from x and y on? */
static bool run_at(const struct search *s, int32_t x, int32_t y)
{
	for (int32_t i = 0; i < RUN; i++)
		if (s->a[x + i] != s->b[y + i])
			return false;
	return true;
}

/* Looks for the place behind a long run that a path from the start came furthest to. */
static bool cut_after_run(const struct search *s, struct cut *cut)
{
	int32_t best = 0, x, y, came, k;

	for (k = s->f_high; k >= s->f_low; k -= 2) {
		x = s->forward[k];
		y = x - k;
		came = x + y - abs(k);
		if (came <= GAIN * s->steps || came <= best || x < RUN || x >= s->n || y < RUN || y >= s->m ||
		    !run_at(s, x - RUN, y - RUN))
			continue;
		best = came;
		*cut = (struct cut){.x = x, .y = y, .from_start = true};
	}
	return best > 0;
}

/* The same before a long run, from the end. */
static bool cut_before_run(const struct search *s, struct cut *cut)
{
	int32_t best = 0, x, y, came, k;

	for (k = s->b_high; k >= s->b_low; k -= 2) {
		x = s->backward[k];
		y = x - k - s->delta;
		came = s->n - x + s->m - y - abs(k);
		if (came <= GAIN * s->steps || came <= best || x <= 0 || x > s->n - RUN || y <= 0 ||
		    y > s->m - RUN || !run_at(s, x, y))
			continue;
		best = came;
		*cut = (struct cut){.x = x, .y = y};
	}
	return best > 0;
}

/* Cuts where the furthest path of all ended, from whichever end. */
static void cut_furthest(const struct search *s, struct cut *cut)
{
	int32_t from_start = -1, to_end = INT32_MAX, x, y, k;
	struct cut back = {0};
	bool clipped;

	for (k = s->f_high; k >= s->f_low; k -= 2) {
		x = s->forward[k] < s->n ? s->forward[k] : s->n;
		if (x - k > s->m)
			x = s->m + k;
		y = x - k;
		clipped = x != s->forward[k];
		if (x + y > from_start) {
			from_start = x + y;
			*cut = (struct cut){.x = x, .y = y, .from_start = true, .clipped = clipped};
		}
	}
	for (k = s->b_high; k >= s->b_low; k -= 2) {
		x = s->backward[k] > 0 ? s->backward[k] : 0;
		if (x - k - s->delta < 0)
			x = k + s->delta;
		y = x - k - s->delta;
		clipped = x != s->backward[k];
		if (x + y < to_end) {
			to_end = x + y;
			back = (struct cut){.x = x, .y = y, .clipped = clipped};
		}
	}
	if (s->n + s->m - to_end >= from_start)
		*cut = back;
}

/*
 * Searches until the paths meet, and returns the length; or until it has been long enough, and returns 0
 * and where to cut. max_steps is at least PATIENCE.
 */
static size_t search(struct search *s, int32_t max_steps, struct cut *cut)
{
	size_t length;

	for (;;) {
		length = step(s);
		if (length)
			return length;
		if (s->long_run && s->steps > PATIENCE && (cut_after_run(s, cut) || cut_before_run(s, cut)))
			return 0;
		if (s->steps >= max_steps) {
			cut_furthest(s, cut);
			return 0;
		}
	}
}

size_t script_shortest(struct script *memory, const uint32_t *a, size_t a_len, const uint32_t *b,
		       size_t b_len, size_t limit)
{
	struct search s = {.a = a, .b = b, .n = (int32_t)a_len, .m = (int32_t)b_len};
	size_t length;

	skip_ends(&s);
	if (!s.n || !s.m)
		return (size_t)s.n + (size_t)s.m;
	if ((size_t)abs(s.n - s.m) > limit)
		return limit + 1;
	begin(&s, memory, limit / 2 + 1);
	while (2 * (size_t)s.steps < limit) {
		length = step(&s);
		if (length)
			return length;
	}
	return limit + 1;
}

/* How many steps are enough: about the square root of all there is. */
static int32_t enough(size_t all)
{
	int32_t steps = 1;

	for (; all; all /= 4)
		steps *= 2;
	return steps > PATIENCE ? steps : PATIENCE;
}

/* The length of the path between a cut and the end that it came from. */
static size_t path_length(struct script *memory, const struct search *s, const struct cut *cut,
			  const uint32_t *a, int32_t a_len, const uint32_t *b, int32_t b_len)
{
	size_t steps = (size_t)s->steps;

	return cut->clipped ? script_shortest(memory, a, (size_t)a_len, b, (size_t)b_len, steps) : steps;
}

size_t script_length(struct script *memory, const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	struct search s = {.a = a, .b = b, .n = (int32_t)a_len, .m = (int32_t)b_len};
	int32_t max_steps = enough(a_len + b_len + 3);
	size_t length = 0, found;
	struct cut cut = {0};

	for (;;) {
		skip_ends(&s);
		if (!s.n || !s.m)
			return length + (size_t)s.n + (size_t)s.m;
		begin(&s, memory, (size_t)max_steps);
		found = search(&s, max_steps, &cut);
		if (found)
			return length + found;
		if (cut.from_start) {
			length += path_length(memory, &s, &cut, s.a, cut.x, s.b, cut.y);
			s.a += cut.x;
			s.b += cut.y;
			s.n -= cut.x;
			s.m -= cut.y;
		} else {
			length += path_length(memory, &s, &cut, s.a + cut.x, s.n - cut.x, s.b + cut.y,
					      s.m - cut.y);
			s.n = cut.x;
			s.m = cut.y;
		}
	}
}
