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

const char *const event_column_names[EVENT_COLUMNS] = {
	[EVENT_ID] = "id",
	[EVENT_SOURCE_ID] = "source_id",
	[EVENT_SOURCE_TYPE] = "source_type",
	[EVENT_KIND] = "kind",
	[EVENT_TIMESTAMP] = "timestamp",
	[EVENT_EVENT_TYPE] = "event_type",
	[EVENT_CONTENT] = "content",
	[EVENT_OUTCOME] = "outcome",
	[EVENT_PROJECT_ID] = "project_id",
	[EVENT_SESSION_ID] = "session_id",
	[EVENT_ACTOR] = "actor",
	[EVENT_URL] = "url",
	[EVENT_REVISION] = "revision",
	[EVENT_DURATION_MS] = "duration_ms",
	[EVENT_FILES_CHANGED] = "files_changed",
	[EVENT_LINES_ADDED] = "lines_added",
	[EVENT_LINES_DELETED] = "lines_deleted",
	[EVENT_FILE_PATH] = "file_path",
	[EVENT_LANGUAGE] = "language",
	[EVENT_DIFF] = "diff",
	[EVENT_GIT_COMMIT] = "git_commit",
	[EVENT_GIT_AUTHOR] = "git_author",
	[EVENT_ERROR_TYPE] = "error_type",
	[EVENT_CODE_EVENT_TYPE] = "code_event_type",
	[EVENT_CONTEXT] = "context",
	[EVENT_METADATA] = "metadata",
};

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

enum { NAME_MAX_LEN = 15, SAME_LENGTH_MAX = 6 };

/*
 * The columns by the length of their names; a zero (EVENT_ID, which
 * has the only name of two letters) ends a row.
 */
static const unsigned char by_length[NAME_MAX_LEN + 1][SAME_LENGTH_MAX + 1] = {
	[3] = {EVENT_URL},
	[4] = {EVENT_KIND, EVENT_DIFF},
	[5] = {EVENT_ACTOR},
	[7] = {EVENT_CONTENT, EVENT_OUTCOME, EVENT_CONTEXT},
	[8] = {EVENT_LANGUAGE, EVENT_REVISION, EVENT_METADATA},
	[9] = {EVENT_SOURCE_ID, EVENT_TIMESTAMP, EVENT_FILE_PATH},
	[10] = {EVENT_EVENT_TYPE, EVENT_PROJECT_ID, EVENT_SESSION_ID, EVENT_GIT_COMMIT, EVENT_GIT_AUTHOR,
		EVENT_ERROR_TYPE},
	[11] = {EVENT_SOURCE_TYPE, EVENT_DURATION_MS, EVENT_LINES_ADDED},
	[13] = {EVENT_FILES_CHANGED, EVENT_LINES_DELETED},
	[15] = {EVENT_CODE_EVENT_TYPE},
};

/* The column of a name, EVENT_COLUMNS where there is none. */
static enum event_column find_column(const char *name, size_t n)
{
	if (n == 2 && !memcmp(name, "id", 2))
		return EVENT_ID;
	if (n > NAME_MAX_LEN)
		return EVENT_COLUMNS;
	for (const unsigned char *c = by_length[n]; *c; c++)
		if (event_column_names[*c][n / 2] == name[n / 2] && !memcmp(event_column_names[*c], name, n))
			return (enum event_column) * c;
	return EVENT_COLUMNS;
}

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
		if (m->len == strlen(*words) + 2 && !memcmp(m->value + 1, *words, m->len - 2))
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

static const char *const wrong_kind[EVENT_COLUMNS] = {
	[EVENT_ID] = "id is no string",
	[EVENT_SOURCE_ID] = "source_id is no string",
	[EVENT_SOURCE_TYPE] = "source_type is no string",
	[EVENT_KIND] = "kind is no string",
	[EVENT_TIMESTAMP] = "timestamp is no string",
	[EVENT_EVENT_TYPE] = "event_type is no string",
	[EVENT_CONTENT] = "content is no string",
	[EVENT_OUTCOME] = "outcome is no string",
	[EVENT_PROJECT_ID] = "project_id is no integer",
	[EVENT_SESSION_ID] = "session_id is no string",
	[EVENT_ACTOR] = "actor is no string",
	[EVENT_URL] = "url is no string",
	[EVENT_REVISION] = "revision is no integer",
	[EVENT_DURATION_MS] = "duration_ms is no integer",
	[EVENT_FILES_CHANGED] = "files_changed is no integer",
	[EVENT_LINES_ADDED] = "lines_added is no integer",
	[EVENT_LINES_DELETED] = "lines_deleted is no integer",
	[EVENT_FILE_PATH] = "file_path is no string",
	[EVENT_LANGUAGE] = "language is no string",
	[EVENT_DIFF] = "diff is no string",
	[EVENT_GIT_COMMIT] = "git_commit is no string",
	[EVENT_GIT_AUTHOR] = "git_author is no string",
	[EVENT_ERROR_TYPE] = "error_type is no string",
	[EVENT_CODE_EVENT_TYPE] = "code_event_type is no string",
	[EVENT_CONTEXT] = "context is no object",
	[EVENT_METADATA] = "metadata is no object",
};

static const char *const absent[EVENT_CONTENT + 1] = {
	[EVENT_ID] = "no id",
	[EVENT_SOURCE_ID] = "no source_id",
	[EVENT_SOURCE_TYPE] = "no source_type",
	[EVENT_KIND] = "no kind",
	[EVENT_TIMESTAMP] = "no timestamp",
	[EVENT_EVENT_TYPE] = "no event_type",
	[EVENT_CONTENT] = "no content",
};

static void add_unknown(struct event_fields *f, size_t at)
{
	if (f->unknown == f->unknown_cap) {
		f->unknown_cap = f->unknown_cap ? f->unknown_cap * 2 : 16;
		f->unknown_at = xreallocarray(f->unknown_at, f->unknown_cap, sizeof(*f->unknown_at));
	}
	f->unknown_at[f->unknown++] = at;
}

/*
 * The member's name as text; `room` is used where it holds
 * escapes. Longer than any name of ours: as it is.
 */
static const char *plain_name(const struct jsonscan_member *m, char *room, size_t size, size_t *n)
{
	*n = m->name_len;
	if (!m->name_escaped || m->name_len > size)
		return m->name;
	*n = jsonscan_unescape(m->name, m->name_len, room);
	return room;
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

	memset(f->column, 0, sizeof(f->column));
	f->control = NULL;
	f->unknown = 0;
	for (size_t i = 0; i < scan->n; i++) {
		const struct jsonscan_member *m = &scan->members[i];
		char room[64 * 6];
		size_t n;
		const char *name = plain_name(m, room, sizeof(room), &n);
		enum event_column c = n ? find_column(name, n) : EVENT_COLUMNS;

		if (n == 6 && !memcmp(name, "athena", 6)) {
			f->control = m;
			return true;
		}
		if (c == EVENT_COLUMNS || m->type == JSONSCAN_NULL) {
			add_unknown(f, i);
			continue;
		}
		/* `athena` may still follow, and a control record has no rule for its other members */
		if (!kind_is_right(c, m, &f->integer[c]) && !wrong)
			wrong = wrong_kind[c];
		f->column[c] = m;
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
