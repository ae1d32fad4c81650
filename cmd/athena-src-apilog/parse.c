/* SPDX-License-Identifier: ISC */
#include "parse.h"

#include <string.h>
#include <stdlib.h>
#include <sysexits.h>

#include "builtin.h"
#include "fields.h"
#include "jsonlog.h"
#include "log.h"
#include "logfmt.h"
#include "logformat.h"
#include "w3c.h"
#include "wrapped.h"
#include "xalloc.h"

/* Formats by number: what parse_state holds. From FORMAT_PROGRAM on: a program, in their order. */
enum { FORMAT_NONE, FORMAT_JSON, FORMAT_LOGFMT, FORMAT_W3C, FORMAT_PROGRAM, FORMATS_MAX = 64 };

struct parser {
	struct work work;
	struct wrapper wrapper;
	struct mapping *mappings;
	size_t n_mappings;
	bool any;             /* auto */
	int only;             /* the format that was given; FORMAT_NONE: one of the programs */
	struct slice columns; /* of FORMAT_W3C, where the file names none; borrowed */
	struct logformat *programs[FORMATS_MAX]; /* NULL: not needed up to now */
	const char *names[FORMATS_MAX], *formats[FORMATS_MAX];
	int n_programs;
};

static void add_program(struct parser *p, const char *name, const char *format)
{
	p->names[p->n_programs] = name;
	p->formats[p->n_programs++] = format;
}

static bool compile(struct parser *p, int i, bool timeless)
{
	return !logformat_new(&p->programs[i], p->formats[i], timeless);
}

/* "NAME=PATH" */
static int add_mapping(struct parser *p, const char *field)
{
	const char *equals = strchr(field, '=');
	struct mapping *m = &p->mappings[p->n_mappings];

	if (!equals || !equals[1])
		return log_error(EX_USAGE, "--field: %s: not NAME=PATH", field);
	m->meaning = names_option(field, (size_t)(equals - field));
	if (!m->meaning.field)
		return log_error(EX_USAGE, "--field: %.*s: no such field; there are %s",
				 (int)(equals - field), field, names_options);
	m->path = equals + 1;
	m->n = strlen(m->path);
	p->n_mappings++;
	return 0;
}

static int choose(struct parser *p, const char *format)
{
	if (!strcmp(format, "w3c") || w3c_fields(format, strlen(format), &p->columns)) {
		p->only = FORMAT_W3C;
		return 0;
	}
	if (strchr(format, '$')) {
		p->only = FORMAT_PROGRAM;
		add_program(p, "the format given", format);
		return compile(p, 0, false) ? 0 : EX_USAGE;
	}
	if (!strcmp(format, "json") || !strcmp(format, "logfmt")) {
		p->only = *format == 'j' ? FORMAT_JSON : FORMAT_LOGFMT;
		return 0;
	}
	p->any = !strcmp(format, "auto");
	for (size_t i = 0; i < builtin_n; i++)
		if (p->any || (*format && !strcmp(format, builtin[i].family)))
			add_program(p, builtin[i].name, builtin[i].format);
	if (!p->n_programs)
		return log_error(EX_USAGE,
				 "--format: %s: auto, json, logfmt, w3c, %s, or an nginx log_format with "
				 "$variables",
				 format, builtin_families);
	p->only = p->n_programs == 1 ? FORMAT_PROGRAM : FORMAT_NONE;
	return 0;
}

int parser_new(struct parser **out, const char *format, const char *const *fields, size_t n_fields)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	int rc = 0;

	p->mappings = xcalloc(n_fields + 1, sizeof(*p->mappings));
	for (size_t i = 0; i < n_fields && !rc; i++)
		rc = add_mapping(p, fields[i]);
	if (!rc)
		rc = choose(p, format);
	work_init(&p->work, p->mappings, p->n_mappings);
	if (rc) {
		parser_free(p);
		p = NULL;
	}
	*out = p;
	return rc;
}

void parser_free(struct parser *p)
{
	if (!p)
		return;
	for (int i = 0; i < p->n_programs; i++)
		logformat_free(p->programs[i]);
	work_release(&p->work);
	wrapper_release(&p->wrapper);
	free(p->mappings);
	free(p);
}

void record_release(struct record *r)
{
	buf_release(&r->extra);
	*r = (struct record){0};
}

static inline bool try_program(struct parser *p, int format, const char *line, size_t n, struct record *r,
			       const char **why)
{
	int i = format - FORMAT_PROGRAM;

	work_line(&p->work, r, n);
	return (p->programs[i] || compile(p, i, true)) &&
	       logformat_line(p->programs[i], &p->work, line, n, why);
}

static bool try_format(struct parser *p, const struct parse_state *state, int format, const char *line,
		       size_t n, struct record *r, const char **why)
{
	if (format >= FORMAT_PROGRAM)
		return try_program(p, format, line, n, r, why);
	work_line(&p->work, r, n);
	if (format == FORMAT_JSON)
		return jsonlog_line(&p->work, line, n, why);
	if (format == FORMAT_LOGFMT)
		return logfmt_line(&p->work, line, n, why);
	return w3c_line(&p->work, state->n ? (struct slice){state->columns, state->n} : p->columns, line, n,
			why);
}

static const char no_format[] = "no format matches";
static const char no_year[] = "in no format that has a time, and that of its syslog head has no year";

const char *parser_advice(const char *why)
{
	static const struct {
		const char *why, *advice;
	} all[] = {
		{no_format,
		 "--format says what stands in a line, as --format '$remote_addr [$time_local] \"$request\" "
		 "$status $request_time', and --field what members mean; see athena-src-apilog(1)"},
		{work_no_time,
		 "let the program write a time with its zone; a container runtime or a syslog daemon that "
		 "keeps the line adds one, too"},
		{no_year, "let the syslog daemon write times of RFC 3339"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (why == all[i].why)
			return all[i].advice;
	return NULL;
}

/* Is it a line of that format, which its file did not have up to now? */
static bool change(struct parser *p, struct parse_state *state, int format, const char *line, size_t n,
		   struct record *r, const char **why)
{
	const char *also = "";

	if (format == state->format)
		return false;
	if (try_format(p, state, format, line, n, r, &also)) {
		state->format = format;
		return true;
	}
	if (also == work_no_time)
		*why = also;
	return false;
}

/* At a glance: most are told apart by it. */
static bool may_match(struct parser *p, int i, unsigned marks)
{
	return (p->programs[i] || compile(p, i, true)) && !(logformat_needs(p->programs[i]) & ~marks);
}

/* A line whose file had another format up to now, or none yet. */
static bool detect(struct parser *p, struct parse_state *state, const char *line, size_t n, struct record *r,
		   const char **why)
{
	unsigned marks = logformat_marks(line, n);

	if (state->format == FORMAT_NONE || state->format == FORMAT_JSON)
		*why = n ? no_format : "an empty line";
	for (int i = 0; i < p->n_programs; i++)
		if (may_match(p, i, marks) && change(p, state, FORMAT_PROGRAM + i, line, n, r, why))
			return true;
	return (p->any && change(p, state, FORMAT_LOGFMT, line, n, r, why)) ||
	       (state->n && change(p, state, FORMAT_W3C, line, n, r, why));
}

static bool takes_directives(const struct parser *p)
{
	return p->any || p->only == FORMAT_W3C;
}

/* Of W3C. `#Fields:` may come again, with other columns. */
static bool directive(struct parse_state *state, const char *line, size_t n, const char **why)
{
	struct slice names;

	*why = NULL;
	if (!w3c_fields(line, n, &names))
		return false;
	*why = names.n > PARSE_COLUMNS ? "`#Fields:` names too many columns" : NULL;
	state->format = FORMAT_W3C;
	state->n = *why ? 0 : names.n;
	memcpy(state->columns, names.p, state->n);
	return false;
}

static bool inner_line(struct parser *p, struct parse_state *state, const struct wrapped *inner,
		       struct record *r, const char **why);

/* An object; of the journal the line within, where that is in a format, or where the journal has it as bytes. */
static bool object_line(struct parser *p, struct parse_state *state, const char *line, size_t n,
			struct record *r, const char **why)
{
	bool taken = try_format(p, state, FORMAT_JSON, line, n, r, why);
	struct wrapped inner;

	if (p->work.dialects & 1u << DIALECT_JOURNAL && p->work.outer == RECORD_NONE &&
	    wrapped_journal(&p->wrapper, line, n, &inner)) {
		inner.sure = !taken;
		if (inner_line(p, state, &inner, r, why))
			return true;
		taken = try_format(p, state, FORMAT_JSON, line, n, r, why);
	}
	if (taken)
		state->format = FORMAT_JSON;
	return taken;
}

/* A line as its program wrote it. */
static bool plain_line(struct parser *p, struct parse_state *state, const char *line, size_t n,
		       struct record *r, const char **why)
{
	size_t space = 0;

	if (n && *line == '#' && takes_directives(p) && w3c_is_directive(line, n))
		return directive(state, line, n, why);
	if (p->only) {
		state->format = p->only;
		return try_format(p, state, p->only, line, n, r, why);
	}
	while (space < n && (line[space] == ' ' || line[space] == '\t'))
		space++;
	if (p->any && space < n && line[space] == '{')
		return object_line(p, state, line, n, r, why);
	if (state->format > FORMAT_JSON &&
	    (state->format >= FORMAT_PROGRAM ? try_program(p, state->format, line, n, r, why)
					     : try_format(p, state, state->format, line, n, r, why)))
		return true;
	return detect(p, state, line, n, r, why);
}

static void add_text(struct work *w, const char *name, struct slice s)
{
	const struct token t = {.p = s.p, .n = s.n, .type = TOKEN_TEXT};
	uint32_t i = !s.n || (s.n == 1 && *s.p == '-') ? 0 : work_member(w, name, strlen(name));

	if (i && members_first(&w->members, i, w->object))
		work_extra(w, i, &t);
	w->r->extra.over = w->lost;
}

/* What is in no format is a message, where it is sure that it stands behind such a head, and when. */
static bool inner_message(struct parser *p, const struct wrapped *inner, struct record *r, const char **why)
{
	if (!*why || !inner->line.n)
		return false;
	if (inner->time == RECORD_NONE) {
		if (*why == no_format || *why == work_no_time || *why == logformat_unlike)
			*why = no_year;
		return false;
	}
	if (!inner->sure)
		return false;
	work_line(&p->work, r, inner->line.n);
	r->time = inner->time;
	r->message = inner->line;
	if (inner->message.n) /* with what it says of itself */
		r->message = (struct slice){inner->message.p,
					    (size_t)(inner->line.p + inner->line.n - inner->message.p)};
	r->level = inner->level;
	return true;
}

/* A line out of a container or a syslog; what has no time of its own has that one's. */
static bool inner_line(struct parser *p, struct parse_state *state, const struct wrapped *inner,
		       struct record *r, const char **why)
{
	bool taken;

	p->work.outer = inner->time;
	p->work.outer_east = inner->east;
	taken = plain_line(p, state, inner->line.p, inner->line.n, r, why);
	p->work.outer = RECORD_NONE;
	p->work.outer_east = LOGTIME_HERE;
	if (!taken && !inner_message(p, inner, r, why))
		return false;
	if (inner->message.n && !r->message.n) {
		r->message = inner->message;
		r->level = r->level.n ? r->level : inner->level;
		r->plain = false;
	}
	add_text(&p->work, "stream", inner->stream);
	if (inner->partial)
		add_text(&p->work, "logtag", (struct slice){"P", 1});
	add_text(&p->work, "hostname", inner->hostname);
	add_text(&p->work, "program", inner->program);
	add_text(&p->work, "procid", inner->procid);
	add_text(&p->work, "logger", inner->logger);
	add_text(&p->work, "caller", inner->caller);
	return true;
}

/* A line that may be out of one. A format that was given may be that of the line with its head. */
static bool any_line(struct parser *p, struct parse_state *state, const char *line, size_t n,
		     struct record *r, const char **why)
{
	struct wrapped inner;

	if (!wrapped_line(&p->wrapper, line, n, &inner))
		return plain_line(p, state, line, n, r, why);
	if (inner.syslog && p->only == FORMAT_PROGRAM && plain_line(p, state, line, n, r, why))
		return true;
	return inner_line(p, state, &inner, r, why);
}

bool parser_line(struct parser *p, struct parse_state *state, const char *line, size_t n, struct record *r,
		 const char **why)
{
	if (n && line[n - 1] == '\r')
		n--;
	if (n >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) {
		line += 3;
		n -= 3;
	}
	if (wrapped_perhaps(line, n))
		return any_line(p, state, line, n, r, why);
	return plain_line(p, state, line, n, r, why);
}

bool parser_needs_head(const struct parser *p, const char *head, size_t n)
{
	size_t bom = n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3) ? 3 : 0;

	return takes_directives(p) && w3c_is_directive(head + bom, n - bom);
}

const char *parser_format_name(const struct parser *p, const struct parse_state *state)
{
	if (state->format == FORMAT_NONE)
		return "none yet";
	if (state->format == FORMAT_JSON)
		return "json";
	if (state->format == FORMAT_LOGFMT)
		return "logfmt";
	if (state->format == FORMAT_W3C)
		return "w3c";
	return p->names[state->format - FORMAT_PROGRAM];
}
