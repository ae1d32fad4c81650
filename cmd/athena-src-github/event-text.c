/* SPDX-License-Identifier: ISC */
#include "github-event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "jsonout.h"
#include "stamp.h"
#include "text.h"

enum {
	NAME_MAX_BYTES = 512, /* of a name in metadata or context: a branch, a label, a login */
	LIST_MAX = 100,       /* entries of a list in metadata */
	DIGITS_MAX = 19,      /* of an int64 */
};

void event_maker_init(struct event_maker *m, const char *repo)
{
	*m = (struct event_maker){.repo = repo};
}

void event_maker_release(struct event_maker *m)
{
	buf_release(&m->id);
	buf_release(&m->kind);
	buf_release(&m->content);
	buf_release(&m->context);
	buf_release(&m->metadata);
	buf_release(&m->session);
	buf_release(&m->git_author);
	buf_release(&m->path);
}

void event_start(struct event_maker *m, struct event *e, const char *kind)
{
	*e = (struct event)EVENT_INIT;
	buf_reset(&m->id);
	buf_reset(&m->kind);
	buf_reset(&m->content);
	buf_reset(&m->context);
	buf_reset(&m->metadata);
	buf_reset(&m->session);
	buf_reset(&m->git_author);
	buf_reset(&m->path);
	e->kind = kind;
}

const char *event_str(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static int64_t digits(const char *s, size_t n)
{
	int64_t v = 0;

	if (!n || n >= DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)(s[i] - '0') > 9)
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

int64_t event_int(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	if (json_is_string(v))
		return digits(json_string_value(v), json_string_length(v));
	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : -1;
}

int64_t event_stamp(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	int64_t us;

	return json_is_string(v) && stamp_parse(json_string_value(v), json_string_length(v), &us)
		       ? us
		       : EVENT_NONE;
}

/* Revisions are numbers that every reader can hold: years before 1970 and after 2255 have no own ones. */
int64_t event_revision(const json_t *o, const char *name)
{
	const int64_t most = (INT64_C(1) << 53) - 1000000;
	int64_t us = event_stamp(o, name);

	if (us == EVENT_NONE || us < 0)
		return EVENT_NONE;
	return us < most ? us : most;
}

void event_set_time(struct event *e, const json_t *o, const char *name)
{
	const char *raw = event_str(o, name);

	e->timestamp = event_stamp(o, name);
	e->timestamp_raw = raw && strlen(raw) < NAME_MAX_BYTES ? raw : "none";
}

const char *event_login(const json_t *user)
{
	const char *login = event_str(user, "login");

	return login && *login ? login : "ghost";
}

int64_t event_url_number(const char *url)
{
	const char *slash = url ? strrchr(url, '/') : NULL;

	return slash ? digits(slash + 1, strlen(slash + 1)) : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool event_add_text(struct buf *out, const json_t *text)
{
	const char *s = json_string_value(text);
	size_t n = s ? json_string_length(text) : 0;

	while (n && is_space(s[n - 1]))
		n--;
	while (n && (*s == '\r' || *s == '\n')) {
		s++;
		n--;
	}
	/* one byte too many is enough for event_line() to cut and to say so */
	if (n > EVENT_TEXT_MAX + 8)
		n = text_clip(s, n, EVENT_TEXT_MAX + 8);
	buf_add(out, s, n);
	return n > 0;
}

static void set_content(struct event_maker *m, struct event *e)
{
	e->content = (struct event_text){m->content.data, m->content.len};
}

void event_set_title(struct event_maker *m, struct event *e, const json_t *title, const json_t *body)
{
	size_t before;

	if (!event_add_text(&m->content, title))
		buf_adds(&m->content, "(no title)");
	before = m->content.len;
	buf_adds(&m->content, "\n\n");
	if (!event_add_text(&m->content, body))
		m->content.len = before;
	set_content(m, e);
}

void event_set_body(struct event_maker *m, struct event *e, const json_t *body, const char *words)
{
	if (!event_add_text(&m->content, body))
		buf_adds(&m->content, words);
	set_content(m, e);
}

void event_set_id(struct event_maker *m, struct event *e, const char *prefix, const char *rest)
{
	buf_adds(&m->id, prefix);
	text_percent(&m->id, rest, strlen(rest), "");
	e->id = buf_cstr(&m->id);
}

void event_set_number(struct event_maker *m, struct event *e, int64_t number)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};

	buf_addf(&m->session, "github:%s#%" PRId64, m->repo, number);
	e->session_id = buf_cstr(&m->session);
	jsonout_member_int(&j, "number", number);
}

static void put(struct event_maker *m, const char *name, const json_t *v)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};

	if (json_is_string(v)) {
		size_t n = json_string_length(v);

		jsonout_member_n(&j, name, json_string_value(v),
				 text_clip(json_string_value(v), n, NAME_MAX_BYTES));
	} else if (json_is_integer(v)) {
		jsonout_member_int(&j, name, json_integer_value(v));
	} else if (json_is_boolean(v)) {
		jsonout_name(&j, name);
		jsonout_bool(&j, json_is_true(v));
	}
}

void event_copy(struct event_maker *m, const json_t *o, const char *name)
{
	put(m, name, json_object_get(o, name));
}

void event_copy_inner(struct event_maker *m, const char *name, const json_t *o, const char *outer,
		      const char *inner)
{
	put(m, name, json_object_get(json_object_get(o, outer), inner));
}

void event_copy_list(struct event_maker *m, const char *name, const json_t *array, const char *inner)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};

	if (!json_array_size(array))
		return;
	jsonout_name(&j, name);
	jsonout_open(&j, '[');
	for (size_t i = 0; i < json_array_size(array) && i < LIST_MAX; i++) {
		const json_t *v = json_array_get(array, i);

		if (json_is_object(v))
			v = json_object_get(v, inner);
		if (json_is_string(v))
			jsonout_text(&j, json_string_value(v),
				     text_clip(json_string_value(v), json_string_length(v), NAME_MAX_BYTES));
	}
	jsonout_close(&j, ']');
}

void event_set_branch(struct event_maker *m, struct event *e, const char *branch)
{
	struct jsonout j = {.out = &m->context, .more = m->context.len};

	if (!branch)
		return;
	jsonout_member_n(&j, "branch", branch, text_clip(branch, strlen(branch), NAME_MAX_BYTES));
	e->context = (struct event_text){m->context.data, m->context.len};
}

bool event_done(struct event_maker *m, struct event *e)
{
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
	return true;
}
