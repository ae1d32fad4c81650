/* SPDX-License-Identifier: ISC */
#include "logformat.h"

#include <stdlib.h>
#include <sysexits.h>

#include "bytes.h"
#include "clfhead.h"
#include "formatvalue.h"
#include "log.h"
#include "xalloc.h"

enum {
	OPS_MAX = 128,
	FORMAT_MAX = 16384, /* bytes of a log_format string */
	LITERAL_AHEAD = 16, /* bytes that can be read of a literal, however short */
};

struct logformat {
	char *text;    /* the format; names and literals point into it */
	char *literal; /* of the whole: what stands before the first variable */
	size_t literal_n;
	unsigned needs; /* of logformat_marks(), what its literals hold */
	bool clf;       /* it begins as clfhead.h has it */
	bool silent;    /* it names neither a request nor a message: the line is one */
	bool quoted;    /* all texts stand in quotes, but those that record.h names */
	size_t n;
	struct format_op ops[OPS_MAX];
};

/* ---- compiling ---- */

static bool in_name(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10 || c == '_';
}

/* The variable at its `$`: adds it to f. What follows, or NULL where it has no name. */
static char *variable(struct logformat *f, char *p)
{
	struct format_op *op = &f->ops[f->n];
	bool brace = *++p == '{';
	char *first = p += brace;

	while (in_name(*p))
		p++;
	if (p == first || (brace && *p != '}'))
		return NULL;
	*op = (struct format_op){.name = first, .name_n = (size_t)(p - first)};
	format_op_init(op);
	f->n++;
	return p + brace;
}

static bool is_path(const struct format_op *op)
{
	return op->meaning.field == FIELD_URL || op->meaning.field == FIELD_PATH;
}

/* $uri$is_args$args is a path with its query. */
static void join_args(struct logformat *f)
{
	for (size_t i = 0; i + 2 < f->n; i++) {
		struct format_op *op = &f->ops[i];

		if (!is_path(op) || op->literal_n || op[1].literal_n || op[1].name_n != 7 ||
		    memcmp(op[1].name, "is_args", 7) || op[2].meaning.field != FIELD_QUERY)
			continue;
		op->meaning.field = FIELD_URL;
		op->literal = op[2].literal;
		op->literal_n = op[2].literal_n;
		memmove(op + 1, op + 3, (f->n - i - 3) * sizeof(*op));
		f->n -= 2;
	}
}

/* Variables with nothing between: only where the second shows where it begins. */
static int check_neighbours(const struct logformat *f)
{
	for (size_t i = 0; i + 1 < f->n; i++) {
		const struct format_op *a = &f->ops[i], *b = &f->ops[i + 1];

		if (!a->literal_n && !is_path(b))
			return log_error(EX_USAGE, "--format: nothing stands between $%.*s and $%.*s",
					 (int)a->name_n, a->name, (int)b->name_n, b->name);
	}
	return 0;
}

/* Of several variables for one field the best has it, the others go to extra; the same again is left out. */
static void share_fields(struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->n; j++) {
			struct format_op *a = &f->ops[i];
			const struct format_op *b = &f->ops[j];

			if (j < i && a->name_n == b->name_n && !memcmp(a->name, b->name, a->name_n))
				a->kind = FORMAT_AGAIN;
			else if (i != j && a->meaning.field && a->meaning.field == b->meaning.field &&
				 (b->meaning.rank < a->meaning.rank ||
				  (b->meaning.rank == a->meaning.rank && j < i)))
				format_op_demote(a);
		}
}

/* Could the value be text with a quote in it? */
static bool may_quote(const struct format_op *op)
{
	switch (op->kind) {
	case FORMAT_TEXT:
		return !op->quoted && op->meaning.field != FIELD_REMOTE;
	case FORMAT_REQUEST:
	case FORMAT_URL:
	case FORMAT_PADDED:
		return !op->quoted;
	case FORMAT_MODULE:
	case FORMAT_CLIENT:
		return true;
	default:
		return op->kind == FORMAT_PAIRS;
	}
}

static bool all_quoted(const struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (may_quote(&f->ops[i]))
			return false;
	return true;
}

static bool has_time(const struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->ops[i].meaning.field == FIELD_TIME || f->ops[i].kind == FORMAT_PAIRS)
			return true;
	return false;
}

/* Could a line of the format say anything but its time? */
static bool is_silent(const struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		switch (f->ops[i].meaning.field) {
		case FIELD_REQUEST:
		case FIELD_METHOD:
		case FIELD_URL:
		case FIELD_PATH:
		case FIELD_STATUS:
		case FIELD_MESSAGE:
			return false;
		default:
			if (f->ops[i].kind == FORMAT_PAIRS)
				return false;
		}
	return true;
}

unsigned logformat_marks(const char *line, size_t n)
{
	static const char all[] = "\"[/{|";
	unsigned found = 0;

	for (size_t i = 0; all[i]; i++)
		if (memchr(line, all[i], n))
			found |= 1u << i;
	return found;
}

unsigned logformat_needs(const struct logformat *f)
{
	return f->needs;
}

static unsigned marks_of_literals(const struct logformat *f)
{
	unsigned found = logformat_marks(f->literal, f->literal_n);

	for (size_t i = 0; i < f->n; i++)
		if (f->ops[i].literal_n)
			found |= logformat_marks(f->ops[i].literal, f->ops[i].literal_n);
	return found;
}

static int compile(struct logformat *f, bool timeless)
{
	char *p = f->text, *dollar;

	f->literal = p;
	dollar = strchr(p, '$');
	f->literal_n = (size_t)(dollar - p);
	while (dollar) {
		if (f->n == OPS_MAX)
			return log_error(EX_USAGE, "--format: more than %d variables", OPS_MAX);
		p = variable(f, dollar);
		if (!p)
			return log_error(EX_USAGE, "--format: a `$` without the name of a variable: %.20s",
					 dollar);
		dollar = strchr(p, '$');
		f->ops[f->n - 1].literal = p;
		f->ops[f->n - 1].literal_n = dollar ? (size_t)(dollar - p) : strlen(p);
	}
	join_args(f);
	share_fields(f);
	for (size_t i = 0; i < f->n; i++)
		format_op_settle(&f->ops[i], i + 1 == f->n);
	f->clf = !f->literal_n && clfhead_is(f->ops, f->n);
	f->quoted = all_quoted(f);
	f->silent = is_silent(f);
	f->needs = marks_of_literals(f);
	if (!timeless && !has_time(f))
		return log_error(EX_USAGE, "--format: no time: it needs $time_local, $time_iso8601 or $msec");
	return check_neighbours(f);
}

int logformat_new(struct logformat **out, const char *format, bool timeless)
{
	struct logformat *f;
	int rc;

	*out = NULL;
	if (strlen(format) > FORMAT_MAX)
		return log_error(EX_USAGE, "--format: longer than %d bytes", FORMAT_MAX);
	f = xcalloc(1, sizeof(*f));
	f->text = xcalloc(1, strlen(format) + LITERAL_AHEAD + 1);
	memcpy(f->text, format, strlen(format));
	rc = compile(f, timeless);
	if (rc)
		logformat_free(f);
	else
		*out = f;
	return rc;
}

void logformat_free(struct logformat *f)
{
	if (!f)
		return;
	free(f->text);
	free(f);
}

/* ---- running ---- */

const char logformat_unlike[] = "the line does not match the format";

/* One variable and the literal behind it, from p on. What follows, or NULL, and *why where its kind tells more. */
static inline const char *run(const struct format_op *op, struct work *w, const char *line, const char *p,
			      const char *end, struct bytes_seen *seen, const char **why)
{
	bool escaped = false;
	struct slice value;
	const char *stop;

	stop = op->simple ? bytes_find_either(line, p, end, op->stop, '\\', seen) : end;
	if (stop == end || *stop != op->stop ||
	    (op->literal_n > 1 && !bytes_at(stop, end, op->literal, op->literal_n))) {
		stop = format_op_end(op, line, p, end, &escaped);
		if (!stop)
			return NULL;
		w->r->plain &= !op->quoted && bytes_find_special(p, stop) == stop;
	}
	value = (struct slice){p, (size_t)(stop - p)};
	if (escaped ? !format_op_unescape(op, w, value, why) : !op->take(op, w, value, why))
		return NULL;
	return stop + op->literal_n;
}

bool logformat_line(const struct logformat *f, struct work *w, const char *line, size_t n, const char **why)
{
	const char *p = line, *end = line + n, *behind = NULL;
	struct bytes_seen seen;
	size_t i = 0;

	*why = logformat_unlike;
	if (!bytes_at(p, end, f->literal, f->literal_n))
		return false;
	p += f->literal_n;
	w->r->plain = f->quoted;
	bytes_seen_init(&seen);
	if (f->clf)
		behind = clfhead_line(&f->ops[CLFHEAD_OPS - 1], w, line, end, &seen);
	if (behind) {
		i = CLFHEAD_OPS;
		p = behind;
	}
	for (; i < f->n; i++) {
		p = run(&f->ops[i], w, line, p, end, &seen, why);
		if (!p)
			return false;
	}
	if (p != end) {
		*why = logformat_unlike;
		return false;
	}
	w->r->plain &= bytes_seen_plain(&seen) && !f->silent;
	if (f->silent)
		w->r->message = (struct slice){line, n};
	if (w->have || w->n_spare)
		return fields_finish(w, why);
	return work_end(w, why);
}
