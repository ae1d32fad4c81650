/* SPDX-License-Identifier: ISC
 *
 * watch - sleep until something happens to one of the logs, by inotify where there is one.
 *
 *	watch_open(&w);
 *	watch_log(&w, log);                  again and again: a folder that is watched already costs nothing
 *	watch_wait(&w, &logs, 250, 20);      at least 20 ms, at most 250, or until a signal comes
 *	watch_close(&w);
 *
 * It tells which logs are worth a look (log->touched). What happened is found by looking, and all of them are to be
 * looked at four times a second, so that an event that was missed (a network filesystem, a full queue, another name of
 * the file, no inotify at all, its limit) costs a quarter of a second and nothing else.
 */
#ifndef WATCH_H
#define WATCH_H

#include "logs.h"

struct watch {
	int fd;    /* -1: no inotify */
	bool told; /* that there can be no more watches */
	struct words folders;
	int *ids; /* of each, as inotify calls it; -1: it is gone */
	size_t n_ids;
};

void watch_open(struct watch *w);
void watch_log(struct watch *w, struct log *log);
void watch_wait(struct watch *w, const struct logs *all, int most_ms, int least_ms);
void watch_close(struct watch *w);

#endif
