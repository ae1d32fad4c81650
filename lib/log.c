/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "mask.h"
#include "stamp.h"
#include "text.h"

enum { PROGRESS_MAX = 120 }; /* a line that wraps cannot be rewritten */

static const char *program = "athena";
static enum log_level level;
static enum log_progress_mode mode;
static bool progress_shown;
static int64_t progress_start, progress_last; /* monotonic, ms */
static const char *progress_unit;

/*
 * A standard descriptor that the caller closed would be given to the next file that is opened, and
 * messages or events would be written into it. In its place stands one on which reading or writing fails.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return; /* no /dev/null: nothing better is to be had */
}

void log_init(const char *name)
{
	program = name;
	fill_standard_descriptors();
}

const char *log_program(void)
{
	return program;
}

void log_set_level(enum log_level l)
{
	level = l;
}

static void clear_progress(void)
{
	if (progress_shown)
		(void)file_write_all(STDERR_FILENO, "\r\033[K", 4);
	progress_shown = false;
}

/* One line, whatever is in it: secrets are masked, and a terminal takes none of it for more than text. */
static void write_line(const char *text)
{
	struct buf masked = {0}, line = {0};

	mask_add(&masked, text);
	text_show(&line, masked.data, masked.len);
	buf_addc(&line, '\n');
	clear_progress();
	(void)file_write_all(STDERR_FILENO, line.data, line.len);
	buf_release(&masked);
	buf_release(&line);
}

__attribute__((format(printf, 2, 0))) static void say(const char *severity, const char *fmt, va_list ap)
{
	int saved = errno, n;
	char text[4096]; /* what is longer is cut */

	n = snprintf(text, sizeof(text), "%s: %s", program, severity);
	if (n >= 0 && (size_t)n < sizeof(text) && vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap) >= 0)
		write_line(text);
	errno = saved;
}

int log_error(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return code;
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_verbose(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_progress_mode(enum log_progress_mode m)
{
	mode = m;
}

/* Is progress to be shown at all? */
static bool wanted(bool *terminal)
{
	static int is_terminal = -1;

	if (mode == LOG_PROGRESS_OFF || (mode == LOG_PROGRESS_AUTO && level < LOG_NORMAL))
		return false;
	if (is_terminal < 0)
		is_terminal = isatty(STDERR_FILENO);
	*terminal = is_terminal;
	return mode == LOG_PROGRESS_ON || is_terminal;
}

static void show_progress(const char *unit, uint64_t done, uint64_t total, double seconds, bool terminal)
{
	double rate = (double)done / seconds;
	struct buf text = {.max = PROGRESS_MAX};

	buf_addf(&text, "%s: %s", unit, log_count(done));
	if (total)
		buf_addf(&text, "/%s %d%%", log_count(total), (int)((double)done * 100 / (double)total));
	buf_addf(&text, "  %s/s", log_count((uint64_t)rate));
	if (total > done && rate > 0) {
		uint64_t left = (uint64_t)((double)(total - done) / rate);

		buf_addf(&text, "  ETA %" PRIu64 ":%02" PRIu64, left / 60, left % 60);
	}
	clear_progress();
	if (!terminal)
		buf_addc(&text, '\n');
	(void)file_write_all(STDERR_FILENO, text.data, text.len);
	progress_shown = terminal;
	buf_release(&text);
}

void log_progress(const char *unit, uint64_t done, uint64_t total)
{
	int64_t now;
	bool terminal;
	int saved = errno;

	if (!wanted(&terminal))
		return;
	now = stamp_steady() / 1000;
	if (progress_unit != unit) {
		progress_unit = unit;
		progress_start = now;
	}
	if (now - progress_start >= 1000 && now - progress_last >= 250) {
		progress_last = now;
		show_progress(unit, done, total, (double)(now - progress_start) / 1000, terminal);
	}
	errno = saved;
}

void log_progress_end(void)
{
	clear_progress();
	progress_unit = NULL;
}

const char *log_count(uint64_t n)
{
	static char ring[4][32];
	static unsigned next;
	char *end = ring[next++ % 4] + sizeof(ring[0]) - 1, *p = end;
	int digits = 0;

	*p = '\0';
	do {
		if (digits && digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + n % 10);
		n /= 10;
		digits++;
	} while (n);
	return p;
}
