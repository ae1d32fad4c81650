/* SPDX-License-Identifier: ISC
 *
 * watch - sleep until something happens in one of the folders, by inotify where there is one.
 *
 *	watch_open(&w);
 *	watch_log(&w, log);                  again and again: a folder that is watched already costs nothing
 *	watch_wait(&w, 250, 20);             at least 20 ms, at most 250, or until a signal comes
 *	watch_close(&w);
 *
 * It only wakes. What happened is found by looking, so that an event that was missed (a network filesystem, a
 * full queue, no inotify at all, its limit) costs a quarter of a second and nothing else.
 */
#ifndef WATCH_H
#define WATCH_H

#include "logs.h"

struct watch {
	int fd;    /* -1: no inotify */
	bool told; /* that there can be no more watches */
	struct words folders;
};

void watch_open(struct watch *w);
void watch_log(struct watch *w, const struct log *log);
void watch_wait(struct watch *w, int most_ms, int least_ms);
void watch_close(struct watch *w);

#endif
