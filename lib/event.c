/* SPDX-License-Identifier: ISC */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonout.h"
#include "sha256.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

const char *const event_types[] = {"conversation", "action",      "decision",       "error",
				   "success",      "file_change", "test_run",       "deployment",
				   "refactoring",  "debugging",   "tool_execution", "discovery",
				   "learning",     "observation", "reflection",     NULL};

const char *const event_outcomes[] = {"success",  "failure", "partial", "ongoing",
				      "recorded", "unknown", NULL};

/* The columns in the order of enum event_column: name, and what a value has to be. */
#define COLUMNS                                                                                              \
	X(ID, "id", "string")                                                                                \
	X(SOURCE_ID, "source_id", "string")                                                                  \
	X(SOURCE_TYPE, "source_type", "string")                                                              \
	X(KIND, "kind", "string")                                                                            \
	X(TIMESTAMP, "timestamp", "string")                                                                  \
	X(EVENT_TYPE, "event_type", "string")                                                                \
	X(CONTENT, "content", "string")                                                                      \
	X(OUTCOME, "outcome", "string")                                                                      \
	X(PROJECT_ID, "project_id", "integer")                                                               \
	X(SESSION_ID, "session_id", "string")                                                                \
	X(ACTOR, "actor", "string")                                                                          \
	X(URL, "url", "string")                                                                              \
	X(REVISION, "revision", "integer")                                                                   \
	X(DURATION_MS, "duration_ms", "integer")                                                             \
	X(FILES_CHANGED, "files_changed", "integer")                                                         \
	X(LINES_ADDED, "lines_added", "integer")                                                             \
	X(LINES_DELETED, "lines_deleted", "integer")                                                         \
	X(FILE_PATH, "file_path", "string")                                                                  \
	X(LANGUAGE, "language", "string")                                                                    \
	X(DIFF, "diff", "string")                                                                            \
	X(GIT_COMMIT, "git_commit", "string")                                                                \
	X(GIT_AUTHOR, "git_author", "string")                                                                \
	X(ERROR_TYPE, "error_type", "string")                                                                \
	X(CODE_EVENT_TYPE, "code_event_type", "string")                                                      \
	X(CONTEXT, "context", "object")                                                                      \
	X(METADATA, "metadata", "object")

#define X(column, name, kind) [EVENT_##column] = (name),
const char *const event_column_names[EVENT_COLUMNS] = {COLUMNS};
#undef X
#define X(column, name, kind) [EVENT_##column] = name " is no " kind,
static const char *const wrong_kind[EVENT_COLUMNS] = {COLUMNS};
#undef X
#define X(column, name, kind) [EVENT_##column] = "no " name,
static const char *const absent[EVENT_COLUMNS] = {COLUMNS};
#undef X

bool event_column_is_integer(enum event_column c)
{
	return c == EVENT_PROJECT_ID || (c >= EVENT_REVISION && c <= EVENT_LINES_DELETED);
}

/* ---- writing ---- */

static void broken(const char *what)
{
	fprintf(stderr, "athena: broken invariant: an event without %s\n", what);
	abort();
}

/* An id that is too long keeps its beginning and gets the hash of the whole. */
static void write_id(struct jsonout *j, const char *id)
{
	size_t n = strlen(id), head;
	char hash[SHA256_HEX];
	struct buf fitted = {0};

	if (n <= EVENT_ID_MAX && text_valid(id, n)) {
		jsonout_member_n(j, "id", id, n);
		return;
	}
	text_repair(&fitted, id, n); /* which may lengthen it */
	if (fitted.len > EVENT_ID_MAX) {
		sha256_hex(id, n, hash);
		head = text_clip(fitted.data, fitted.len, EVENT_ID_MAX - SHA256_HEX);
		fitted.len = head;
		buf_addc(&fitted, '~');
		buf_adds(&fitted, hash);
	}
	jsonout_member_n(j, "id", fitted.data, fitted.len);
	buf_release(&fitted);
}

static bool in_range(int64_t us)
{
	return us >= STAMP_MIN && us <= STAMP_MAX;
}

static void write_timestamp(struct jsonout *j, const struct event *e)
{
	char text[STAMP_SIZE];
	size_t n = stamp_format(in_range(e->timestamp) ? e->timestamp : 0, text);

	jsonout_member_n(j, "timestamp", text, n);
}

static void write_integer(struct jsonout *j, const char *name, int64_t v)
{
	if (v != EVENT_NONE)
		jsonout_member_int(j, name, v);
}

static void write_text(struct jsonout *j, const char *name, const struct event_text *t, size_t max)
{
	jsonout_member_n(j, name, t->data, t->data ? text_clip(t->data, t->len, max) : 0);
}

static void write_metadata(struct jsonout *j, const struct event *e, size_t max)
{
	bool content = e->content.len > max, diff = e->diff.len > max, dated = in_range(e->timestamp);

	if (!e->metadata.len && dated && !content && !diff && !e->truncated)
		return;
	jsonout_name(j, "metadata");
	jsonout_open(j, '{');
	jsonout_raw(j, e->metadata.data, e->metadata.len);
	if (!dated)
		jsonout_member(j, "timestamp_raw", e->timestamp_raw ? e->timestamp_raw : "");
	if (content || diff || e->truncated) {
		jsonout_name(j, "truncated");
		jsonout_open(j, '[');
		if (content)
			jsonout_text(j, "content", 7);
		if (diff)
			jsonout_text(j, "diff", 4);
		for (const char *const *t = e->truncated; t && *t; t++)
			jsonout_text(j, *t, strlen(*t));
		jsonout_close(j, ']');
	}
	jsonout_close(j, '}');
}

static bool write_line(struct buf *out, const struct event *e, size_t max)
{
	struct jsonout j = {.out = out};
	size_t start = out->len;

	jsonout_open(&j, '{');
	write_id(&j, e->id);
	jsonout_member(&j, "source_id", e->source_id);
	jsonout_member(&j, "source_type", e->source_type);
	jsonout_member(&j, "kind", e->kind);
	write_timestamp(&j, e);
	jsonout_member(&j, "event_type", e->event_type);
	write_text(&j, "content", &e->content, max);
	jsonout_member(&j, "outcome", e->outcome);
	write_integer(&j, "project_id", e->project_id);
	jsonout_member(&j, "session_id", e->session_id);
	jsonout_member(&j, "actor", e->actor);
	jsonout_member(&j, "url", e->url);
	write_integer(&j, "revision", e->revision);
	write_integer(&j, "duration_ms", e->duration_ms);
	write_integer(&j, "files_changed", e->files_changed);
	write_integer(&j, "lines_added", e->lines_added);
	write_integer(&j, "lines_deleted", e->lines_deleted);
	jsonout_member(&j, "file_path", e->file_path);
	jsonout_member(&j, "language", e->language);
	write_text(&j, "diff", &e->diff, max);
	jsonout_member(&j, "git_commit", e->git_commit);
	jsonout_member(&j, "git_author", e->git_author);
	jsonout_member(&j, "error_type", e->error_type);
	jsonout_member(&j, "code_event_type", e->code_event_type);
	if (e->context.len) {
		jsonout_name(&j, "context");
		jsonout_open(&j, '{');
		jsonout_raw(&j, e->context.data, e->context.len);
		jsonout_close(&j, '}');
	}
	write_metadata(&j, e, max);
	jsonout_close(&j, '}');
	buf_addc(out, '\n');
	if (!out->over && out->len - start <= EVENT_LINE_MAX)
		return true;
	out->len = start;
	return false;
}

bool event_line(struct buf *out, const struct event *e)
{
	if (!e->id || !*e->id)
		broken("id");
	if (!e->source_id || !*e->source_id || !e->source_type || !e->kind || !e->event_type)
		broken("a required member");
	if (!e->content.data || !e->content.len)
		broken("content");
	/* Escapes lengthen: text that is mostly control bytes needs a second, closer cut. */
	return write_line(out, e, EVENT_TEXT_MAX) || write_line(out, e, EVENT_TEXT_MAX / 8);
}

/* ---- checking ---- */

static bool parse_integer(const struct jsonscan_member *m, int64_t *out)
{
	const char *p = m->value, *end = p + m->len;
	bool minus = *p == '-';
	int64_t v = 0;

	for (p += minus; p < end; p++) {
		if ((unsigned)(*p - '0') > 9)
			return false; /* a fraction or an exponent; jsonscan keeps the digits within 2^53 */
		v = v * 10 + (*p - '0');
	}
	*out = minus ? -v : v;
	return true;
}

static bool is_word(const struct jsonscan_member *m, const char *const *words)
{
	for (; *words; words++)
		if (**words == m->value[1] && m->len == strlen(*words) + 2 &&
		    !memcmp(m->value + 1, *words, m->len - 2))
			return true;
	return false;
}

/* Bytes of the text of a string member. */
static size_t text_length(const struct jsonscan_member *m)
{
	size_t raw = m->len - 2, n;
	char *text;

	if (!m->escaped)
		return raw;
	text = xmalloc(raw);
	n = jsonscan_unescape(m->value + 1, raw, text);
	free(text);
	return n;
}

static bool kind_is_right(enum event_column c, const struct jsonscan_member *m, int64_t *integer)
{
	if (event_column_is_integer(c))
		return m->type == JSONSCAN_NUMBER && parse_integer(m, integer);
	if (c == EVENT_CONTEXT || c == EVENT_METADATA)
		return m->type == JSONSCAN_OBJECT;
	return m->type == JSONSCAN_STRING;
}

static void add_unknown(struct event_fields *f, size_t at)
{
	if (f->unknown == f->unknown_cap) {
		f->unknown_cap = f->unknown_cap ? f->unknown_cap * 2 : 16;
		f->unknown_at = xreallocarray(f->unknown_at, f->unknown_cap, sizeof(*f->unknown_at));
	}
	f->unknown_at[f->unknown++] = at;
}

/* Its name makes a line a control record. */
static bool is_control(const struct jsonscan_member *m)
{
	char room[6 * 6]; /* each letter may be an escape */
	const char *name = m->name;
	size_t n = m->name_len;

	if (m->name_escaped && n <= sizeof(room)) {
		n = jsonscan_unescape(name, n, room);
		name = room;
	}
	return n == 6 && !memcmp(name, "athena", 6);
}

static bool values_are_sound(struct event_fields *f, const char **why)
{
	const struct jsonscan_member *const *column = f->column;

	for (int c = 0; c <= EVENT_CONTENT; c++) {
		if (!column[c] || column[c]->len == 2) {
			*why = column[c] ? "an empty required member" : absent[c];
			return false;
		}
	}
	if (text_length(column[EVENT_ID]) > EVENT_ID_MAX)
		*why = "id is longer than 512 bytes";
	else if (!stamp_is_canonical(column[EVENT_TIMESTAMP]->value + 1, column[EVENT_TIMESTAMP]->len - 2))
		*why = "timestamp is not RFC 3339 in UTC with Z, whole seconds or 1 to 6 digits without a "
		       "trailing zero";
	else if (!is_word(column[EVENT_EVENT_TYPE], event_types))
		*why = "event_type is none of the 15 words";
	else if (column[EVENT_OUTCOME] && !is_word(column[EVENT_OUTCOME], event_outcomes))
		*why = "outcome is none of the 6 words";
	else
		return true;
	return false;
}

bool event_check(const struct jsonscan *scan, struct event_fields *f, const char **why)
{
	const char *wrong = NULL;

	if (scan->usual != event_column_names)
		broken("EVENT_SCAN");
	memset(f->column, 0, sizeof(f->column));
	f->control = NULL;
	f->unknown = 0;
	for (size_t i = 0; i < scan->n; i++) {
		const struct jsonscan_member *m = &scan->members[i];
		bool known = m->number >= 0 && m->number < EVENT_COLUMNS;

		if (!known && is_control(m)) {
			f->control = m;
			return true;
		}
		if (!known || m->type == JSONSCAN_NULL) {
			add_unknown(f, i);
			continue;
		}
		/* `athena` may still follow, and a control record has no rule for its other members */
		if (!kind_is_right((enum event_column)m->number, m, &f->integer[m->number]) && !wrong)
			wrong = wrong_kind[m->number];
		f->column[m->number] = m;
	}
	if (wrong) {
		*why = wrong;
		return false;
	}
	return values_are_sound(f, why);
}

void event_fields_release(struct event_fields *f)
{
	free(f->unknown_at);
	*f = (struct event_fields){0};
}
