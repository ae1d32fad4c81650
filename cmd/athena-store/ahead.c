/* SPDX-License-Identifier: ISC */
#include "ahead.h"

#include <time.h>
#include <unistd.h>

#include "stamp.h"
#include "threads.h"

static struct parsed *at(struct ahead *a, size_t i)
{
	return &a->ring[(a->first + i) % AHEAD_BLOCKS];
}

/* ---- the reader ---- */

static void hand_over(struct ahead *a)
{
	if (!a->filling)
		return;
	pthread_mutex_lock(&a->lock);
	a->urgent += a->filling->urgent;
	a->filling = NULL;
	a->n++;
	pthread_cond_signal(&a->filled);
	pthread_mutex_unlock(&a->lock);
}

static void say_waiting(struct ahead *a, bool waiting)
{
	pthread_mutex_lock(&a->lock);
	a->waiting = waiting;
	pthread_cond_signal(&a->filled);
	pthread_mutex_unlock(&a->lock);
}

static void end(struct ahead *a)
{
	hand_over(a);
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	pthread_cond_signal(&a->filled);
	pthread_mutex_unlock(&a->lock);
}

/*
 * A block with room for a line of n bytes, or an empty one: the last one
 * once more, while nobody has taken it. False: nobody will.
 */
static bool claim(struct ahead *a, size_t n)
{
	struct parsed *last;

	pthread_mutex_lock(&a->lock);
	last = a->n > a->taken ? at(a, a->n - 1) : NULL;
	if (last && !last->urgent && parsed_has_room(last, n)) {
		a->n--;
		a->filling = last;
	} else {
		a->full = a->n == AHEAD_BLOCKS;
		while (a->full && !a->quit)
			pthread_cond_wait(&a->freed, &a->lock);
		if (!a->quit)
			a->filling = at(a, a->n);
	}
	pthread_mutex_unlock(&a->lock);
	return a->filling;
}

/* Its last line is the reader's own, which has to stay. */
static void wait_till_done(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->n && !a->quit)
		pthread_cond_wait(&a->freed, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

/* False: nobody is there to take it. */
static bool add(struct ahead *a, enum lines_result what, const char *text, size_t n)
{
	bool alone;

	if (a->filling && !parsed_has_room(a->filling, n))
		hand_over(a);
	if (!a->filling && !claim(a, n))
		return false;
	if (!a->filling->n)
		a->filling->since_ms = stamp_steady() / 1000;
	parsed_add(a->filling, &a->parser, &a->in, what, text, n);
	if (!a->filling->urgent)
		return true;
	alone = a->filling->large;
	hand_over(a);
	if (alone && a->threaded)
		wait_till_done(a);
	return true;
}

/* The next line; what came before is handed over first where it has to be read. */
static enum lines_result next(struct ahead *a, int ms, const char **text, size_t *n)
{
	enum lines_result what;

	if (lines_ready(&a->in))
		return lines_next(&a->in, 0, text, n);
	hand_over(a);
	what = lines_next(&a->in, 0, text, n);
	if (what != LINES_IDLE || a->in.woken)
		return what;
	say_waiting(a, true);
	if (ms)
		what = lines_next(&a->in, ms, text, n);
	if (what != LINES_IDLE)
		say_waiting(a, false);
	return what;
}

/* Takes one line, for which it waits at most so long; -1: for ever. False: it was the last one. */
static bool turn(struct ahead *a, int ms)
{
	const char *text = NULL;
	size_t n = 0;
	enum lines_result what = next(a, ms, &text, &n);

	if (what != LINES_IDLE && what != LINES_END && !add(a, what, text, n))
		return false;
	if (what != LINES_END && what != LINES_ERROR && !a->in.woken)
		return true;
	end(a);
	return false;
}

static void *read_ahead(void *arg)
{
	while (turn(arg, -1))
		continue;
	return NULL;
}

/* ---- who takes the blocks ---- */

void ahead_start(struct ahead *a, int fd, size_t max_line, const int wake[2], bool thread)
{
	pthread_condattr_t clock;

	*a = (struct ahead){.parser = PARSER, .wake = wake[1]};
	lines_init(&a->in, fd, "stdin", max_line);
	a->in.wake = wake[0];
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&a->filled, &clock);
	pthread_cond_init(&a->freed, NULL);
	pthread_condattr_destroy(&clock);
	a->threaded = thread; /* before the thread looks at it */
	if (thread && !threads_start(&a->thread, read_ahead, a))
		a->threaded = false;
}

void ahead_release(struct ahead *a)
{
	if (a->threaded) {
		pthread_mutex_lock(&a->lock);
		a->quit = true;
		pthread_cond_signal(&a->freed);
		pthread_mutex_unlock(&a->lock);
		(void)!write(a->wake, "", 1);
		pthread_join(a->thread, NULL);
	}
	for (size_t i = 0; i < AHEAD_BLOCKS; i++)
		parsed_release(&a->ring[i]);
	parser_release(&a->parser);
	lines_release(&a->in);
	pthread_cond_destroy(&a->freed);
	pthread_cond_destroy(&a->filled);
	pthread_mutex_destroy(&a->lock);
}

/* Lets the reader go on, at most for ms milliseconds where there is nothing to read. The lock is held before and after. */
static void pass(struct ahead *a, int64_t ms)
{
	int64_t until = stamp_steady() / 1000 + ms;
	const struct timespec ts = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};

	if (a->threaded) {
		pthread_cond_timedwait(&a->filled, &a->lock, &ts);
		return;
	}
	pthread_mutex_unlock(&a->lock);
	turn(a, (int)ms);
	while (a->filling && a->n < AHEAD_BLOCKS - 1)
		turn(a, 0);
	hand_over(a);
	pthread_mutex_lock(&a->lock);
}

/* The oldest block is the caller's from now on. Leaves the lock. */
static struct parsed *take(struct ahead *a)
{
	struct parsed *b = a->n ? at(a, 0) : NULL;

	a->taken = b != NULL;
	pthread_mutex_unlock(&a->lock);
	return b;
}

struct parsed *ahead_begin(struct ahead *a, int ms)
{
	pthread_mutex_lock(&a->lock);
	while (!a->ended && !a->urgent && !a->full && a->n < AHEAD_BLOCKS) {
		int64_t left = a->n ? at(a, 0)->since_ms + ms - stamp_steady() / 1000 : ms;

		if (left <= 0)
			break;
		pass(a, left);
	}
	return take(a);
}

struct parsed *ahead_more(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	if (!a->threaded && !a->n && !a->ended)
		pass(a, 0);
	while (a->threaded && !a->n && !a->ended && !a->waiting)
		pthread_cond_wait(&a->filled, &a->lock);
	return take(a);
}

void ahead_done(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->urgent -= at(a, 0)->urgent;
	parsed_empty(at(a, 0));
	a->first = (a->first + 1) % AHEAD_BLOCKS;
	a->n--;
	a->taken = false;
	if (a->n <= AHEAD_BLOCKS / 2)
		a->full = false;
	if (!a->n || a->n == AHEAD_BLOCKS / 2)
		pthread_cond_signal(&a->freed);
	pthread_mutex_unlock(&a->lock);
}
