/* SPDX-License-Identifier: ISC
 *
 * elements - the elements of a JSON array one by one, out of chunks of its text, in constant memory however
 * long it is. What an element holds is the parser's business: here only brackets and strings are followed.
 *
 *	struct elements s;
 *	elements_init(&s, 16 << 20);
 *	while ((n = read(chunk)) > 0)
 *		for (size_t at = 0; (what = elements_next(&s, chunk, n, &at)) != ELEMENTS_MORE;)
 *			if (what == ELEMENTS_ONE) ... s.text, s.len: may be changed, until the next call ...
 *			else if (what == ELEMENTS_LONG) ... one was longer than the maximum: left out ...
 *			else break;                  ELEMENTS_BROKEN
 *	elements_release(&s);
 *
 * The outermost value is the array, or null for an empty one; or an object with a member `messages` that is it (slackdump), whose text
 * before it is then in `head`, or none of both: ELEMENTS_BROKEN.
 */
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

enum elements_what {
	ELEMENTS_MORE,   /* the chunk is used up */
	ELEMENTS_ONE,    /* an element: text, len */
	ELEMENTS_LONG,   /* one that was longer than allowed was skipped */
	ELEMENTS_BROKEN, /* no such JSON: why */
};

struct elements {
	char *text; /* of the element, in the chunk or in `held` */
	size_t len;
	struct buf head; /* `{"channel_id":"C1","name":"general","messages":`; empty where the array is
			    outermost */
	const char *why; /* of ELEMENTS_BROKEN, a static string */
	size_t done;     /* elements met so far */

	/* private */
	struct buf held; /* the beginning of an element that goes on in the next chunk */
	int state, depth;
	bool escaped, in_string, too_long;
	size_t key;   /* where the last string of `head` begins */
	size_t blank; /* white space since the last element */
};

void elements_init(struct elements *s, size_t max);
void elements_release(struct elements *s);

enum elements_what elements_next(struct elements *s, char *chunk, size_t n, size_t *at);

/* After the last chunk: true where the array ended. */
bool elements_ended(const struct elements *s);

#endif
