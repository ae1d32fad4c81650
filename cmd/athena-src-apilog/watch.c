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

static bool is_watched(const struct watch *w, const char *folder)
{
	for (size_t i = 0; i < w->folders.n; i++)
		if (!strcmp(w->folders.items[i], folder))
			return true;
	return false;
}

void watch_log(struct watch *w, const struct log *log)
{
	char *folder;

	if (w->fd < 0 || log->pipe)
		return;
	folder = log_folder(log);
	if (!is_watched(w, folder)) {
		if (inotify_add_watch(w->fd, folder, WANTED) >= 0)
			words_add(&w->folders, xstrdup(folder));
		else
			say_limit(w);
	}
	free(folder);
}

void watch_wait(struct watch *w, int most_ms, int least_ms)
{
	struct pollfd ready = {.fd = w->fd, .events = POLLIN};
	char events[QUEUE];

	if (poll(NULL, 0, least_ms) < 0 || poll(&ready, w->fd >= 0, most_ms - least_ms) <= 0)
		return;
	(void)!read(w->fd, events, sizeof(events)); /* once: another file may be written to without a pause */
}

void watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	words_release(&w->folders);
}
