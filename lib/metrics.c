/* SPDX-License-Identifier: ISC */
#include "metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum { FILE_MAX = 1 << 20 };

static const char success_name[] = "athena_last_success_timestamp_seconds";

/* What every sample is written with. */
struct writer {
	struct buf out;
	struct buf labels; /* {program="...",source="..."} */
};

/* A label's value: UTF-8, with what would end it escaped. */
static void add_label_value(struct buf *out, const char *s)
{
	struct buf fixed = {0};

	text_repair(&fixed, s, strlen(s));
	for (size_t i = 0; i < fixed.len; i++) {
		char c = fixed.data[i];

		if (c == '\\' || c == '"')
			buf_addc(out, '\\');
		if (c == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, c);
	}
	buf_release(&fixed);
}

static void add_sample(struct writer *w, const char *name, const char *type, const char *help)
{
	buf_addf(&w->out, "# HELP %s %s\n# TYPE %s %s\n%s%s ", name, help, name, type, name,
		 buf_cstr(&w->labels));
}

static void add_count(struct writer *w, const char *name, const char *help, int64_t v)
{
	add_sample(w, name, "counter", help);
	buf_addf(&w->out, "%" PRId64 "\n", v);
}

static void add_seconds(struct writer *w, const char *name, const char *type, const char *help, int64_t us)
{
	uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;

	add_sample(w, name, type, help);
	buf_addf(&w->out, "%s%" PRIu64 ".%06" PRIu64 "\n", us < 0 ? "-" : "", size / 1000000, size % 1000000);
}

/* The microseconds of a "1700000000.123456" as add_seconds() writes it; 0 for anything else. */
static int64_t parse_seconds(const char *s, const char *end)
{
	int64_t v = 0;
	const char *dot = memchr(s, '.', (size_t)(end - s));

	if (!dot || dot == s || dot - s > 11 || end - dot != 7)
		return 0;
	for (; s < end; s++) {
		if (s == dot)
			continue;
		if (*s < '0' || *s > '9')
			return 0;
		v = v * 10 + (*s - '0');
	}
	return v;
}

/* The time of the last success that the file tells of the same labels, 0 where there is none. */
static int64_t last_success(const char *path, struct buf *labels)
{
	struct buf old = {.max = FILE_MAX};
	const char *at, *end;
	int64_t us = 0;
	char *key;

	if (file_read(path, &old))
		goto out;
	key = xasprintf("\n%s%s ", success_name, buf_cstr(labels));
	at = strstr(buf_cstr(&old), key);
	if (at) {
		at += strlen(key);
		end = strchr(at, '\n');
		us = end ? parse_seconds(at, end) : 0;
	}
	free(key);
out:
	buf_release(&old);
	return us;
}

static void add_all(struct writer *w, const struct metrics *m, int exit_code, int64_t now, int64_t success)
{
	add_count(w, "athena_events_total", "Events written by a source or read by a store in this run.",
		  m->events);
	add_count(w, "athena_bytes_total", "Bytes written by a source or read by a store in this run.",
		  m->bytes);
	add_count(w, "athena_requests_total", "Requests sent to a server.", m->requests);
	add_count(w, "athena_retries_total", "Requests that were repeated.", m->retries);
	add_count(w, "athena_cache_hits_total", "Answers taken from the cache.", m->cache_hits);
	add_seconds(w, "athena_throttled_seconds_total", "counter",
		    "Time waited because a server asked for it.", m->throttled_us);
	add_count(w, "athena_rejects_total", "Lines or objects that could not be used.", m->rejects);
	add_count(w, "athena_inserted_total", "Events that were new to the store.", m->inserted);
	add_count(w, "athena_updated_total", "Events stored in a newer revision.", m->updated);
	add_count(w, "athena_known_total", "Events that the store knew.", m->known);
	add_seconds(w, "athena_start_timestamp_seconds", "gauge", "When this run began.", m->started_us);
	add_seconds(w, "athena_duration_seconds", "gauge", "How long this run took.", now - m->started_us);
	add_sample(w, "athena_exit_code", "gauge", "Exit code of this run, see sysexits(3).");
	buf_addf(&w->out, "%d\n", exit_code);
	if (success)
		add_seconds(w, success_name, "gauge", "When a run last ended well.", success);
	if (m->retry_at_us)
		add_seconds(w, "athena_retry_at_timestamp_seconds", "gauge", "When a retry makes sense.",
			    m->retry_at_us);
}

int metrics_write(const char *path, const char *program, const char *object, const struct metrics *m,
		  int exit_code)
{
	struct writer w = {0};
	int64_t now = stamp_now();
	int rc = 0;

	buf_adds(&w.labels, "{program=\"");
	add_label_value(&w.labels, program);
	buf_adds(&w.labels, "\",source=\"");
	add_label_value(&w.labels, object ? object : "");
	buf_adds(&w.labels, "\"}");
	add_all(&w, m, exit_code, now, exit_code ? last_success(path, &w.labels) : now);
	if (file_replace(path, w.out.data, w.out.len, 0644, false))
		rc = log_error(EX_CANTCREAT, "%s: metrics not written: %s", path,
			       errno == EINVAL || errno == ELOOP ? "not a regular file" : strerror(errno));
	buf_release(&w.out);
	buf_release(&w.labels);
	return rc;
}
