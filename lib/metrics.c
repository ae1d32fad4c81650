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

void metrics_label(struct buf *out, const char *s)
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

/* A number without a sign, with at most six digits of a fraction, as millionths. */
static bool parse_number(const char *s, const char *end, int64_t *millionths)
{
	int64_t v = 0;
	int fraction = -1;

	for (; s < end; s++) {
		if (*s == '.' && fraction < 0) {
			fraction = 0;
			continue;
		}
		if (*s < '0' || *s > '9' || fraction == 6)
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
			return false;
		fraction += fraction >= 0;
	}
	for (int i = fraction < 0 ? 0 : fraction; i < 6; i++)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	*millionths = v;
	return true;
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
		if (!end || !parse_number(at, end, &us))
			us = 0;
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
	metrics_label(&w.labels, program);
	buf_adds(&w.labels, "\",source=\"");
	metrics_label(&w.labels, object ? object : "");
	buf_adds(&w.labels, "\"}");
	add_all(&w, m, exit_code, now, exit_code ? last_success(path, &w.labels) : now);
	if (file_replace(path, w.out.data, w.out.len, 0644, false))
		rc = log_error(EX_CANTCREAT, "%s: metrics not written: %s", path,
			       errno == EINVAL || errno == ELOOP ? "not a regular file" : strerror(errno));
	buf_release(&w.out);
	buf_release(&w.labels);
	return rc;
}

/* ---- reading ---- */

/* A line `name{labels} value` or `name value`. */
static void parse_sample(const char *line, const char *end, struct metrics *m, unsigned *seen)
{
	const struct {
		const char *name;
		int64_t *value;
		bool time;
	} all[] = {
		{"athena_events_total", &m->events, false},
		{"athena_bytes_total", &m->bytes, false},
		{"athena_requests_total", &m->requests, false},
		{"athena_retries_total", &m->retries, false},
		{"athena_cache_hits_total", &m->cache_hits, false},
		{"athena_throttled_seconds_total", &m->throttled_us, true},
		{"athena_rejects_total", &m->rejects, false},
		{"athena_inserted_total", &m->inserted, false},
		{"athena_updated_total", &m->updated, false},
		{"athena_known_total", &m->known, false},
		{"athena_start_timestamp_seconds", &m->started_us, true},
		{"athena_retry_at_timestamp_seconds", &m->retry_at_us, true},
		{"athena_duration_seconds", &m->took_us, true},
		{"athena_exit_code", &m->exit_code, false},
		{success_name, &m->success_us, true},
	};
	size_t n = 0;
	const char *value = memrchr(line, ' ', (size_t)(end - line));
	int64_t millionths;

	while (line + n < end && line[n] != '{' && line[n] != ' ')
		n++;
	if (!value || value + 1 == end || !parse_number(value + 1, end, &millionths))
		return;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (strlen(all[i].name) != n || memcmp(all[i].name, line, n) || *seen >> i & 1)
			continue;
		*all[i].value = all[i].time ? millionths : millionths / 1000000;
		*seen |= 1u << i;
	}
}

void metrics_parse(const char *text, size_t n, struct metrics *m)
{
	unsigned seen = 0;

	while (n) {
		const char *nl = memchr(text, '\n', n), *end = nl ? nl : text + n;

		if (end > text && *text != '#')
			parse_sample(text, end, m, &seen);
		n -= (size_t)(end - text) + (nl != NULL);
		text = end + (nl != NULL);
	}
}

bool metrics_read(const char *path, struct metrics *m)
{
	struct buf text = {.max = FILE_MAX};
	bool ok = !file_read(path, &text);

	if (ok)
		metrics_parse(text.data ? text.data : "", text.len, m);
	buf_release(&text);
	return ok;
}
