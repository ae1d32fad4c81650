/* SPDX-License-Identifier: ISC */
#include "lanes.h"

#include <string.h>

#include "threads.h"

int lanes_usual(void)
{
	int n = threads_processors();

	return n < LANES_MAX ? n : LANES_MAX;
}

int lanes_init(struct lanes *l, int n, const char *format, const char *const *fields, size_t n_fields)
{
	*l = (struct lanes){.n = n, .format = format, .fields = fields, .n_fields = n_fields};
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->work, NULL);
	pthread_cond_init(&l->done, NULL);
	return lane_init(&l->own, format, fields, n_fields);
}

void lanes_file(struct lanes *l, const struct lane_rules *rules, struct parse_state state, bool alone)
{
	pthread_mutex_lock(&l->lock);
	l->rules = *rules;
	l->state = state;
	l->alone = alone;
	pthread_mutex_unlock(&l->lock);
}

/* ---- pieces ---- */

static size_t left(const struct lanes *l)
{
	return (size_t)(l->untaken.end - l->untaken.p);
}

/* The line that ends at p. */
static struct slice line_before(const struct lanes *l, const char *p)
{
	const char *end = p - 1, *newline;
	size_t n = (size_t)(end - l->begin);

	n = n < PIECE_BEFORE ? n : PIECE_BEFORE;
	newline = memrchr(end - n, '\n', n);
	p = newline ? newline + 1 : end - n;
	return (struct slice){p, (size_t)(end - p)};
}

/* A piece of what nobody has begun, of which the caller is in charge now. NULL: none is to be had. */
static struct lanes_slot *take(struct lanes *l)
{
	struct lanes_slot *s = &l->ring[(l->first + l->n_pieces) % LANES_PIECES];
	size_t n = left(l);

	if (!n || l->n_pieces == LANES_PIECES)
		return NULL;
	s->whole = l->untaken;
	if (n > LANES_PIECE) {
		const char *cut = s->whole.p + LANES_PIECE - 1;

		s->whole.end = (char *)memchr(cut, '\n', (size_t)(s->whole.end - cut)) + 1;
	}
	l->untaken.offset += s->whole.end - s->whole.p;
	l->untaken.p = s->whole.end;
	s->x.left = s->whole;
	s->x.state = l->state;
	piece_empty(&s->x);
	if (l->n_pieces)
		s->x.before = line_before(l, s->whole.p);
	s->busy = true;
	l->n_pieces++;
	return s;
}

/* The lane works on a piece, while the others may go on. */
static void work(struct lanes *l, struct lane *lane, struct lanes_slot *s, int64_t most)
{
	pthread_mutex_unlock(&l->lock);
	lane_work(lane, &l->rules, &s->x, most);
	pthread_mutex_lock(&l->lock);
	s->busy = false;
}

/* ---- threads ---- */

static bool is_for_threads(const struct lanes *l)
{
	return !l->alone && left(l) > LANES_PIECE && l->n_pieces < LANES_PIECES;
}

static void *help(void *arg)
{
	struct lanes *l = arg;
	struct lane lane;

	if (lane_init(&lane, l->format, l->fields, l->n_fields))
		return NULL; /* it was well for the first lane: never */
	pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		if (is_for_threads(l)) {
			work(l, &lane, take(l), INT64_MAX);
			pthread_cond_signal(&l->done);
		} else {
			pthread_cond_wait(&l->work, &l->lock);
		}
	}
	pthread_mutex_unlock(&l->lock);
	lane_release(&lane);
	return NULL;
}

/* Where no thread is to be had there is one lane. */
static void start(struct lanes *l)
{
	while (l->started < l->n - 1 && threads_start(&l->threads[l->started], help, l))
		l->started++;
	l->n = l->started + 1;
}

static void call(struct lanes *l)
{
	if (!is_for_threads(l))
		return;
	if (left(l) >= LANES_ENOUGH && l->started < l->n - 1)
		start(l);
	pthread_cond_broadcast(&l->work);
}

void lanes_release(struct lanes *l)
{
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_broadcast(&l->work);
	pthread_mutex_unlock(&l->lock);
	for (int i = 0; i < l->started; i++)
		pthread_join(l->threads[i], NULL);
	for (size_t i = 0; i < LANES_PIECES; i++)
		piece_release(&l->ring[i].x);
	lane_release(&l->own);
	pthread_cond_destroy(&l->done);
	pthread_cond_destroy(&l->work);
	pthread_mutex_destroy(&l->lock);
}

/* ---- runs ---- */

void lanes_run(struct lanes *l, const struct reader_run *run)
{
	pthread_mutex_lock(&l->lock);
	l->begin = run->p;
	l->untaken = *run;
	call(l);
	pthread_mutex_unlock(&l->lock);
}

void lanes_more(struct lanes *l, const struct reader_run *run)
{
	pthread_mutex_lock(&l->lock);
	l->untaken.end = run->end;
	call(l);
	pthread_mutex_unlock(&l->lock);
}

size_t lanes_left(struct lanes *l)
{
	size_t n;

	pthread_mutex_lock(&l->lock);
	n = left(l);
	pthread_mutex_unlock(&l->lock);
	return n;
}

/* The piece that was given out makes room, or its rest is to be done. */
static void go_on(struct lanes *l, int64_t most)
{
	struct lanes_slot *s = &l->ring[l->first];

	if (!l->given)
		return;
	l->given = false;
	if (s->x.left.p < s->x.left.end) {
		piece_empty(&s->x);
		work(l, &l->own, s, most);
		return;
	}
	if (--l->n_pieces == 0)
		return; /* the same one again: a lane that is alone needs one */
	l->first = (l->first + 1) % LANES_PIECES;
	if (l->n_pieces == LANES_PIECES - 1)
		call(l);
}

/* The oldest piece, done, by whomever; NULL where there is none. */
static struct lanes_slot *oldest(struct lanes *l, int64_t most)
{
	for (;;) {
		struct lanes_slot *s = l->n_pieces ? &l->ring[l->first] : NULL, *next;

		if (s && !s->busy)
			return s;
		next = take(l);
		if (next)
			work(l, &l->own, next, most);
		else if (s)
			pthread_cond_wait(&l->done, &l->lock);
		else
			return NULL;
	}
}

/* Its lines were taken for those of a file with another format. */
static void do_again(struct lanes *l, struct lanes_slot *s)
{
	s->x.left = s->whole;
	s->x.state = l->state;
	piece_empty(&s->x);
	work(l, &l->own, s, INT64_MAX);
}

struct piece *lanes_next(struct lanes *l, int64_t most)
{
	struct lanes_slot *s;

	pthread_mutex_lock(&l->lock);
	go_on(l, most);
	s = oldest(l, most);
	if (s && !parse_state_same(&s->x.began, &l->state))
		do_again(l, s);
	if (s)
		l->state = s->x.state;
	l->given = s != NULL;
	pthread_mutex_unlock(&l->lock);
	return s ? &s->x : NULL;
}

void lanes_drop(struct lanes *l)
{
	pthread_mutex_lock(&l->lock);
	l->untaken.p = l->untaken.end;
	for (size_t i = 0; i < LANES_PIECES; i++)
		while (l->ring[i].busy)
			pthread_cond_wait(&l->done, &l->lock);
	l->n_pieces = 0;
	l->given = false;
	pthread_mutex_unlock(&l->lock);
}
