/* SPDX-License-Identifier: ISC
 *
 * workers - the lines of a run, cut into chunks that are worked on side by side, and given back in order: to
 * whoever looks at the chunks it is as if one worker had done all of them, one behind the other.
 *
 *	struct workers w;
 *	rc = workers_init(&w, workers, format, fields, n_fields);
 *	workers_file(&w, &rules, state, alone);            of each file
 *	workers_run(&w, &run);
 *	while ((x = workers_next(&w, INT64_MAX))) {        the next chunk, done
 *		... take over what became of it; its lines end at x->left.p ...
 *		if (workers_left(&w) < WORKERS_AHEAD && reader_more(&reader, &run))
 *			workers_more(&w, &run);
 *	}
 *	workers_drop(&w);                                  also in between: what was not given out is void
 *	workers_release(&w);
 *
 * The caller's thread is a worker itself; the others are threads that begin when a run is first long enough
 * for them, and sleep while there is nothing for them. They touch nothing but their chunks and what the
 * rules name, and take no signals.
 *
 * A chunk whose predecessors are not done yet begins with the format that the line before it has. Where it turns
 * out that they left another behind, the chunk is done again. Chunks are full at some size (worker.h): the
 * rest of one is done when it is asked for the next time. So memory is WORKERS_CHUNKS times that.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include <pthread.h>

#include "worker.h"

enum {
	WORKERS_MAX = 4,
	WORKERS_CHUNKS = 8,        /* at a time: being worked on, and done but not given out */
	WORKERS_CHUNK = 64 << 10,  /* bytes of a log, to the end of the line */
	WORKERS_ENOUGH = 4 * WORKERS_CHUNK, /* bytes that are worth a thread */
	WORKERS_AHEAD = 8 * WORKERS_CHUNK,  /* with less left to do, more is to be read */
};

struct workers_slot {
	struct chunk x;
	struct reader_run whole; /* its lines */
	bool busy;               /* a worker works on it */
};

struct workers {
	struct worker own; /* the caller's */
	/* private */
	int n;                  /* workers, the caller's among them */
	int started;            /* threads */
	const char *format;     /* for the workers to come */
	const char *const *fields;
	size_t n_fields;
	pthread_t threads[WORKERS_MAX - 1];
	struct worker_rules rules;   /* not changed while there are chunks */
	/* of these the lock is in charge */
	pthread_mutex_t lock;
	pthread_cond_t work, done; /* there is something to do; a chunk was done by a thread */
	bool stop, alone;
	struct parse_state state;  /* behind the chunk that was given out last */
	const char *begin;         /* of the run, */
	struct reader_run untaken; /* of which this is in no chunk yet */
	struct workers_slot ring[WORKERS_CHUNKS];
	size_t first, n_chunks;    /* of the ring, oldest first */
	bool given;                /* the first one was given out */
};

/* As many as the process may use processors, at most WORKERS_MAX. */
int workers_usual(void);

/* 0, or a sysexits code that is logged. format and fields are borrowed until the end. */
int workers_init(struct workers *w, int n, const char *format, const char *const *fields, size_t n_fields);
void workers_release(struct workers *w);

/* The file whose lines come next, and the format that the last of it had. alone: the threads are to keep out of it. */
void workers_file(struct workers *w, const struct worker_rules *rules, struct parse_state state, bool alone);

/* Whole lines. They stay where they are until workers_next() is NULL, or workers_drop(). */
void workers_run(struct workers *w, const struct reader_run *run);

/* The same run has become longer. */
void workers_more(struct workers *w, const struct reader_run *run);

/* Bytes of the run that nobody works on yet. */
size_t workers_left(struct workers *w);

/*
 * The next chunk, borrowed until the next call; NULL: the run is done. With `alone` it has at most `most` events.
 * Its `state` is the format of the file up to there.
 */
struct chunk *workers_next(struct workers *w, int64_t most);

/* Nothing is worked on any more, and nothing of the run is left. */
void workers_drop(struct workers *w);

#endif
