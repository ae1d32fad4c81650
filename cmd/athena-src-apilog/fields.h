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

enum { WORK_MORE = 16 }; /* bytes of text that are not in the line */

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
	int64_t outer;     /* time of the line for one that has none itself, or RECORD_NONE */
	int64_t outer_east; /* zone of one that has none itself, seconds ahead of UTC, or LOGTIME_HERE */
	uint64_t object;   /* the outermost of this line, as members_object() counts */
	uint32_t have;     /* a bit for each field in `best` */
	uint32_t done;     /* those of them that the record has already */
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

/* A value for extra, under its name. */
void work_extra(struct work *w, uint32_t member, const struct token *t);

/* Opens a member of the outermost object in extra: its comma and name. False where that name stands there
 * already. */
bool work_open(struct work *w, uint32_t member);

/* Adds a token as a JSON value to extra. */
void work_value(struct work *w, const struct token *t);

extern const char work_no_time[]; /* a *why: "no time in the line" */

/* The record is full. False with *why, static, where there is no time or nothing said. */
bool work_end(struct work *w, const char **why);

/* Fills the record from the values put, and ends it. False with *why, static, where there is no time or
 * nothing said. */
bool fields_finish(struct work *w, const char **why);

/* The outermost member of that name in a line that is no JSON; 0: too many names. */
uint32_t work_member(struct work *w, const char *name, size_t n);

/* Where a field that is text stands in the record. */
static inline struct slice *work_slice(struct record *r, enum field field)
{
	switch (field) {
	case FIELD_METHOD:
		return &r->method;
	case FIELD_SCHEME:
		return &r->scheme;
	case FIELD_PATH:
		return &r->path;
	case FIELD_QUERY:
		return &r->query;
	case FIELD_PROTOCOL:
		return &r->protocol;
	case FIELD_REMOTE:
		return &r->remote;
	case FIELD_USER:
		return &r->user;
	case FIELD_AGENT:
		return &r->agent;
	case FIELD_REFERRER:
		return &r->referrer;
	case FIELD_HOST:
		return &r->host;
	case FIELD_REQUEST_ID:
		return &r->request_id;
	case FIELD_LEVEL:
		return &r->level;
	case FIELD_MESSAGE:
		return &r->message;
	default:
		return &r->error;
	}
}

/* A second value for a field. */
void fields_compete(struct work *w, uint32_t member, const struct token *t);

/* Text that is taken as it is, from one place only: no need to look at it again. */
#define FIELDS_PLAIN                                                                                         \
	(1u << FIELD_REMOTE | 1u << FIELD_USER | 1u << FIELD_AGENT | 1u << FIELD_REFERRER |                  \
	 1u << FIELD_MESSAGE)

/* A value whose member has a meaning. */
static inline void fields_put(struct work *w, uint32_t member, const struct token *t)
{
	const struct meaning m = w->members.items[member].meaning;
	uint32_t bit = 1u << m.field;
	struct value *best = &w->best[m.field];

	if (w->have & bit) {
		fields_compete(w, member, t);
		return;
	}
	w->have |= bit;
	best->token = *t;
	best->member = member;
	best->meaning = m;
	if (bit & FIELDS_PLAIN && t->type <= TOKEN_NUMBER && !t->escaped && t->n > 1) {
		*work_slice(w->r, (enum field)m.field) = (struct slice){t->p, t->n};
		w->done |= bit;
	}
}

/* The text of a token, decoded. */
struct slice work_text(struct work *w, const struct token *t);

#endif
