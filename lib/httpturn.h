/* SPDX-License-Identifier: ISC
 *
 * httpturn - several processes with one credential take turns at the server: a server counts requests by
 * credential, and too many at once are a limit of its own. A turn is a second at most; what the server
 * said about waiting is left for the others in the file.
 *
 *	httpturn_open(&turn, state_dir, credential);
 *	if (httpturn_mine(&turn, now, wall, waits, n))
 *		while (httpturn_goes_on(&turn, now)) ...   send
 *	httpturn_pass(&turn, now);             nothing is under way any more
 *
 * What the server limits is numbered from 0 (lib/http's lanes); each has a wait of its own.
 */
#ifndef HTTPTURN_H
#define HTTPTURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct httpturn {
	bool on;       /* false: there is nobody to take turns with */
	int fd;        /* of the file */
	bool held;     /* it is our turn */
	int64_t since; /* microseconds: when it began */
	int64_t rest;  /* microseconds: until when others go first */
};

/*
 * `credential` names who asks whom; only its hash is seen. Without a folder, or where that cannot be written,
 * turns are off.
 */
void httpturn_open(struct httpturn *t, const char *state_dir, const char *credential);
void httpturn_close(struct httpturn *t);

/*
 * Is it our turn, or does it become so now? Then waits[i] becomes how long another process was told to leave i
 * alone, from now on, for each i below n: microseconds, 0 where there is no such thing. `now` is of a clock
 * that is never set, `wall` are microseconds since 1970.
 *
 * The clock may have been wrong when the wait was told, or set since: no wait is longer than the server said,
 * and what was told a minute or more from now is not believed. The server is asked then, and says it again.
 */
bool httpturn_mine(struct httpturn *t, int64_t now, int64_t wall, int64_t *waits, size_t n);

/* May another request be sent within this turn? */
bool httpturn_goes_on(const struct httpturn *t, int64_t now);

/* Ends the turn. */
void httpturn_pass(struct httpturn *t, int64_t now);

/* Tells the others, within our turn, that the server wants no request of i for so long. */
void httpturn_tell(struct httpturn *t, size_t i, int64_t wall, int64_t wait);

#endif
