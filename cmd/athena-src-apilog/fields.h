/* SPDX-License-Identifier: ISC
 *
 * fields - from the named values of a line to its record: several may stand for one field, the one
 * that is meant first wins, and what is no such value goes to extra like whatever has no place.
 *
 *	work_line(w, r, n);                            r is empty again
 *	fields_put(w, member, &token); ...             values whose name has a meaning
 *	work_extra(w, member, &token); ...             values that have none
 *	if (!fields_finish(w, &why)) ... a reject
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "logtime.h"
#include "members.h"
#include "record.h"

enum { FIELDS_SPARE = 64 }; /* values for fields that have a better one, in a line; more are left out */

/* A value as it stands in a line. */
enum token_type {
	TOKEN_TEXT,   /* any bytes, as they are */
	TOKEN_JSON,   /* between the quotes of a JSON string that has been checked */
	TOKEN_NUMBER, /* a JSON number */
	TOKEN_WORD,   /* true or false */
};

struct token {
	const char *p;
	size_t n;
	enum token_type type;
	bool escaped; /* of TOKEN_JSON: has backslashes */
	bool odd;     /* and is no I-JSON as it is: to be repaired. Of TOKEN_NUMBER: beyond 2^53 */
};

struct value {
	struct token token;
	uint32_t member;
	struct meaning meaning;
};

/* What parsing a line needs, of every format, reused from line to line. */
struct work {
	struct record *r;
	struct logtime time;
	struct members members;
	uint64_t object;   /* the outermost of this line, as members_object() counts */
	uint32_t have;     /* a bit for each field in `best` */
	unsigned dialects; /* a bit for each that was met */
	uint32_t last;     /* the member met last outside of JSON, 0: none */
	bool ident;        /* CLF: an ident was said */
	bool lost;         /* a member did not fit into extra */
	struct value best[FIELDS];
	struct value spare[FIELDS_SPARE];
	size_t n_spare;
	struct buf name; /* a name, decoded and repaired */
	struct buf text; /* decoded text that the record borrows; never grows within a line */
};

void work_init(struct work *w, const struct mapping *mappings, size_t n);
void work_release(struct work *w);

/* Begins a line of n bytes that becomes r. */
void work_line(struct work *w, struct record *r, size_t n);

/* A value whose member has a meaning. */
void fields_put(struct work *w, uint32_t member, const struct token *t);

/* A value for extra, under its name. */
void work_extra(struct work *w, uint32_t member, const struct token *t);

/* Opens a member of the outermost object in extra: its comma and name. False where that name stands there
 * already. */
bool work_open(struct work *w, uint32_t member);

/* Adds a token as a JSON value to extra. */
void work_value(struct work *w, const struct token *t);

/* Fills the record from the values put. False with *why, static, where there is no time or nothing said. */
bool fields_finish(struct work *w, const char **why);

/* The outermost member of that name in a line that is no JSON; 0: too many names. */
uint32_t work_member(struct work *w, const char *name, size_t n);

/* Where a field that is text stands in the record. */
struct slice *work_slice(struct record *r, enum field field);

/* The text of a token, decoded. */
struct slice work_text(struct work *w, const struct token *t);

#endif
