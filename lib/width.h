/* SPDX-License-Identifier: ISC
 *
 * width - how many columns of a terminal a text takes: none for a combining mark, two for most of East Asia
 * and for emoji, one for the rest. The text is UTF-8 that may stand on a terminal, see text_show().
 *
 *	n = width_text(s, len);
 *	len = width_cut(s, len, 20);          the first bytes of s that fit into 20 columns
 *
 * What is wide is the C library's knowledge; the terminal is taken to speak UTF-8, whatever the locale says.
 */
#ifndef WIDTH_H
#define WIDTH_H

#include <stddef.h>

size_t width_text(const char *s, size_t n);

/* The greatest length at which s can be cut to take at most so many columns; marks stay with their letter. */
size_t width_cut(const char *s, size_t n, size_t columns);

/* How many bytes to leave out at the beginning, so that the rest takes at most so many columns. */
size_t width_cut_front(const char *s, size_t n, size_t columns);

#endif
