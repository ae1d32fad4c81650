/* SPDX-License-Identifier: ISC
 *
 * httpcache - answers on the disk, so that the next run can ask "has it changed?" and, with
 * --offline, need not ask at all.
 *
 *	rc = httpcache_open(&cache, "/home/ann/.cache/athena/http");
 *	if (httpcache_get(&cache, key, &entry)) ... entry.etag, entry.body ...
 *	httpcache_put(&cache, key, &entry);
 *	httpcache_close(&cache);
 *
 * A key is what was asked: the URL, and for POST what was sent; never a token. An entry is a file of mode
 * 0600, replaced as a whole, so that several processes may share a folder; one that is damaged is none. Where
 * a folder holds too much the oldest go, also while a run adds to it. That a cache cannot be written is no
 * failure: it is said once, and the run goes on without.
 */
#ifndef HTTPCACHE_H
#define HTTPCACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum {
	HTTPCACHE_MAX = 256 << 20,      /* bytes that a folder may hold, and an eighth more for a while */
	HTTPCACHE_ENTRY_MAX = 32 << 20, /* of one answer; what is larger is not kept */
};

struct httpcache {
	char *dir;     /* NULL: no cache */
	bool broken;   /* it could not be written, which was logged */
	int64_t fresh; /* bytes written since it was last seen to hold no more than it may */
};

struct httpcache_entry {
	int status;                   /* of the answer */
	char *etag, *modified, *link; /* headers, NULL where there was none */
	struct buf body;
};

/* Makes the folder. 0, or 73, logged. */
int httpcache_open(struct httpcache *c, const char *dir);
void httpcache_close(struct httpcache *c);

/* False where there is none. The entry is zeroed, or released, before. */
bool httpcache_get(struct httpcache *c, const char *key, struct httpcache_entry *e);
void httpcache_put(struct httpcache *c, const char *key, const struct httpcache_entry *e);
/* What is in a file, from its bytes and back: false where they are no entry of that key, or it cannot be one. */
bool httpcache_parse(const struct buf *file, const char *key, struct httpcache_entry *e);
bool httpcache_print(struct buf *file, const char *key, const struct httpcache_entry *e);
/* It was of use: it becomes the newest. */
void httpcache_touch(struct httpcache *c, const char *key);
void httpcache_entry_release(struct httpcache_entry *e);

#endif
