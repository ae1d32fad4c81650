/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/folder.c */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "stamp.h"
#include "tap.h"

static void make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || close(fd))
		abort();
}

/* The folder was changed then. */
static void date(time_t when)
{
	const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};

	if (utimensat(AT_FDCWD, "d", times, 0))
		abort();
}

static const char *at(const struct folder *d, const char *name)
{
	size_t i = folder_from(d, name);

	return i < d->n ? d->items[i].name : "(end)";
}

int main(void)
{
	struct folder *d = folder_new();
	char folder[TAP_FOLDER];
	time_t now = time(NULL);
	int64_t read_at;

	tap_enter(folder);
	if (mkdir("d", 0700))
		return 1;
	make("d/b.log");
	make("d/a.log");
	ok(folder_read(d, "d"), "a folder");
	is_int((int64_t)d->n, 4, "all of it");
	is_str(at(d, "a"), "a.log", "the first from a on");
	is_str(at(d, "a.log"), "a.log", "itself");
	is_str(at(d, "a.log.1"), "b.log", "the next");
	is_str(at(d, "c"), "(end)", "none");
	make("d/c.log");
	date(now);
	ok(folder_read(d, "d") && d->n == 5, "what changed a moment ago is read again");
	make("d/e.log");
	date(now + 1000);
	ok(folder_read(d, "d") && d->n == 6, "and where its clock is ahead");
	make("d/f.log");
	ok(folder_read(d, "d") && d->n == 7, "whatever it says");
	date(now - 1000);
	read_at = stamp_steady();
	ok(folder_read(d, "d") && d->n == 7, "one that is at rest");
	make("d/g.log");
	date(now - 1000);
	ok(folder_read(d, "d") && (d->n == 7 || stamp_steady() - read_at > STAMP_SECOND),
	   "is not read again within a second");
	unlink("d/f.log");
	unlink("d/g.log");
	ok(folder_read(d, "d") && d->n == 6, "has another time once it is changed");
	ok(!folder_read(d, "nowhere") && errno == ENOENT && !d->n, "one that is not there has nothing");
	folder_free(d);
	folder_free(NULL);
	tap_leave(folder);
	return tap_done();
}
