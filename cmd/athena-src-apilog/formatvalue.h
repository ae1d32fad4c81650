/* SPDX-License-Identifier: ISC
 *
 * formatvalue - one variable of a log_format: where its value ends in a line, and what becomes of it.
 */
#ifndef FORMATVALUE_H
#define FORMATVALUE_H

#include "fields.h"

enum format_kind {
	FORMAT_FIELD, /* what its meaning says: one of the following, once the program is whole */
	FORMAT_TEXT,  /* text that goes into the record as it is */
	FORMAT_TIME,
	FORMAT_REQUEST,
	FORMAT_STATUS,
	FORMAT_BYTES,
	FORMAT_DURATION,
	FORMAT_USER,
	FORMAT_URL,
	FORMAT_SCHEME,
	FORMAT_PART,  /* a part of the duration, with others like it */
	FORMAT_AGAIN, /* was there already */
	FORMAT_EXTRA, /* kept under its name */
	/* variables of ours, see formattake.c; those that are treated as any value of theirs are FORMAT_OWN */
	FORMAT_OWN,
	FORMAT_IDENT,   /* of CLF: says whether the user's name may have spaces */
	FORMAT_PAIRS,   /* key=value pairs */
	FORMAT_CLIENT,  /* a message, and perhaps its client before it */
	FORMAT_MODULE,  /* a name, which is kept, and a level */
	FORMAT_PADDED,  /* with spaces around it */
	FORMAT_HEADERS, /* in braces, and not in two pairs of them, kept */
};

struct format_op;

/* Takes a value without escapes, or with such as mean nothing in it. False, with *why or not: it is none. */
typedef bool format_take_fn(const struct format_op *op, struct work *w, struct slice s, const char **why);

struct format_op {
	enum format_kind kind;
	format_take_fn *take;
	struct meaning meaning;
	const char *name; /* of the variable; borrowed from the format */
	size_t name_n;
	const char *literal; /* what stands behind it; borrowed likewise; sixteen bytes can be read */
	size_t literal_n;    /* 0: the end of the line, or a path, which shows where it begins */
	bool last;
	size_t offset; /* FORMAT_TEXT: of its slice in the record */
	char stop;     /* the literal's first byte */
	bool quoted;   /* which is a quote */
	size_t skip;   /* bytes at its beginning in which `stop` may stand: $time_local has a space within */
	bool simple;   /* it ends where `stop` first stands */
	bool list;     /* upstream values, `, ` and ` : ` between them */
};

static inline bool format_op_is(const struct format_op *op, const char *name)
{
	return strlen(name) == op->name_n && !memcmp(op->name, name, op->name_n);
}

/* ---- formatvalue.c: where it ends ---- */

/* From its name: what it is. */
void format_op_init(struct format_op *op);

/* Another variable has its field: it goes to extra. */
void format_op_demote(struct format_op *op);

/* From what stands behind it, when that is known. */
void format_op_settle(struct format_op *op, bool last);

/* The end of its value, which begins at p in the line that begins at `low`: the literal stands there. NULL:
 * none. */
const char *format_op_end(const struct format_op *op, const char *low, const char *p, const char *end,
			  bool *escaped);

/* ---- formattake.c: what becomes of it ---- */

/* Is it a variable of ours? Then its kind, its meaning and who takes it are set. */
void format_op_own(struct format_op *op);

/* Of an op whose kind is settled. */
void format_op_taken_by(struct format_op *op);

/* op->take() of a value with backslashes. */
bool format_op_unescape(const struct format_op *op, struct work *w, struct slice s, const char **why);

#endif
