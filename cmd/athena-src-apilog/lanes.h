/* SPDX-License-Identifier: ISC
 *
 * lanes - the lines of a run, cut into pieces that are worked on side by side, and given back in order: to
 * whoever looks at the pieces it is as if one lane had done all of them, one behind the other.
 *
 *	struct lanes l;
 *	rc = lanes_init(&l, lanes, format, fields, n_fields);
 *	lanes_file(&l, &rules, state, alone);            of each file
 *	lanes_run(&l, &run);
 *	while ((x = lanes_next(&l, INT64_MAX))) {        the next piece, done
 *		... take over what became of it; its lines end at x->left.p ...
 *		if (lanes_left(&l) < LANES_AHEAD && reader_more(&reader, &run))
 *			lanes_more(&l, &run);
 *	}
 *	lanes_drop(&l);                                  also in between: what was not given out is void
 *	lanes_release(&l);
 *
 * The caller's thread is a lane itself; the others are threads that begin when a run is first long enough
 * for them, and sleep while there is nothing for them. They touch nothing but their pieces and what the
 * rules name, and take no signals.
 *
 * A piece whose predecessors are not done yet begins with the format that the line before it has. Where it turns
 * out that they left another behind, the piece is done again. Pieces are full at some size (lane.h): the
 * rest of one is done when it is asked for the next time. So memory is LANES_PIECES times that.
 */
#ifndef LANES_H
#define LANES_H

#include <pthread.h>

#include "lane.h"

enum {
	LANES_MAX = 4,
	LANES_PIECES = 8,        /* at a time: being worked on, and done but not given out */
	LANES_PIECE = 64 << 10,  /* bytes of a log, to the end of the line */
	LANES_ENOUGH = 4 * LANES_PIECE, /* bytes that are worth a thread */
	LANES_AHEAD = 8 * LANES_PIECE,  /* with less left to do, more is to be read */
};

struct lanes_slot {
	struct piece x;
	struct reader_run whole; /* its lines */
	bool busy;               /* a lane works on it */
};

struct lanes {
	struct lane own; /* the caller's */
	/* private */
	int n;                  /* lanes, the caller's among them */
	int started;            /* threads */
	const char *format;     /* for the lanes to come */
	const char *const *fields;
	size_t n_fields;
	pthread_t threads[LANES_MAX - 1];
	struct lane_rules rules;   /* not changed while there are pieces */
	/* of these the lock is in charge */
	pthread_mutex_t lock;
	pthread_cond_t work, done; /* there is something to do; a piece was done by a thread */
	bool stop, alone;
	struct parse_state state;  /* behind the piece that was given out last */
	const char *begin;         /* of the run, */
	struct reader_run untaken; /* of which this is in no piece yet */
	struct lanes_slot ring[LANES_PIECES];
	size_t first, n_pieces;    /* of the ring, oldest first */
	bool given;                /* the first one was given out */
};

/* As many as the process may use processors, at most LANES_MAX. */
int lanes_usual(void);

/* 0 or a sysexits code that has been said. format and fields are borrowed until the end. */
int lanes_init(struct lanes *l, int n, const char *format, const char *const *fields, size_t n_fields);
void lanes_release(struct lanes *l);

/* The file whose lines come next, and the format that the last of it had. alone: the threads are to keep out of it. */
void lanes_file(struct lanes *l, const struct lane_rules *rules, struct parse_state state, bool alone);

/* Whole lines. They stay where they are until lanes_next() is NULL, or lanes_drop(). */
void lanes_run(struct lanes *l, const struct reader_run *run);

/* The same run has become longer. */
void lanes_more(struct lanes *l, const struct reader_run *run);

/* Bytes of the run that nobody works on yet. */
size_t lanes_left(struct lanes *l);

/*
 * The next piece, borrowed until the next call; NULL: the run is done. With `alone` it has at most `most` events.
 * Its `state` is the format of the file up to there.
 */
struct piece *lanes_next(struct lanes *l, int64_t most);

/* Nothing is worked on any more, and nothing of the run is left. */
void lanes_drop(struct lanes *l);

#endif
