/* SPDX-License-Identifier: ISC
 *
 * jsonscan - a strict single-pass scanner for one line of NDJSON. It builds no
 * tree: it checks the whole line and gives the members of the outermost object
 * as slices of that line, so that what is stored is what came, byte for byte.
 *
 *	struct jsonscan s = {0};
 *	if (jsonscan_line(&s, line, len) == JSONSCAN_OK)
 *		for (i = 0; i < s.n; i++) ... s.members[i].name, s.members[i].value ...
 *	jsonscan_release(&s);
 *
 * It tells three things apart, because they mean different things downstream:
 * I-JSON (RFC 7493), JSON that is not I-JSON or not an object (the writer's
 * fault), and what is no JSON at all (damage on the way). A syntax error
 * anywhere wins over an I-JSON violation found before it.
 */
#ifndef JSONSCAN_H
#define JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jsonscan_result {
	JSONSCAN_OK,       /* one object, I-JSON throughout */
	JSONSCAN_REFUSED,  /* JSON by its grammar (RFC 8259), but: not an object, bad UTF-8, \u0000, a lone
			      surrogate, a duplicate member at any depth, an integer beyond 2^53, or
			      nested deeper than JSONSCAN_DEPTH */
	JSONSCAN_NOT_JSON, /* not JSON by its grammar, or nothing but white space */
};

enum { JSONSCAN_DEPTH = 128 }; /* deepest nesting of objects and arrays, the outermost counted */

enum jsonscan_type { JSONSCAN_NULL, JSONSCAN_FALSE, JSONSCAN_TRUE, JSONSCAN_NUMBER, JSONSCAN_STRING, JSONSCAN_ARRAY, JSONSCAN_OBJECT };

struct jsonscan_member {
	const char *name;  /* as written, between the quotes */
	size_t name_len;
	const char *value; /* as written; a string with its quotes */
	size_t len;
	enum jsonscan_type type;
	bool escaped;      /* the string value holds a backslash: see jsonscan_unescape() */
	bool name_escaped; /* so does the name */
	int number;        /* of the name in `usual`; another has a higher one, or -1 */
};

struct jsonscan {
	const char *const *usual; /* names that members usually have, at most 32, set before the first line; borrowed; or NULL */
	size_t n_usual;
	struct jsonscan_member *members; /* of the outermost object, in order; reused from line to line */
	size_t n;
	size_t cap;
	const char *why; /* after a failure: what is wrong, a static string */
	size_t at;       /* and at which byte of the line, from 0 */
	void *work;      /* memory reused from line to line, private */
};

/* Checks the n bytes of a line without its newline; the members are borrowed from the line. */
enum jsonscan_result jsonscan_line(struct jsonscan *s, const char *line, size_t n);
void jsonscan_release(struct jsonscan *s);

/*
 * The text of a string token: n bytes between its quotes, checked by jsonscan_line(). `out` has room
 * for n bytes (unescaping never lengthens). Returns the length.
 */
size_t jsonscan_unescape(const char *s, size_t n, char *out);

#endif
