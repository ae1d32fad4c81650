/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "log.h"
#include "xalloc.h"

enum {
	QUEUE = 16384,
	WANTED = IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
};

/* Once: polling does it as well, only later. */
static void say_limit(struct watch *w)
{
	if (!w->told && (errno == ENOSPC || errno == EMFILE))
		log_warn("inotify: the limit of this user is reached (%s); looking four times a second "
			 "instead",
			 errno == ENOSPC ? "fs.inotify.max_user_watches" : "fs.inotify.max_user_instances");
	w->told |= errno == ENOSPC || errno == EMFILE;
}

void watch_open(struct watch *w)
{
	*w = (struct watch){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
	if (w->fd < 0)
		say_limit(w);
}

static size_t watch_of(const struct watch *w, const char *folder)
{
	for (size_t i = 0; i < w->n_ids; i++)
		if (w->ids[i] >= 0 && !strcmp(w->folders.items[i], folder))
			return i + 1;
	return 0;
}

void watch_log(struct watch *w, struct log *log)
{
	int id;

	if (log->pipe)
		return;
	log_place(log);
	if (w->fd < 0 || (log->watch && w->ids[log->watch - 1] >= 0))
		return;
	log->watch = watch_of(w, log->folder);
	if (log->watch)
		return;
	id = inotify_add_watch(w->fd, log->folder, WANTED);
	if (id < 0) {
		say_limit(w);
		return;
	}
	words_add(&w->folders, xstrdup(log->folder));
	w->ids = xreallocarray(w->ids, w->n_ids + 1, sizeof(*w->ids));
	w->ids[w->n_ids++] = id;
	log->watch = w->n_ids;
}

/* A file that grew is that of one log by its name, or one that is held open without it. */
static void touch(const struct logs *all, size_t watch, const char *grown)
{
	bool named = false;

	for (size_t i = 0; i < all->n; i++) {
		struct log *log = all->items[i];

		if (log->watch != watch || (grown && strcmp(log->name, grown) != 0))
			continue;
		log->touched = named = true;
	}
	for (size_t i = 0; i < all->n && !named; i++)
		all->items[i]->touched |= all->items[i]->wide;
}

static void take_event(struct watch *w, const struct logs *all, const struct inotify_event *e)
{
	for (size_t i = 0; i < w->n_ids; i++) {
		if (w->ids[i] != e->wd)
			continue;
		touch(all, i + 1, e->mask == IN_MODIFY && e->len ? e->name : NULL);
		if (e->mask & IN_IGNORED)
			w->ids[i] = -1; /* the folder is gone: what has its name now is another */
		return;
	}
}

void watch_wait(struct watch *w, const struct logs *all, int most_ms, int least_ms)
{
	struct pollfd ready = {.fd = w->fd, .events = POLLIN};
	_Alignas(struct inotify_event) char events[QUEUE];
	const struct inotify_event *e;
	ssize_t n;

	if (poll(NULL, 0, least_ms) < 0 || poll(&ready, w->fd >= 0, most_ms - least_ms) <= 0)
		return;
	n = read(w->fd, events, sizeof(events)); /* once: another file may be written to without a pause */
	for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const struct inotify_event *)(const void *)(events + at);
		take_event(w, all, e);
	}
}

void watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	words_release(&w->folders);
	free(w->ids);
}
