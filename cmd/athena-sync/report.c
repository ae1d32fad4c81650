/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "file.h"
#include "log.h"
#include "metrics.h"
#include "stamp.h"
#include "xalloc.h"

enum { OLD_MAX = 4 << 20 };

static const char success_name[] = "athena_sync_last_success_timestamp_seconds";

/* Families of samples, a value of each source. */
static const struct {
	const char *name, *help;
} families[] = {
	{"athena_sync_inserted_events", "Events of this sync that were new."},
	{"athena_sync_updated_events", "Events of this sync in a newer revision."},
	{"athena_sync_known_events", "Events of this sync that were known."},
	{"athena_sync_rejected_lines", "Lines of this sync that could not be used."},
	{"athena_sync_requests", "Requests of this sync."},
	{"athena_sync_attempts", "How often the source was started."},
	{"athena_sync_exit_code", "Exit code of the source's pipeline, see sysexits(3)."},
};

static int64_t value_of(const struct pipeline *p, size_t family)
{
	const int64_t values[sizeof(families) / sizeof(*families)] = {
		p->inserted, p->updated, p->known, p->rejected, p->requests, p->attempts, p->code};

	return values[family];
}

static char *labels_of(const struct pipeline *p)
{
	struct buf out = {0};

	buf_adds(&out, "{source=\"");
	metrics_label(&out, p->source->name);
	buf_adds(&out, "\",type=\"");
	metrics_label(&out, p->source->type);
	buf_adds(&out, "\"}");
	return buf_detach(&out);
}

static void add_head(struct buf *out, const char *name, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void add_seconds(struct buf *out, const char *name, const char *labels, int64_t us)
{
	buf_addf(out, "%s%s %" PRId64 ".%06" PRId64 "\n", name, labels, us / STAMP_SECOND, us % STAMP_SECOND);
}

/* Of a source that failed this time: what the file said before, as its digits. */
static void add_success(struct buf *out, const char *labels, bool now, const char *old)
{
	char *key;
	const char *at;

	if (now) {
		add_seconds(out, success_name, labels, stamp_now());
		return;
	}
	key = xasprintf("\n%s%s ", success_name, labels);
	at = strstr(old, key);
	if (at) {
		at += strlen(key);
		buf_addf(out, "%s%s %.*s\n", success_name, labels, (int)strspn(at, "0123456789."), at);
	}
	free(key);
}

int report_all(const char *path, const struct pipeline *all, size_t n)
{
	struct buf out = {0}, old = {.max = OLD_MAX};
	char **labels = xcalloc(n + 1, sizeof(*labels));
	int rc = 0;

	if (file_read(path, &old))
		buf_reset(&old);
	for (size_t i = 0; i < n; i++)
		labels[i] = labels_of(&all[i]);
	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++) {
		add_head(&out, families[f].name, families[f].help);
		for (size_t i = 0; i < n; i++)
			buf_addf(&out, "%s%s %" PRId64 "\n", families[f].name, labels[i],
				 value_of(&all[i], f));
	}
	add_head(&out, "athena_sync_duration_seconds", "How long the source took, with all attempts.");
	for (size_t i = 0; i < n; i++)
		add_seconds(&out, "athena_sync_duration_seconds", labels[i], all[i].ended - all[i].began);
	add_head(&out, success_name, "When the source was last synced without an error.");
	for (size_t i = 0; i < n; i++)
		add_success(&out, labels[i], !all[i].code, buf_cstr(&old));
	if (file_replace(path, out.data, out.len, 0644, false))
		rc = log_error(EX_CANTCREAT, "%s: metrics not written: %s", path,
			       errno == EINVAL || errno == ELOOP ? "not a regular file" : strerror(errno));
	for (size_t i = 0; i < n; i++)
		free(labels[i]);
	free(labels);
	buf_release(&out);
	buf_release(&old);
	return rc;
}

int report_one(const char *path, const struct pipeline *p)
{
	const struct metrics m = {.events = p->inserted + p->updated + p->known,
				  .requests = p->requests,
				  .rejects = p->rejected,
				  .inserted = p->inserted,
				  .updated = p->updated,
				  .known = p->known,
				  .started_us = p->started_at,
				  .retry_at_us = p->code == EX_TEMPFAIL ? p->retry_at : 0};

	return metrics_write(path, "athena-sync", p->source->name, &m, p->code);
}
