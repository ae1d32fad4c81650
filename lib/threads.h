/* SPDX-License-Identifier: ISC
 *
 * threads - how many are worth having, and how one begins.
 *
 *	if (threads_processors() > 1 && threads_start(&thread, run, arg)) ...
 *	pthread_join(thread, NULL);
 */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <stdbool.h>

/* Those that this process may use; 1 where nobody can tell. */
int threads_processors(void);

/*
 * Signals are left to the thread that calls, so that one which waits is interrupted. False: there is no
 * thread to be had, and the caller does the work itself.
 */
bool threads_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif
