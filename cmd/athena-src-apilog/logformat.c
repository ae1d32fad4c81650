/* SPDX-License-Identifier: ISC */
#include "logformat.h"

#include <stdlib.h>
#include <sysexits.h>

#include "formatvalue.h"
#include "log.h"
#include "xalloc.h"

enum {
	OPS_MAX = 128,
	FORMAT_MAX = 16384, /* bytes of a log_format string */
};

struct logformat {
	char *text;    /* the format; names and literals point into it */
	char *literal; /* of the whole: what stands before the first variable */
	size_t literal_n;
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

/* Of several variables for one field the best has it, the others go to extra. */
static void share_fields(struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->n; j++) {
			struct format_op *a = &f->ops[i];
			const struct format_op *b = &f->ops[j];

			if (i != j && a->meaning.field && a->meaning.field == b->meaning.field &&
			    (b->meaning.rank < a->meaning.rank ||
			     (b->meaning.rank == a->meaning.rank && j < i)))
				format_op_demote(a);
		}
}

static bool has_time(const struct logformat *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->ops[i].meaning.field == FIELD_TIME || f->ops[i].kind == FORMAT_PAIRS)
			return true;
	return false;
}

static int compile(struct logformat *f)
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
	for (size_t i = 0; i < f->n; i++)
		f->ops[i].quoted = f->ops[i].literal_n && *f->ops[i].literal == '"';
	f->ops[f->n - 1].last = true;
	share_fields(f);
	if (!has_time(f))
		return log_error(EX_USAGE, "--format: no time: it needs $time_local, $time_iso8601 or $msec");
	return check_neighbours(f);
}

int logformat_new(struct logformat **out, const char *format)
{
	struct logformat *f;
	int rc;

	*out = NULL;
	if (strlen(format) > FORMAT_MAX)
		return log_error(EX_USAGE, "--format: longer than %d bytes", FORMAT_MAX);
	f = xcalloc(1, sizeof(*f));
	f->text = xstrdup(format);
	rc = compile(f);
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

bool logformat_line(const struct logformat *f, struct work *w, const char *line, size_t n, const char **why)
{
	const char *p = line, *end = line + n;
	struct record *r = w->r;

	*why = "the line does not match the format";
	if (n < f->literal_n || memcmp(p, f->literal, f->literal_n))
		return false;
	p += f->literal_n;
	for (size_t i = 0; i < f->n; i++) {
		const struct format_op *op = &f->ops[i];
		bool escaped;
		const char *stop = format_op_end(op, p, end, &escaped);

		if (!stop || !format_op_take(op, w, p, (size_t)(stop - p), escaped, why))
			return false;
		p = stop + op->literal_n;
	}
	if (p != end)
		return false;
	if (w->have || w->n_spare)
		return fields_finish(w, why);
	r->extra.over = w->lost;
	*why = r->time == RECORD_NONE ? "no time in the line" : "neither a request nor a message in the line";
	return r->time != RECORD_NONE && (r->method.p || r->path.p || r->status || r->message.p);
}
