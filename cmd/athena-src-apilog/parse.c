/* SPDX-License-Identifier: ISC */
#include "parse.h"

#include <string.h>
#include <stdlib.h>
#include <sysexits.h>

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
	int only;                                /* the format that was given; FORMAT_NONE: auto */
	struct slice columns;                    /* of FORMAT_W3C, where the file names none; borrowed */
	struct logformat *programs[FORMATS_MAX]; /* NULL: not needed up to now */
	const char *names[FORMATS_MAX], *formats[FORMATS_MAX];
	int n_programs;
};

#define COMBINED COMMON " \"$http_referer\" \"$http_user_agent\""
#define COMMON   "$remote_addr $remote_ident $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
#define VHOST                                                                                                \
	"$vhost $client_addr $remote_ident $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
#define ENVOY "[$time_iso8601] \"$request\" $status $response_flags"

/* What is known without being told. Each is exact: no line matches two of them. */
static const struct {
	const char *name, *format;
} known[] = {
	{"combined", COMBINED},
	{"common", COMMON},
	{"combined with forwarded-for", COMBINED " \"$forwarded\""},
	{"combined with request time", COMBINED " $seconds"},
	{"combined with request and upstream time", COMBINED " $seconds $upstream_within"},
	{"combined with forwarded-for and request time", COMBINED " \"$forwarded\" $seconds"},
	{"combined with forwarded-for, request and upstream time",
	 COMBINED " \"$forwarded\" $seconds $upstream_within"},
	{"combined with host", COMBINED " $behind_host"},
	{"combined with quoted host", COMBINED " \"$behind_host\""},
	{"combined with key=value", COMBINED " $key_values"},
	{"combined with forwarded-for and key=value", COMBINED " \"$forwarded\" $key_values"},
	{"combined with bytes in and out", COMBINED " $bytes_received $bytes_with_head"},
	{"combined with seconds and microseconds", COMBINED " $seconds_and_micros"},
	{"ingress-nginx",
	 COMBINED " $request_length $seconds [$proxy_upstream_name] [$proxy_alternative_upstream_name] "
		  "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status "
		  "$req_id"},
	{"traefik", COMBINED " $request_count \"$router_name\" \"$service_url\" ${request_time_ms}ms"},
	{"haproxy", COMMON
	 " \"\" \"\" $client_port $milliseconds \"$frontend_name\" \"$backend_name\" \"$haproxy_server\" "
	 "$Tq $Tw $Tc $Tr $Tt \"$termination_state\" $actconn $feconn $beconn $srv_conn $retries "
	 "$srv_queue $backend_queue $captured"},
	{"envoy",
	 ENVOY " $bytes_received $bytes_sent $request_time_ms $upstream_service_time \"$x_forwarded_for\" "
	       "\"$http_user_agent\" \"$req_id\" \"$authority\" \"$upstream_host\""},
	{"istio",
	 ENVOY " $response_code_details $connection_termination_details "
	       "\"$upstream_transport_failure_reason\" $bytes_received $bytes_sent $request_time_ms "
	       "$upstream_service_time \"$x_forwarded_for\" \"$http_user_agent\" \"$req_id\" \"$authority\" "
	       "\"$upstream_host\" $upstream_cluster $upstream_local_address "
	       "$downstream_local_address $remote_addr $requested_server_name $route_name"},
	{"vhost combined", VHOST " \"$http_referer\" \"$http_user_agent\""},
	{"vhost common", VHOST},
	{"vhost combined with request time", VHOST " \"$http_referer\" \"$http_user_agent\" $seconds"},
	{"vhost combined with key=value", VHOST " \"$http_referer\" \"$http_user_agent\" $key_values"},
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static void add_program(struct parser *p, const char *name, const char *format)
{
	p->names[p->n_programs] = name;
	p->formats[p->n_programs++] = format;
}

static bool compile(struct parser *p, int i)
{
	return !logformat_new(&p->programs[i], p->formats[i]);
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
		return compile(p, 0) ? 0 : EX_USAGE;
	}
	if (!strcmp(format, "json") || !strcmp(format, "logfmt")) {
		p->only = *format == 'j' ? FORMAT_JSON : FORMAT_LOGFMT;
		return 0;
	}
	if (!strcmp(format, "combined") || !strcmp(format, "common")) {
		p->only = FORMAT_PROGRAM;
		add_program(p, format[3] == 'b' ? "combined" : "common",
			    format[3] == 'b' ? COMBINED : COMMON);
		return 0;
	}
	if (strcmp(format, "auto") != 0)
		return log_error(EX_USAGE,
				 "--format: %s: auto, json, combined, common, logfmt, w3c, or an nginx "
				 "log_format with $variables",
				 format);
	for (int i = 0; i < KNOWN; i++)
		add_program(p, known[i].name, known[i].format);
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

static bool try_format(struct parser *p, const struct parse_state *state, int format, const char *line,
		       size_t n, struct record *r, const char **why)
{
	work_line(&p->work, r, n);
	if (format == FORMAT_JSON)
		return jsonlog_line(&p->work, line, n, why);
	if (format == FORMAT_LOGFMT)
		return logfmt_line(&p->work, line, n, why);
	if (format == FORMAT_W3C)
		return w3c_line(&p->work, state->n ? (struct slice){state->columns, state->n} : p->columns,
				line, n, why);
	format -= FORMAT_PROGRAM;
	return (p->programs[format] || compile(p, format)) &&
	       logformat_line(p->programs[format], &p->work, line, n, why);
}

/* A line whose file had another format up to now, or none yet. */
static bool detect(struct parser *p, struct parse_state *state, const char *line, size_t n, struct record *r,
		   const char **why)
{
	const char *also;

	for (int f = FORMAT_PROGRAM; f < FORMAT_PROGRAM + p->n_programs; f++)
		if (f != state->format && try_format(p, state, f, line, n, r, &also)) {
			state->format = f;
			return true;
		}
	if (state->format != FORMAT_LOGFMT && try_format(p, state, FORMAT_LOGFMT, line, n, r, &also)) {
		state->format = FORMAT_LOGFMT;
		return true;
	}
	if (state->format != FORMAT_W3C && state->n && try_format(p, state, FORMAT_W3C, line, n, r, &also)) {
		state->format = FORMAT_W3C;
		return true;
	}
	if (state->format == FORMAT_NONE || state->format == FORMAT_JSON)
		*why = n ? "no format matches" : "an empty line";
	return false;
}

static bool takes_directives(const struct parser *p)
{
	return p->only == FORMAT_NONE || p->only == FORMAT_W3C;
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
	if (space < n && line[space] == '{') {
		if (!try_format(p, state, FORMAT_JSON, line, n, r, why))
			return false;
		state->format = FORMAT_JSON;
		return true;
	}
	if (state->format > FORMAT_JSON && try_format(p, state, state->format, line, n, r, why))
		return true;
	return detect(p, state, line, n, r, why);
}

static void add_text(struct work *w, const char *name, struct slice s)
{
	const struct token t = {.p = s.p, .n = s.n, .type = TOKEN_TEXT};
	uint32_t i = work_member(w, name, strlen(name));

	if (i && members_first(&w->members, i, w->object))
		work_extra(w, i, &t);
	w->r->extra.over = w->lost;
}

/* A line out of a container: what has no time of its own has the runtime's, and what is in no format is a
 * message. */
static bool inner_line(struct parser *p, struct parse_state *state, const struct wrapped *inner,
		       struct record *r, const char **why)
{
	bool taken;

	p->work.outer = inner->time;
	taken = plain_line(p, state, inner->line.p, inner->line.n, r, why);
	p->work.outer = RECORD_NONE;
	if (!taken && (!*why || !inner->line.n))
		return false;
	if (!taken) {
		work_line(&p->work, r, inner->line.n);
		r->time = inner->time;
		r->message = inner->line;
	}
	add_text(&p->work, "stream", inner->stream);
	if (inner->partial)
		add_text(&p->work, "logtag", (struct slice){"P", 1});
	return true;
}

/* A line that may be out of a container. */
static bool any_line(struct parser *p, struct parse_state *state, const char *line, size_t n,
		     struct record *r, const char **why)
{
	struct wrapped inner;

	if (wrapped_line(&p->wrapper, line, n, &inner))
		return inner_line(p, state, &inner, r, why);
	return plain_line(p, state, line, n, r, why);
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
