/* SPDX-License-Identifier: ISC
 *
 * rotation - what the name of a file says about the log that it is part of.
 *
 *	struct rotation r;
 *	rotation_split("access.log-20261123.gz", &r);     base access.log, stamp 20261123, packed .gz
 *	if (rotation_of("access.log.1", "access.log", &r)) ...
 *
 * Known are `.N`, `.old`, a date or time behind the name (logrotate's dateext, Kubernetes, Python) or before its
 * extension (lumberjack, timberjack, pm2, daily files), seconds since 1970, `@` and a TAI64N label (multilog, s6-log,
 * svlogd), and on top of these `.gz`, `.zst`, `.xz` and `.bz2`. A name tells where a file belongs and in which order
 * files are read, never which file it is: that is told by content (known.h).
 */
#ifndef ROTATION_H
#define ROTATION_H

#include <stdbool.h>
#include <stdint.h>

enum { ROTATION_NAME = 256, ROTATION_STAMP = 32 };

struct rotation {
	char base[ROTATION_NAME];   /* the name of the log itself */
	char stamp[ROTATION_STAMP]; /* the digits of date and time, or of a label; "" where there are none */
	int64_t number;             /* of `.N`, 0 of `.old`; -1: none */
	bool packed;                /* compressed, by its name */
};

/* False where rotation added nothing: base is the whole name. */
bool rotation_split(const char *name, struct rotation *r);

/* Is `name` the log `base`, or a rotated file of it? */
bool rotation_of(const char *name, const char *base, struct rotation *r);

/*
 * Is it `access.1.log` of `access.log` (logrotate's `extension`, logback)? It may as well be a log of its own, of a
 * worker or a port, so that this is believed only where the content of such a file has said so.
 */
bool rotation_inner(const char *name, const char *base, struct rotation *r);

/*
 * Two names of one chain, access.log, access.1.log, access.2.log: the number of `to` where it is the later one, and
 * `base`; 0: they are not.
 */
int64_t rotation_shifted(const char *from, const char *to, char base[ROTATION_NAME]);

/* Below 0 where a is the older one: by date, then `.9` before `.1`, then the log itself. */
int rotation_compare(const struct rotation *a, const struct rotation *b);

#endif
