/* SPDX-License-Identifier: ISC
 *
 * httppace - how fast one kind of request may be sent, learnt from the answers. Some servers count by method:
 * who waits for one of them may go on with the others, and who knows the pace need not be told "429" for
 * every second request.
 *
 *	at = httppace_at(&pace, "conversations.history");     not before then
 *	httppace_sent(&pace, "conversations.history", now);
 *	httppace_limited(&pace, "conversations.history", now, wait);   the server says: too fast, wait
 *
 * What was let through between two limits, and in what time, gives the pace; requests that were under way when a limit was
 * met, and are refused as well, are part of that limit. Where no limit is met for a
 * while the pace is doubled again and again, so that it recovers when the limit does. All times are
 * microseconds.
 */
#ifndef HTTPPACE_H
#define HTTPPACE_H

#include <stddef.h>
#include <stdint.h>

enum {
	HTTPPACE_GOOD = 5,        /* requests let through before the pace is doubled */
	HTTPPACE_FREE = 300000,   /* a pace below this is none */
	HTTPPACE_MAX = 600000000, /* nobody means more than that between two requests */
};

struct httppace_kind {
	char *name;
	int64_t begun;      /* when the count began */
	int64_t sent;       /* when the last one was sent */
	int64_t not_before; /* what the server said last */
	int64_t pace;       /* least time between two; 0: none is known */
	int64_t span;       /* the last limit: from `begun` until the server wants to be asked again */
	unsigned through;   /* what it let through in that time */
	unsigned n, good;   /* sent since `begun`; sent since the pace was set */
};

/* Zeroed is empty. */
struct httppace {
	struct httppace_kind *kinds;
	size_t n;
};

int64_t httppace_at(const struct httppace *p, const char *name);
void httppace_sent(struct httppace *p, const char *name, int64_t now);
void httppace_limited(struct httppace *p, const char *name, int64_t now, int64_t wait);
/* The time between two that was learnt; 0: none. */
int64_t httppace_of(const struct httppace *p, const char *name);
void httppace_release(struct httppace *p);

#endif
