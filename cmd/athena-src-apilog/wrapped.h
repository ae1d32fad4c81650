/* SPDX-License-Identifier: ISC
 *
 * wrapped - a program's line as a container runtime keeps it, with its own time and stream, or a syslog daemon:
 *
 *	{"log":"GET /p 200\n","stream":"stdout","time":"2026-11-24T03:04:02.123456789Z"}     Docker
 *	2026-11-24T03:04:02.123456789Z stdout F GET /p 200                                   CRI
 *	Nov 24 03:04:02 web-1 nginx[12]: GET /p 200                                          syslog, see syslog.h
 *	I, [2026-11-24T03:04:02 #12]  INFO -- : GET /p 200                                   a logger, see apphead.h
 *
 * A runtime's line may have one of the others within. What journalctl -o json gives out, which is told by its members when they have
 * been read, is unwrapped by wrapped_journal().
 *
 *	struct wrapper x = {0};
 *	if (wrapped_perhaps(line, n) && wrapped_line(&x, line, n, &inner)) ... inner.line is what the program wrote
 *	wrapper_release(&x);
 */
#ifndef WRAPPED_H
#define WRAPPED_H

#include <string.h>

#include "jsonscan.h"
#include "logtime.h"
#include "record.h"

struct wrapper {
	struct logtime time;
	struct jsonscan scan;
	struct buf text; /* the line, unescaped */
};

struct wrapped {
	struct slice line;   /* without its newline; borrowed from the wrapper or the line */
	struct slice stream; /* stdout or stderr */
	int64_t time;        /* when the runtime read it, or RECORD_NONE */
	bool partial;        /* CRI: the line goes on in the next */
	bool sure;           /* nobody else writes so: a line in no format is a message */
	/* of syslog */
	bool syslog;
	int64_t east; /* the zone of the time, seconds ahead of UTC, or LOGTIME_HERE */
	struct slice hostname, program, procid;
	struct slice level; /* by its priority */
	/* of a program's own logger */
	struct slice logger, caller;
	struct slice message; /* beside a line that is an object */
};

/* At a glance. */
static inline bool wrapped_perhaps(const char *line, size_t n)
{
	if (n < 20 || *line == '{')
		return n >= 20 && !memcmp(line, "{\"log\":", 7);
	return line[10] == 'T' || *line == '<' || (line[3] == ' ' && line[6] == ' ') ||
	       (line[1] == ',' && line[3] == '[') || (n > 23 && line[23] == '\t' && line[4] == '/');
}

bool wrapped_line(struct wrapper *x, const char *line, size_t n, struct wrapped *inner);

/* The line in the MESSAGE of one out of the journal. */
bool wrapped_journal(struct wrapper *x, const char *line, size_t n, struct wrapped *inner);
void wrapper_release(struct wrapper *x);

#endif
