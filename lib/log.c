/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
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

static void write_all(const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(STDERR_FILENO, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return;
		p += w;
		n -= (size_t)w;
	}
}

/* Printable text passes; the rest becomes \xNN. */
static size_t sanitize(char *dst, size_t room, const char *src, size_t n)
{
	size_t o = 0;

	for (size_t i = 0; i < n && o + 8 < room;) {
		size_t step = text_utf8_len(src + i, n - i);
		unsigned char c = (unsigned char)src[i];

		if (!step || c < 0x20 || c == 0x7f ||
		    (step == 2 && c == 0xc2 && (unsigned char)src[i + 1] < 0xa0)) {
			o += (size_t)snprintf(dst + o, room - o, "\\x%02X", c);
			i++;
			continue;
		}
		memcpy(dst + o, src + i, step);
		o += step;
		i += step;
	}
	return o;
}

/* What is secret in an address or looks like a token is not said, whoever put it there: messages end in logs. */
static size_t hide(char *dst, size_t room, const char *src)
{
	const char *start = src;
	size_t o = 0, before, secret;

	for (; *src; src += before + secret) {
		secret = mask_secret(start, src, &before);
		if (o + before + sizeof(MASK) > room)
			break;
		memcpy(dst + o, src, before);
		o += before;
		if (secret)
			o += (size_t)snprintf(dst + o, room - o, "%s", MASK);
	}
	return o;
}

static void clear_progress(void)
{
	if (progress_shown)
		write_all("\r\033[K", 4);
	progress_shown = false;
}

__attribute__((format(printf, 2, 0))) static void say(const char *severity, const char *fmt, va_list ap)
{
	char raw[4096], shown[4096], line[8192];
	size_t len;
	int saved = errno, n = snprintf(raw, sizeof(raw), "%s: %s", program, severity);

	if (n < 0)
		return;
	len = (size_t)n;
	n = vsnprintf(raw + len, sizeof(raw) - len, fmt, ap);
	if (n < 0)
		return;
	len = hide(shown, sizeof(shown), raw);
	clear_progress();
	len = sanitize(line, sizeof(line) - 1, shown, len);
	line[len++] = '\n';
	write_all(line, len);
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
	struct buf text = {0};
	char line[PROGRESS_MAX];
	size_t n;

	buf_addf(&text, "%s: %s", unit, log_count(done));
	if (total)
		buf_addf(&text, "/%s %d%%", log_count(total), (int)((double)done * 100 / (double)total));
	buf_addf(&text, "  %s/s", log_count((uint64_t)rate));
	if (total > done && rate > 0) {
		uint64_t left = (uint64_t)((double)(total - done) / rate);

		buf_addf(&text, "  ETA %" PRIu64 ":%02" PRIu64, left / 60, left % 60);
	}
	clear_progress();
	n = sanitize(line, sizeof(line) - 1, text.data, text.len);
	if (!terminal)
		line[n++] = '\n';
	write_all(line, n);
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
