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
