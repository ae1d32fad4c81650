/* SPDX-License-Identifier: ISC
 *
 * tap - a unit test that speaks TAP.
 *
 *	int main(void)
 *	{
 *		is_int(stamp_days(1970, 1, 1), 0, "the epoch is day 0");
 *		return tap_done();
 *	}
 *
 * Every check is one test and returns whether it passed, and the plan comes last, so
 * that a program that dies in between fails.
 */
#ifndef TAP_H
#define TAP_H

#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAP_UNUSED __attribute__((unused))

enum { TAP_FOLDER = 256 };

static int tap_run, tap_failed;

__attribute__((format(printf, 2, 0))) static bool tap_result(bool pass, const char *fmt, va_list ap)
{
	printf("%sok %d - ", pass ? "" : "not ", ++tap_run);
	vprintf(fmt, ap);
	putchar('\n');
	tap_failed += !pass;
	return pass;
}

__attribute__((format(printf, 2, 3))) TAP_UNUSED static bool ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(pass, fmt, ap);
	va_end(ap);
	fflush(stdout);
	return pass;
}

__attribute__((format(printf, 3, 4))) TAP_UNUSED static bool is_int(int64_t got, int64_t want,
								    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!tap_result(got == want, fmt, ap))
		printf("#   got %" PRId64 ", want %" PRId64 "\n", got, want);
	va_end(ap);
	fflush(stdout);
	return got == want;
}

/* n bytes, quoted so that every one of them can be seen. */
TAP_UNUSED static void tap_bytes(const char *name, const char *p, size_t n)
{
	printf("#   %s %zu bytes%s: \"", name, n, p ? "" : " (NULL)");
	for (size_t i = 0; i < n && i < 400; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			printf("\\x%02X", c);
		else
			putchar(c);
	}
	printf("\"\n");
}

__attribute__((format(printf, 5, 6))) TAP_UNUSED static bool
is_bytes(const char *got, size_t n, const char *want, size_t want_n, const char *fmt, ...)
{
	bool same = n == want_n && (!n || !memcmp(got, want, n));
	va_list ap;

	va_start(ap, fmt);
	if (!tap_result(same, fmt, ap)) {
		tap_bytes("got ", got, n);
		tap_bytes("want", want, want_n);
	}
	va_end(ap);
	fflush(stdout);
	return same;
}

/* Either may be NULL. */
__attribute__((format(printf, 3, 4))) TAP_UNUSED static bool is_str(const char *got, const char *want,
								    const char *fmt, ...)
{
	bool same = got && want ? !strcmp(got, want) : got == want;
	va_list ap;

	va_start(ap, fmt);
	if (!tap_result(same, fmt, ap)) {
		tap_bytes("got ", got, got ? strlen(got) : 0);
		tap_bytes("want", want, want ? strlen(want) : 0);
	}
	va_end(ap);
	fflush(stdout);
	return same;
}

/* Prints the plan; what main() returns. */
TAP_UNUSED static int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

/* A new empty folder, entered, so that a test may write what it likes; tap_leave() removes it. */
TAP_UNUSED static void tap_enter(char folder[TAP_FOLDER])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, TAP_FOLDER, "%s/athena-unit.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || chdir(folder)) {
		printf("Bail out! %s: no folder to work in\n", folder);
		exit(1);
	}
}

TAP_UNUSED static int tap_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

TAP_UNUSED static void tap_leave(const char *folder)
{
	if (chdir("/") || nftw(folder, tap_remove, 8, FTW_DEPTH | FTW_PHYS))
		printf("# %s: not removed\n", folder);
}

/* What fn writes to fd (1 or 2), as a string of at most 64 KiB that lives until the next call. */
TAP_UNUSED static const char *tap_capture(int fd, void (*fn)(void *), void *arg)
{
	static char text[65536];
	FILE *f = tmpfile();
	int saved = dup(fd);
	ssize_t n;

	fflush(stdout);
	if (!f || saved < 0 || dup2(fileno(f), fd) < 0)
		exit(1);
	fn(arg);
	fflush(stdout);
	dup2(saved, fd);
	close(saved);
	n = pread(fileno(f), text, sizeof(text) - 1, 0);
	fclose(f);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

#endif
