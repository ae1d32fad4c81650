/* SPDX-License-Identifier: ISC
 *
 * ahead - the input, read, split and checked in blocks ahead of whoever takes them: by a thread of its own where
 * there is more than one processor, else in between. The order and the verdicts are the same.
 *
 *	ahead_start(&a, fd, max_line, wake, threads_processors() > 1);
 *	while ((b = ahead_begin(&a, 1000)))              enough to begin with, or it has waited so many ms
 *		do {
 *			... b->lines ...
 *			ahead_done(&a);
 *		} while ((b = ahead_more(&a)));          what is there at once
 *	ahead_release(&a);
 *
 * A few blocks go round. One is handed over when it is full, when its last line is not to wait, and as soon as more
 * input is not in memory; so long as nobody takes it, it is filled further. A line that fits no block is not
 * copied: nothing more is read until it was done. So memory is the blocks, and twice the longest line.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include <pthread.h>

#include "parsed.h"

enum { AHEAD_BLOCKS = 8 };

struct ahead {
	/* the reader's */
	struct lines in;
	struct parser parser;
	struct parsed *filling; /* NULL: none */
	/* neither's, set at the start */
	pthread_t thread;
	bool threaded;
	int wake; /* the end that is written to */
	/* of these the lock is in charge */
	pthread_mutex_t lock;
	pthread_cond_t filled, freed;
	struct parsed ring[AHEAD_BLOCKS];
	size_t first, n;     /* handed over and not done, oldest first */
	size_t urgent;       /* how many of them are */
	bool taken;          /* the first one is */
	bool waiting;        /* all that came was handed over, and more is being waited for */
	bool full;           /* more is there, but no block for it: the reader sleeps until half of them are done */
	bool ended;          /* nothing more will be handed over */
	bool quit;           /* nobody will take any more */
};

/*
 * `wake` is a pipe: once it can be read the input ends with the lines that are in memory. All are borrowed. Where
 * no thread is to be had it goes without.
 */
void ahead_start(struct ahead *a, int fd, size_t max_line, const int wake[2], bool thread);
void ahead_release(struct ahead *a);

/*
 * The oldest block, once there are as many as go round, one of them is not to wait, the
 * oldest has waited for `ms`, or the input has ended. NULL: it is done.
 */
struct parsed *ahead_begin(struct ahead *a, int ms);

/* The next one, if that needs no waiting for input; else NULL. */
struct parsed *ahead_more(struct ahead *a);

/* The block that was given is worked off. */
void ahead_done(struct ahead *a);

#endif
