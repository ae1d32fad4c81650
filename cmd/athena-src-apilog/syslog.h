/* SPDX-License-Identifier: ISC
 *
 * syslog - what a syslog daemon has before a program's line:
 *
 *	Nov 24 03:04:02 web-1 haproxy[12]: LINE                           RFC 3164: neither a year nor a zone
 *	2026-11-24T03:04:02.123456+01:00 web-1 haproxy[12]: LINE          rsyslog, syslog-ng, systemd
 *	2026-11-24T03:04:02.123456+00:00 heroku[router]: LINE             Heroku
 *	<134>1 2026-11-24T03:04:02.123Z web-1 haproxy 12 - - LINE         RFC 5424
 *
 * The first three may have a priority before them, too.
 */
#ifndef SYSLOG_H
#define SYSLOG_H

#include "wrapped.h"

bool syslog_head(struct logtime *t, const char *line, size_t n, struct wrapped *inner);

#endif
