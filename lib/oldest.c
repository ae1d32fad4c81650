/* SPDX-License-Identifier: ISC */
#include "oldest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sysexits.h>

#include "xalloc.h"

static bool is_newer(const struct oldest_line *a, const struct oldest_line *b)
{
	return a->timestamp != b->timestamp ? a->timestamp > b->timestamp : a->number > b->number;
}

static void swap(struct oldest *o, size_t i, size_t k)
{
	struct oldest_line t = o->heap[i];

	o->heap[i] = o->heap[k];
	o->heap[k] = t;
}

static void sift_up(struct oldest *o, size_t i)
{
	for (; i && is_newer(&o->heap[i], &o->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(o, i, (i - 1) / 2);
}

static void sift_down(struct oldest *o)
{
	for (size_t i = 0, k; (k = 2 * i + 1) < o->n; i = k) {
		if (k + 1 < o->n && is_newer(&o->heap[k + 1], &o->heap[k]))
			k++;
		if (!is_newer(&o->heap[k], &o->heap[i]))
			break;
		swap(o, i, k);
	}
}

/* Keeps it if it is among the n oldest so far; takes over the line. */
static void add(struct oldest *o, size_t n, int64_t timestamp, struct buf *line)
{
	struct oldest_line new = {timestamp, o->count++, *line};

	*line = (struct buf){0};
	if (o->n < n) {
		if (o->n == o->cap) {
			o->cap = o->cap ? o->cap * 2 : 64;
			o->heap = xreallocarray(o->heap, o->cap, sizeof(*o->heap));
		}
		o->heap[o->n++] = new;
		sift_up(o, o->n - 1);
	} else if (n && is_newer(&o->heap[0], &new)) {
		buf_release(&o->heap[0].line);
		o->heap[0] = new;
		sift_down(o);
	} else {
		buf_release(&new.line);
	}
}

int oldest_emit(struct oldest *o, struct source *src, const struct event *e)
{
	struct event full = *e;
	struct buf line = {0};

	if (src->limit < 0 || src->file.path)
		return source_emit(src, e);
	full.source_id = src->source_id;
	full.source_type = src->type;
	full.project_id = src->project;
	if (src->session)
		full.session_id = src->session;
	if (!event_line(&line, &full))
		return log_error(EX_SOFTWARE, "%s: an event over %d bytes", e->id, EVENT_LINE_MAX);
	add(o, (size_t)src->limit, e->timestamp, &line);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct oldest_line *x = a, *y = b;

	return is_newer(x, y) - is_newer(y, x);
}

int oldest_write(struct oldest *o, struct source *src)
{
	int rc = 0;

	if (o->n)
		qsort(o->heap, o->n, sizeof(*o->heap), compare);
	for (size_t i = 0; i < o->n && !rc; i++) {
		buf_add(source_room(src), o->heap[i].line.data, o->heap[i].line.len);
		rc = source_wrote(src);
	}
	return rc;
}

void oldest_release(struct oldest *o)
{
	for (size_t i = 0; i < o->n; i++)
		buf_release(&o->heap[i].line);
	free(o->heap);
	*o = (struct oldest){0};
}
