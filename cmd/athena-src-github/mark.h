/* SPDX-License-Identifier: ISC
 *
 * mark - how far a list was read that is sorted by time: a second, and what was seen near it.
 *
 *	{"at":"2024-05-01T12:00:00Z","near":{KEY:[SECONDS,HASH,BUMP]}}
 *
 * A time of one second's granularity cannot say which of the things of that second were seen, nor whether one
 * of them changed again within it, and a server may answer a little late. So a reader goes back a little
 * behind `at` and asks here what it knows. Keys are event ids. `near` is bounded: beyond NEAR_MAX the oldest
 * are forgotten, which at worst sends them again.
 */
#ifndef MARK_H
#define MARK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define MARK_SPAN INT64_C(60000000) /* microseconds behind `at` that are remembered */

enum { MARK_NEAR_MAX = 1500, MARK_HASH = 12 };

struct mark {
	int64_t at;   /* microseconds of the newest thing seen; MARK_NONE: nothing was */
	json_t *near; /* object, NULL while empty */
};

#define MARK_NONE INT64_MIN

enum mark_verdict {
	MARK_NEW,
	MARK_KNOWN,   /* the same thing at the same time with the same content */
	MARK_CHANGED, /* other content at the same time */
};

/* From a member of the position; NULL is an empty mark. False where it is none. */
bool mark_load(struct mark *m, json_t *object);
/* A new reference; NULL where nothing was seen. */
json_t *mark_json(const struct mark *m);
void mark_release(struct mark *m);

/*
 * What is known of `key` at time `us`? An empty hash stands for a thing that cannot change. *bump: of a
 * changed one, by how many microseconds its revision has to pass the time.
 */
enum mark_verdict mark_look(const struct mark *m, const char *key, int64_t us, const char *hash,
			    int64_t *bump);

/* Is the time further back than what is remembered? */
bool mark_is_past(const struct mark *m, int64_t us);

/* Moves `at` up to a time. */
void mark_raise(struct mark *m, int64_t us);

/* Remembers a thing, also one after `at`. */
void mark_note(struct mark *m, const char *key, int64_t us, const char *hash, int64_t bump);

void mark_forget(struct mark *m, const char *key);

/* Forgets what is older than MARK_SPAN, or too much; call it once a page. */
void mark_prune(struct mark *m);

/* Takes over what `from` remembers and is not yet here. */
void mark_join(struct mark *m, const struct mark *from);

#endif
