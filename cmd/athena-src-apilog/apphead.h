/* SPDX-License-Identifier: ISC
 *
 * apphead - what the logger of a program writes before a line that may be in a format of its own:
 *
 *	I, [2026-11-24T03:04:02.123456 #12]  INFO -- : method=GET path=/p status=200       Ruby's, as Rails has it
 *	2026/11/24 03:04:02.123<TAB>INFO<TAB>http.log.access<TAB>handled request<TAB>{"status":200}     Caddy's console, zap's
 *
 * Ruby's time is one of this machine's zone, as a clock shows it; Caddy's is UTC.
 */
#ifndef APPHEAD_H
#define APPHEAD_H

#include "wrapped.h"

bool apphead_line(struct logtime *t, const char *line, size_t n, struct wrapped *inner);

#endif
