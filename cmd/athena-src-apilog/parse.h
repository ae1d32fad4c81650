/* SPDX-License-Identifier: ISC
 *
 * parse - a line of a log, in any of the formats, as a record.
 *
 *	struct parser *p;
 *	rc = parser_new(&p, "auto", fields, n_fields);    says what is wrong with a format, EX_USAGE
 *	struct parse_state state = {0};                   one a file
 *	if (!parser_line(p, &state, line, n, &record, &why)) ... a reject
 *	parser_free(p);
 *
 * A line that a container runtime (Docker's JSON, CRI) or a syslog daemon wrapped is unwrapped first. A line is parsed as the
 * format that the last good line of its file had; where that fails each other format is tried, so that a file
 * whose format changes midway goes on. What matches none exactly is a reject, never a guess. With a format
 * given nothing else is tried.
 */
#ifndef PARSE_H
#define PARSE_H

#include <string.h>

#include "record.h"

struct parser;

enum { PARSE_COLUMNS = 2048 }; /* bytes of the names of columns */

/* Per file, zeroed at the start: which format its last good line had, and the columns that its last `#Fields:` names. */
struct parse_state {
	int format;
	size_t n; /* of the columns */
	char columns[PARSE_COLUMNS];
};

static inline bool parse_state_same(const struct parse_state *a, const struct parse_state *b)
{
	return a->format == b->format && a->n == b->n && !memcmp(a->columns, b->columns, a->n);
}

/*
 * format: auto, json, logfmt, w3c, a `#Fields:` line, a family of builtin.h, or an nginx log_format string (recognised by its `$`).
 * fields: NAME=PATH of --field, PATH a dotted path into a JSON line or a logfmt key. 0, or a sysexits code that is logged.
 */
int parser_new(struct parser **out, const char *format, const char *const *fields, size_t n_fields);
void parser_free(struct parser *p);

/*
 * One line without its newline (a CR at its end is dropped). True: r is filled, time is set and a request or a message is there. False: *why is a
 * static string, short, for people: "no format matches", "no time in the line", "the status is no number"; NULL of a
 * directive, which is neither an event nor a reject.
 */
bool parser_line(struct parser *p, struct parse_state *state, const char *line, size_t n, struct record *r,
		 const char **why);

/* What to do about a reject, by what parser_line() said of it; NULL where nothing is known. */
const char *parser_advice(const char *why);

/* May the lines of a file that begins with these bytes be understood only by a line far before them, a directive? */
bool parser_needs_head(const struct parser *p, const char *head, size_t n);

/* The format of the last good line, for -v and --check: "combined", "json", ...; "none yet". */
const char *parser_format_name(const struct parser *p, const struct parse_state *state);

/* Frees what a record owns. */
void record_release(struct record *r);

#endif
