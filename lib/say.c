/* SPDX-License-Identifier: ISC */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "log.h"

void say_line(const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	puts(text);
}

int say_end(void)
{
	return fflush(stdout) || ferror(stdout) ? log_error(EX_IOERR, "stdout: cannot be written") : 0;
}
