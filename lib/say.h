/* SPDX-License-Identifier: ISC
 *
 * say - answers for people on stdout, a line each: those of --check and --plan.
 *
 *	say_line("ok repository %s", path);
 *	return say_end();               0, or EX_IOERR that has been said
 */
#ifndef SAY_H
#define SAY_H

/* One line of at most 4095 bytes, ended here, as text_show() shows it to a terminal. */
void say_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int say_end(void);

#endif
