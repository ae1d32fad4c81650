/* SPDX-License-Identifier: ISC
 *
 * sink - what a source writes, looked at: sink_open(); ... the run ...; sink_take(&out).
 */
#ifndef SINK_H
#define SINK_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event.h"
#include "hush.h"

/* What goes to stdout is kept. */
static int sink_fd = -1;

static void sink_open(void)
{
	if (sink_fd < 0)
		sink_fd = memfd_create("stdout", MFD_CLOEXEC);
	check(sink_fd >= 0 && dup2(sink_fd, STDOUT_FILENO) >= 0);
	check(!ftruncate(sink_fd, 0) && !lseek(sink_fd, 0, SEEK_SET));
}

/* Adds the events that were written, each of which is a line that the store takes. */
static void sink_take(struct buf *out)
{
	struct jsonscan scan = EVENT_SCAN;
	struct event_fields fields = {0};
	const char *why = "", *p, *nl;
	off_t size = lseek(sink_fd, 0, SEEK_END);
	char *all = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, sink_fd, 0) : NULL;

	check(all != MAP_FAILED);
	for (p = all; p && p < all + size; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(all + size - p));
		check(nl && jsonscan_line(&scan, p, (size_t)(nl - p)) == JSONSCAN_OK);
		if (!memcmp(p, "{\"athena\"", 9))
			continue;
		check(event_check(&scan, &fields, &why));
		buf_add(out, p, (size_t)(nl - p) + 1);
	}
	if (all)
		munmap(all, (size_t)size);
	jsonscan_release(&scan);
	event_fields_release(&fields);
}

#endif
