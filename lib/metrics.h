/* SPDX-License-Identifier: ISC
 *
 * metrics - what a run did, as Prometheus text for --metrics FILE. The file is
 * replaced atomically, so a textfile collector never reads half of it. The
 * time of the last success survives a failed run: it is read back from the file.
 *
 *	struct metrics m = {.started_us = stamp_now()};
 *	m.events++; ...
 *	rc = metrics_write(path, "athena-store", "data.db", &m, rc);
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct metrics {
	int64_t events;       /* written (source) or stored (store) */
	int64_t bytes;        /* written (source) or read (store) */
	int64_t requests;     /* sent to a server */
	int64_t retries;      /* of those */
	int64_t cache_hits;   /* answers taken from the cache */
	int64_t throttled_us; /* waited because a server asked for it, microseconds */
	int64_t rejects;      /* lines or objects that could not be used */
	int64_t started_us;   /* microseconds since 1970 */
	int64_t retry_at_us;  /* when a retry makes sense, microseconds since 1970; 0: not known */
	/* of a store */
	int64_t inserted, updated, known;
	/* told by a file only, metrics_write() has them from elsewhere */
	int64_t took_us, exit_code;
	int64_t success_us; /* the last run that ended well, microseconds since 1970; 0: none */
};

/*
 * Writes FILE for `program`, labelled with the source (or database) `object`. exit_code 0 makes
 * this run the last success. Returns 0, or a sysexits code that is logged.
 */
int metrics_write(const char *path, const char *program, const char *object, const struct metrics *m, int exit_code);

/*
 * Reads back what metrics_write() wrote, of any program and object: the first sample of each name. What is not
 * there, or is no number, stays as it is in *m.
 */
void metrics_parse(const char *text, size_t n, struct metrics *m);

/* The same from a file; false where it cannot be read. */
bool metrics_read(const char *path, struct metrics *m);

/* Adds a label's value: UTF-8, with what would end it escaped. */
void metrics_label(struct buf *out, const char *s);

#endif
