/* SPDX-License-Identifier: ISC
 *
 * log - what a program says on stderr, one line a message:
 *
 *     athena-store: data.db: disk full after 12,000 events; cursor not moved
 *     ^ program     ^ object ^ what                         ^ and what now
 *
 * Whoever detects a failure logs it, once, and returns the exit code, a sysexits(3) value; all above pass
 * it up. So headers say of a function: "0, or a code that is logged".
 *
 *	return log_error(EX_TEMPFAIL, "%s: %s", url, why);
 *
 * Bytes from outside never reach a terminal raw (text_show()), and passwords in addresses and what
 * looks like a token are *** (mask_add()). The caller does not end a message with a newline.
 * Progress is one line that is rewritten at most four times a second, and only
 * when stderr is a terminal; any message clears it first.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_QUIET = -1,  /* -q: errors and warnings */
	LOG_NORMAL = 0,  /* errors, warnings and notes */
	LOG_VERBOSE = 1, /* -v: details too */
};

/*
 * Names the program; call it first in main(). `name` is borrowed for good. Closed standard descriptors are
 * filled, so that no file is opened in their place.
 */
void log_init(const char *name);
const char *log_program(void);
void log_set_level(enum log_level level);

/* Says an error and returns `code`, a sysexits value. */
int log_error(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Something the user should know and may have to act on. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Something worth knowing; not under -q. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Details; only under -v. */
void log_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

enum log_progress_mode { LOG_PROGRESS_AUTO, LOG_PROGRESS_ON, LOG_PROGRESS_OFF };

/* AUTO shows progress when stderr is a terminal; ON shows it anyhow. */
void log_progress_mode(enum log_progress_mode mode);

/*
 * Shows "unit: done/total 12% 3,400/s ETA 0:12". `total` 0 is unknown. Cheap to
 * call often: it looks at the clock, and shows nothing in the first second.
 */
void log_progress(const char *unit, uint64_t done, uint64_t total);

/* Removes the progress line. */
void log_progress_end(void);

/* "12,000": a number for people. Points into one of four static buffers. */
const char *log_count(uint64_t n);

#endif
