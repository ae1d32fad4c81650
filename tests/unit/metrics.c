/* SPDX-License-Identifier: ISC */
#include "metrics.h"

#include <sys/stat.h>
#include <sysexits.h>

#include "file.h"
#include "log.h"
#include "stamp.h"
#include "tap.h"

static struct buf file;

static const char *load(void)
{
	return file_read("m", &file) ? "" : buf_cstr(&file);
}

static bool has(const char *line)
{
	return strstr(load(), line) != NULL;
}

/* The value of a metric's first sample, as text; "" where there is none. */
static const char *value(const char *name)
{
	static char text[64];
	char key[128];
	const char *at;

	snprintf(key, sizeof(key), "\n%s{", name);
	at = strstr(load(), key);
	at = at ? strstr(at, "} ") : NULL;
	snprintf(text, sizeof(text), "%.*s", at ? (int)strcspn(at + 2, "\n") : 0, at ? at + 2 : "");
	return text;
}

/* Every line is a HELP, its TYPE, or its sample, in this order, each name once. */
static void test_format(void)
{
	size_t lines = 0, wrong = 0;
	char name[128] = "", label[128];

	for (const char *s = load(); *s; s += strcspn(s, "\n") + 1, lines++) {
		char help[128], type[128], sample[128];
		double number;

		if (lines % 3 == 0 && sscanf(s, "# HELP %127s", help) == 1)
			snprintf(name, sizeof(name), "%s", help);
		else if (lines % 3 == 1)
			wrong += sscanf(s, "# TYPE %127s", type) != 1 || strcmp(type, name) != 0;
		else
			wrong += sscanf(s, "%127[a-z_]{%127[^}]} %lf\n", sample, label, &number) != 3 ||
				 strcmp(sample, name) != 0;
	}
	ok(lines > 30 && lines % 3 == 0, "three lines a metric");
	is_int((int64_t)wrong, 0, "... of the right form");
}

static void test_values(void)
{
	struct metrics m = {
		.events = 12, .bytes = 3456, .requests = 7, .retries = 2, .cache_hits = 1, .rejects = 4};
	int64_t now = stamp_now(), success;

	m.throttled_us = 1500000;
	m.started_us = now - 2 * STAMP_SECOND;
	m.retry_at_us = INT64_C(1700000000) * STAMP_SECOND + 5;
	m.inserted = 5;
	m.updated = 6;
	m.known = 8;
	is_int(metrics_write("m", "athena-src-git", "git:example.org/x", &m, 0), 0, "written");
	test_format();
	ok(has("\nathena_events_total{program=\"athena-src-git\",source=\"git:example.org/x\"} 12\n"),
	   "events, with its labels");
	is_str(value("athena_bytes_total"), "3456", "bytes");
	is_str(value("athena_requests_total"), "7", "requests");
	is_str(value("athena_retries_total"), "2", "retries");
	is_str(value("athena_cache_hits_total"), "1", "cache hits");
	is_str(value("athena_throttled_seconds_total"), "1.500000", "seconds throttled");
	is_str(value("athena_rejects_total"), "4", "rejects");
	is_str(value("athena_inserted_total"), "5", "inserted");
	is_str(value("athena_updated_total"), "6", "updated");
	is_str(value("athena_known_total"), "8", "known");
	is_str(value("athena_exit_code"), "0", "exit code");
	is_str(value("athena_retry_at_timestamp_seconds"), "1700000000.000005", "when a retry makes sense");
	success = (int64_t)strtoll(value("athena_last_success_timestamp_seconds"), NULL, 10);
	ok(success >= now / STAMP_SECOND && success <= now / STAMP_SECOND + 10, "the last success is now");
	ok(atof(value("athena_duration_seconds")) >= 2, "duration");
}

static void test_last_success(void)
{
	struct metrics m = {.started_us = stamp_now()};
	char last[64];

	snprintf(last, sizeof(last), "%s", value("athena_last_success_timestamp_seconds"));
	is_int(metrics_write("m", "athena-src-git", "git:example.org/x", &m, 75), 0, "a run that failed");
	is_str(value("athena_exit_code"), "75", "... says so");
	is_str(value("athena_last_success_timestamp_seconds"), last, "... and keeps the last success");
	is_str(value("athena_retry_at_timestamp_seconds"), "", "... knows of no better time");
	is_int(metrics_write("m", "athena-src-git", "git:example.org/x", &m, 75), 0, "another one");
	is_str(value("athena_last_success_timestamp_seconds"), last, "... keeps it, too");
	is_int(metrics_write("m", "athena-src-git", "git:example.org/y", &m, 75), 0, "one of another source");
	is_str(value("athena_last_success_timestamp_seconds"), "", "... had none");
}

static void test_damaged(void)
{
	static const char *const values[] = {
		"", "x", "-1.000000", "1e9.000000", "12345678901234567890.0", "1.0000000"};
	struct metrics m = {.started_us = stamp_now()};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 "#\nathena_last_success_timestamp_seconds{program=\"p\",source=\"s\"} %s\n",
			 values[i]);
		file_replace("m", text, strlen(text), 0644, false);
		is_int(metrics_write("m", "p", "s", &m, 75), 0, "after a file with '%s'", values[i]);
		is_str(value("athena_last_success_timestamp_seconds"), "", "... there is no last success");
	}
	m.events = 3;
	is_int(metrics_write("m", "p", "a\\b\"c\nd\xff", &m, 0), 0, "a source of a strange name");
	ok(has("athena_events_total{program=\"p\",source=\"a\\\\b\\\"c\\nd\xEF\xBF\xBD\"} 3\n"),
	   "... is escaped");
	is_int(metrics_write("m", "p", NULL, &m, 64), 0, "a run that ended before its source was known");
	ok(has("athena_events_total{program=\"p\",source=\"\"} 3\n"), "... has an empty label");
}

static int rc;

static void write_to(void *path)
{
	struct metrics m = {0};

	rc = metrics_write(path, "p", "s", &m, 0);
}

static void test_failure(void)
{
	char none[] = "none/m", folder[] = "folder";

	is_int(mkdir(folder, 0700), 0, "a folder");
	is_str(tap_capture(STDERR_FILENO, write_to, none),
	       "prog: none/m: metrics not written: No such file or directory\n", "no folder");
	is_int(rc, EX_CANTCREAT, "... cannot be created");
	is_str(tap_capture(STDERR_FILENO, write_to, folder),
	       "prog: folder: metrics not written: not a regular file\n", "a folder");
	is_int(rc, EX_CANTCREAT, "... neither");
}

static void test_reading(void)
{
	const struct metrics wrote = {.events = 1,
				      .requests = 22,
				      .rejects = 3,
				      .inserted = 4,
				      .updated = 5,
				      .known = 6,
				      .started_us = 1700000000123456,
				      .retry_at_us = 1800000000000001};
	static const char odd[] =
		"athena_events_total 7\nathena_events_total 8\nathena_known_total{a=\"x y\"} 9.5\n"
		"athena_updated_total x\nathena_inserted_total 99999999999999999999\n"
		"athena_rejects_total -1\nathena_rejects_total_x 1\nathena_requests_total ";
	struct metrics read = {0};

	unlink("m");
	metrics_write("m", "prog", "s\"}\n{ 1", &wrote, 0);
	ok(metrics_read("m", &read), "what was written is read");
	is_int(read.events, 1, "a count");
	is_int(read.requests, 22, "another");
	is_int(read.rejects + read.inserted + read.updated + read.known, 18, "and the rest");
	is_int(read.started_us, 1700000000123456, "a time to the microsecond");
	is_int(read.retry_at_us, 1800000000000001, "and another");
	ok(!metrics_read("nothing", &read), "a file that is not there");
	read = (struct metrics){.inserted = -7};
	metrics_parse(odd, sizeof(odd) - 1, &read);
	is_int(read.events, 7, "the first of a name counts");
	is_int(read.known, 9, "labels are passed over, a fraction is cut");
	is_int(read.inserted, -7, "what is too large stays as it was");
	is_int(read.updated + read.rejects + read.requests, 0, "so does what is no number");
}

int main(void)
{
	char folder[TAP_FOLDER];

	log_init("prog");
	tap_enter(folder);
	test_values();
	test_last_success();
	test_damaged();
	test_failure();
	test_reading();
	buf_release(&file);
	tap_leave(folder);
	return tap_done();
}
