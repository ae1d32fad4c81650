/* SPDX-License-Identifier: ISC
 *
 * parsed - a block of lines that were read and checked, and wait for their turn.
 *
 *	parsed_empty(&b);
 *	if (parsed_has_room(&b, n))  parsed_add(&b, &parser, &in, what, text, n);
 *	for (i = 0; i < b.n; i++)  ... b.lines[i] ...
 *	parsed_release(&b);  parser_release(&parser);
 *
 * A block has its lines' bytes, and what of them had to be unescaped. A line that does not fit an empty block is
 * added to it nevertheless: its bytes are then borrowed from the caller, and nothing more fits.
 */
#ifndef PARSED_H
#define PARSED_H

#include "lines.h"
#include "row.h"

#ifndef SMALL_BLOCKS
enum {
	PARSED_LINES = 512,
	PARSED_BYTES = 256 << 10,
};
#else
enum { PARSED_LINES = 6, PARSED_BYTES = 2048 };
#endif

enum parsed_verdict {
	PARSED_EVENT,   /* `row` is it */
	PARSED_CONTROL, /* it has the member `athena` */
	PARSED_BLANK,
	PARSED_DAMAGE,  /* no JSON: `why`, at byte `at` */
	PARSED_REFUSED, /* no I-JSON, or no object: `why` */
	PARSED_INVALID, /* no event: `why`; `row` has its source, if any */
	PARSED_LONG,    /* over the maximum; its first bytes are there */
	PARSED_TORN,    /* the input ends within it; its bytes are not there */
	PARSED_ERROR,   /* no line: the input cannot be read, the errno is `at` */
};

struct parsed_line {
	int64_t number;   /* from 1 */
	const char *text; /* n bytes, without the newline */
	size_t n;
	const char *why;  /* static */
	size_t at;
	enum parsed_verdict verdict;
	struct row row;
};

struct parsed {
	struct parsed_line *lines;
	size_t n;
	char *data;       /* PARSED_BYTES; the lines, each followed by what was unescaped of it */
	size_t used;
	char *large;      /* what was unescaped of a line that is not in data */
	int64_t since_ms; /* when the first line came; the caller's */
	bool urgent;      /* the last line is not to wait for others */
};

/* What is reused from line to line: `struct parser p = PARSER;` */
struct parser {
	struct jsonscan scan;
	struct event_fields fields;
};

#define PARSER                                                                                                         \
	{                                                                                                              \
		.scan = EVENT_SCAN                                                                                     \
	}

void parsed_empty(struct parsed *b);
void parsed_release(struct parsed *b);
void parser_release(struct parser *p);

/* For a line of n bytes, beside those that are there? */
bool parsed_has_room(const struct parsed *b, size_t n);

/* What lines_next() brought. The block is empty, or there is room. LINES_END and LINES_IDLE add nothing. */
void parsed_add(struct parsed *b, struct parser *p, const struct lines *in, enum lines_result what, const char *text, size_t n);

#endif
