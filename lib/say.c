/* SPDX-License-Identifier: ISC */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "text.h"

void say_line(const char *fmt, ...)
{
	char text[4096];
	struct buf shown = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_show(&shown, text, strlen(text));
	puts(buf_cstr(&shown));
	buf_release(&shown);
}

int say_end(void)
{
	return fflush(stdout) || ferror(stdout) ? log_error(EX_IOERR, "stdout: cannot be written") : 0;
}

int say_bytes(const void *p, size_t n)
{
	return file_write_all(STDOUT_FILENO, p, n) ? log_error(EX_IOERR, "stdout: %s", strerror(errno)) : 0;
}

int say_json(const char *p, size_t n)
{
	struct buf shown = {0};
	int rc;

	if (!isatty(STDOUT_FILENO))
		return say_bytes(p, n);
	text_show_json(&shown, p, n);
	rc = say_bytes(shown.data, shown.len);
	buf_release(&shown);
	return rc;
}

int say_csv(const char *p, size_t n)
{
	struct buf shown = {0};
	int rc;

	if (!isatty(STDOUT_FILENO))
		return say_bytes(p, n);
	while (n) {
		const char *eol = memchr(p, '\n', n);
		size_t line = eol ? (size_t)(eol - p) + 1 : n, text = line;

		while (text && (p[text - 1] == '\n' || p[text - 1] == '\r'))
			text--;
		text_show(&shown, p, text);
		buf_add(&shown, p + text, line - text);
		p += line;
		n -= line;
	}
	rc = say_bytes(shown.data, shown.len);
	buf_release(&shown);
	return rc;
}
