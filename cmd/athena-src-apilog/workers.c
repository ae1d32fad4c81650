/* SPDX-License-Identifier: ISC */
#include "workers.h"

#include <string.h>

#include "threads.h"

int workers_usual(void)
{
	int n = threads_processors();

	return n < WORKERS_MAX ? n : WORKERS_MAX;
}

int workers_init(struct workers *w, int n, const char *format, const char *const *fields, size_t n_fields)
{
	*w = (struct workers){.n = n, .format = format, .fields = fields, .n_fields = n_fields};
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->done, NULL);
	return worker_init(&w->own, format, fields, n_fields);
}

void workers_file(struct workers *w, const struct worker_rules *rules, struct parse_state state, bool alone)
{
	pthread_mutex_lock(&w->lock);
	w->rules = *rules;
	w->state = state;
	w->alone = alone;
	pthread_mutex_unlock(&w->lock);
}

/* ---- chunks ---- */

static size_t left(const struct workers *w)
{
	return (size_t)(w->untaken.end - w->untaken.p);
}

/* The line that ends at p. */
static struct slice line_before(const struct workers *w, const char *p)
{
	const char *end = p - 1, *newline;
	size_t n = (size_t)(end - w->begin);

	n = n < CHUNK_BEFORE ? n : CHUNK_BEFORE;
	newline = memrchr(end - n, '\n', n);
	p = newline ? newline + 1 : end - n;
	return (struct slice){p, (size_t)(end - p)};
}

/* A chunk of what nobody has begun, of which the caller is in charge now. NULL: none is to be had. */
static struct workers_slot *take(struct workers *w)
{
	struct workers_slot *s = &w->ring[(w->first + w->n_chunks) % WORKERS_CHUNKS];
	size_t n = left(w);

	if (!n || w->n_chunks == WORKERS_CHUNKS)
		return NULL;
	s->whole = w->untaken;
	if (n > WORKERS_CHUNK) {
		const char *cut = s->whole.p + WORKERS_CHUNK - 1;

		s->whole.end = (char *)memchr(cut, '\n', (size_t)(s->whole.end - cut)) + 1;
	}
	w->untaken.offset += s->whole.end - s->whole.p;
	w->untaken.p = s->whole.end;
	s->x.left = s->whole;
	s->x.state = w->state;
	chunk_empty(&s->x);
	if (w->n_chunks)
		s->x.before = line_before(w, s->whole.p);
	s->busy = true;
	w->n_chunks++;
	return s;
}

/* The worker works on a chunk, while the others may go on. */
static void work(struct workers *w, struct worker *worker, struct workers_slot *s, int64_t most)
{
	pthread_mutex_unlock(&w->lock);
	worker_work(worker, &w->rules, &s->x, most);
	pthread_mutex_lock(&w->lock);
	s->busy = false;
}

/* ---- threads ---- */

static bool is_for_threads(const struct workers *w)
{
	return !w->alone && left(w) > WORKERS_CHUNK && w->n_chunks < WORKERS_CHUNKS;
}

static void *help(void *arg)
{
	struct workers *w = arg;
	struct worker worker;

	if (worker_init(&worker, w->format, w->fields, w->n_fields))
		return NULL; /* it was well for the first worker: never */
	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if (is_for_threads(w)) {
			work(w, &worker, take(w), INT64_MAX);
			pthread_cond_signal(&w->done);
		} else {
			pthread_cond_wait(&w->work, &w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
	worker_release(&worker);
	return NULL;
}

/* Where no thread is to be had there is one worker. */
static void start(struct workers *w)
{
	while (w->started < w->n - 1 && threads_start(&w->threads[w->started], help, w))
		w->started++;
	w->n = w->started + 1;
}

static void call(struct workers *w)
{
	if (!is_for_threads(w))
		return;
	if (left(w) >= WORKERS_ENOUGH && w->started < w->n - 1)
		start(w);
	pthread_cond_broadcast(&w->work);
}

void workers_release(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < w->started; i++)
		pthread_join(w->threads[i], NULL);
	for (size_t i = 0; i < WORKERS_CHUNKS; i++)
		chunk_release(&w->ring[i].x);
	worker_release(&w->own);
	pthread_cond_destroy(&w->done);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
}

/* ---- runs ---- */

void workers_run(struct workers *w, const struct reader_run *run)
{
	pthread_mutex_lock(&w->lock);
	w->begin = run->p;
	w->untaken = *run;
	call(w);
	pthread_mutex_unlock(&w->lock);
}

void workers_more(struct workers *w, const struct reader_run *run)
{
	pthread_mutex_lock(&w->lock);
	w->untaken.end = run->end;
	call(w);
	pthread_mutex_unlock(&w->lock);
}

size_t workers_left(struct workers *w)
{
	size_t n;

	pthread_mutex_lock(&w->lock);
	n = left(w);
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* The chunk that was given out makes room, or its rest is to be done. */
static void go_on(struct workers *w, int64_t most)
{
	struct workers_slot *s = &w->ring[w->first];

	if (!w->given)
		return;
	w->given = false;
	if (s->x.left.p < s->x.left.end) {
		chunk_empty(&s->x);
		work(w, &w->own, s, most);
		return;
	}
	if (--w->n_chunks == 0)
		return; /* the same one again: a worker that is alone needs one */
	w->first = (w->first + 1) % WORKERS_CHUNKS;
	if (w->n_chunks == WORKERS_CHUNKS - 1)
		call(w);
}

/* The oldest chunk, done, by whomever; NULL where there is none. */
static struct workers_slot *oldest(struct workers *w, int64_t most)
{
	for (;;) {
		struct workers_slot *s = w->n_chunks ? &w->ring[w->first] : NULL, *next;

		if (s && !s->busy)
			return s;
		next = take(w);
		if (next)
			work(w, &w->own, next, most);
		else if (s)
			pthread_cond_wait(&w->done, &w->lock);
		else
			return NULL;
	}
}

/* Its lines were taken for those of a file with another format. */
static void do_again(struct workers *w, struct workers_slot *s)
{
	s->x.left = s->whole;
	s->x.state = w->state;
	chunk_empty(&s->x);
	work(w, &w->own, s, INT64_MAX);
}

struct chunk *workers_next(struct workers *w, int64_t most)
{
	struct workers_slot *s;

	pthread_mutex_lock(&w->lock);
	go_on(w, most);
	s = oldest(w, most);
	if (s && !parse_state_same(&s->x.began, &w->state))
		do_again(w, s);
	if (s)
		w->state = s->x.state;
	w->given = s != NULL;
	pthread_mutex_unlock(&w->lock);
	return s ? &s->x : NULL;
}

void workers_drop(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->untaken.p = w->untaken.end;
	for (size_t i = 0; i < WORKERS_CHUNKS; i++)
		while (w->ring[i].busy)
			pthread_cond_wait(&w->done, &w->lock);
	w->n_chunks = 0;
	w->given = false;
	pthread_mutex_unlock(&w->lock);
}
