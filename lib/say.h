/* SPDX-License-Identifier: ISC
 *
 * say - answers on stdout: line by line, those of --check and --plan, or all at once.
 *
 *	say_line("ok repository %s", path);
 *	return say_end();               0, or EX_IOERR, logged
 *
 *	return say_bytes(out.data, out.len);
 */
#ifndef SAY_H
#define SAY_H

#include <stddef.h>

/* One line of at most 4095 bytes, ended here, as text_show() shows it to a terminal. */
void say_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int say_end(void);

/* Straight to the descriptor: what stdout does not take is known at once, and said: 0 or EX_IOERR. */
int say_bytes(const void *p, size_t n);

/* Whole records of JSON, or of CSV: as they are, but that a terminal gets nothing that it would take for more than text. */
int say_json(const char *p, size_t n);
int say_csv(const char *p, size_t n);

#endif
