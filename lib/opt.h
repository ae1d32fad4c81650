/* SPDX-License-Identifier: ISC
 *
 * opt - one table drives the parser, --help, --describe and the test that
 * holds man pages and completions to the same options.
 *
 *	static const struct opt table[] = {
 *		{"stat", 0, OPT_CHOICE, "none|files|lines", "what to count", &stat, "lines"},
 *		SOURCE_OPTIONS(src),
 *		{0},
 *	};
 *	static const struct opt_program program = {.name = "athena-src-git", .options = table};
 *	rc = opt_parse(&program, argc, argv, &operands);
 *	if (rc)
 *		return rc == OPT_DONE ? 0 : rc;
 *
 * --help and --version are always there, --describe for a program with a `type`; they are
 * answered inside opt_parse(). Where a table is too long for a screen, `usual` names what --help shows, and
 * `--help all` shows the rest, as with curl. Long options may be shortened while that is
 * unambiguous, `--name=value` and `--name value` are the same, `--` ends options, and options
 * and operands may be mixed, as with git. Every string is borrowed from argv.
 */
#ifndef OPT_H
#define OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPT_DONE = -1 };

enum opt_kind {
	OPT_END = 0, /* ends a table */
	OPT_FLAG,    /* bool *: set to true */
	OPT_STRING,  /* const char ** */
	OPT_LIST,    /* struct opt_list *: every use adds one */
	OPT_COUNT,   /* int64_t *: 0 or more */
	OPT_SIZE,    /* int64_t *: bytes, with K, M or G as powers of 1024 */
	OPT_SPAN,    /* int64_t *: microseconds, from "90m", see stamp_span() */
	OPT_WHEN,    /* int64_t *: microseconds since 1970, see stamp_when() */
	OPT_CHOICE,  /* int *: index into the words of `arg`, "a|b|c" */
};

struct opt {
	const char *name; /* without the dashes */
	char letter;      /* of the short form, or 0 */
	enum opt_kind kind;
	const char *arg;      /* what --help calls the argument; NULL for OPT_FLAG */
	const char *help;     /* one line, lower case, no full stop */
	void *value;          /* where the parsed value goes, by kind */
	const char *fallback; /* the default as --help shows it, or NULL */
};

struct opt_list {
	const char **items; /* borrowed strings; the array belongs to the list */
	size_t n;
};

struct opt_env {
	const char *name; /* an environment variable that the program reads */
	const char *help;
};

struct opt_program {
	const char *name;          /* athena-src-git */
	const char *synopsis;      /* what follows the name: "[options] [REPO]" */
	const char *summary;       /* one line, upper case first, no full stop */
	const char *type;          /* "git" for a source, else NULL */
	const struct opt *options; /* ended by a zeroed entry; --help sorts them by name */
	const char *usual;         /* what --help shows of many options: " cursor since ", or NULL: all */
	const struct opt_env *env; /* ended by a zeroed entry, or NULL */
	const char *footer;        /* what --help ends with, each line wrapped by itself, or NULL */
	bool operands_end;         /* the first operand ends the options: what follows is another program's */
};

/*
 * Fills the values and the operands. Returns 0, OPT_DONE when the question was
 * answered on stdout, or a sysexits code (EX_USAGE, EX_IOERR) that is logged.
 */
int opt_parse(const struct opt_program *program, int argc, char **argv, struct opt_list *operands);

/* True when the option of that name was given on the command line (not by default). */
bool opt_given(const char *name);

void opt_list_add(struct opt_list *list, const char *item);
void opt_list_release(struct opt_list *list);

#endif
