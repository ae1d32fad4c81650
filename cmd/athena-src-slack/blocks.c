/* SPDX-License-Identifier: ISC */
/* What a person reads of a message without a text: its blocks, its attachments. */
#include "mrkdwn.h"

#include <stdio.h>
#include <string.h>

#include "member.h"
#include "text.h"

enum {
	DEPTH_MAX = 12,  /* blocks in blocks */
	PARTS_MAX = 500, /* blocks, elements, rows of one list that are looked at */
};

struct speaker {
	struct buf *out;
	const struct slack_names *names;
};

static void elements(struct speaker *s, const json_t *list, const char *between, int depth);

static void add(struct speaker *s, const char *text)
{
	mrkdwn_entities(s->out, text, strlen(text));
}

/* As it stands: texts of rich_text have no entities. */
static void literal(struct speaker *s, const char *text, size_t n)
{
	size_t room = s->out->max ? s->out->max - s->out->len : n;

	if (n > room) {
		n = text_clip(text, n, room);
		s->out->over = true;
	}
	if (n)
		buf_add(s->out, text, n);
}

static void line(struct speaker *s)
{
	if (s->out->len && s->out->data[s->out->len - 1] != '\n')
		literal(s, "\n", 1);
}

/* A text as mrkdwn, on a line of its own; true where it says something. */
static bool mrkdwn_line(struct speaker *s, const json_t *text)
{
	if (!json_string_length(text))
		return false;
	line(s);
	mrkdwn_decode(s->out, s->names, json_string_value(text), json_string_length(text));
	return true;
}

/* {"type":"mrkdwn"|"plain_text","text":...} */
static void text_object(struct speaker *s, const json_t *o)
{
	const json_t *text = json_object_get(o, "text");
	const char *type = member_str(o, "type");

	if (type && !strcmp(type, "mrkdwn"))
		mrkdwn_decode(s->out, s->names, json_string_length(text) ? json_string_value(text) : "",
			      json_string_length(text));
	else if (json_string_length(text))
		mrkdwn_entities(s->out, json_string_value(text), json_string_length(text));
}

static void named(struct speaker *s, const char *sign, const char *name, const char *id)
{
	if (!id)
		return;
	if (!name || *name != '@')
		add(s, sign);
	literal(s, name ? name : id, strlen(name ? name : id));
}

static void rich_link(struct speaker *s, const json_t *e)
{
	const char *url = member_str(e, "url"), *text = member_str(e, "text");

	if (text)
		literal(s, text, strlen(text));
	if (url && (!text || strcmp(text, url) != 0)) {
		add(s, text ? " (" : "");
		literal(s, url, strlen(url));
		add(s, text ? ")" : "");
	}
}

/* An element of a rich_text_section; false where it is none that is known. */
static bool inline_element(struct speaker *s, const json_t *e, const char *type)
{
	const json_t *text = json_object_get(e, "text");

	if (!strcmp(type, "text") && json_is_string(text))
		literal(s, json_string_value(text), json_string_length(text));
	else if (!strcmp(type, "user"))
		named(s, "@", names_user(s->names, member_str(e, "user_id")), member_str(e, "user_id"));
	else if (!strcmp(type, "channel"))
		named(s, "#", names_channel(s->names, member_str(e, "channel_id")),
		      member_str(e, "channel_id"));
	else if (!strcmp(type, "usergroup"))
		named(s, "@", NULL, member_str(e, "usergroup_id"));
	else if (!strcmp(type, "broadcast"))
		named(s, "@", NULL, member_str(e, "range"));
	else if (!strcmp(type, "link"))
		rich_link(s, e);
	else if (!strcmp(type, "emoji")) {
		add(s, ":");
		add(s, member_str(e, "name") ? member_str(e, "name") : "");
		add(s, ":");
	} else if (!strcmp(type, "date"))
		add(s, member_str(e, "fallback") ? member_str(e, "fallback") : "");
	else if (!strcmp(type, "color"))
		add(s, member_str(e, "value") ? member_str(e, "value") : "");
	else
		return false;
	return true;
}

/* rich_text_list: an element a line, marked and indented */
static void list_items(struct speaker *s, const json_t *o, int depth)
{
	const json_t *items = json_object_get(o, "elements");
	bool ordered = member_str(o, "style") && !strcmp(member_str(o, "style"), "ordered");
	json_int_t indent = json_integer_value(json_object_get(o, "indent")),
		   first = json_integer_value(json_object_get(o, "offset"));
	char mark[32];

	if (first < 0 || first > 100000)
		first = 0;
	for (size_t i = 0; i < json_array_size(items) && i < PARTS_MAX && !s->out->over; i++) {
		line(s);
		for (json_int_t k = 0; k < indent && k < 8; k++)
			add(s, "  ");
		snprintf(mark, sizeof(mark), "%lld. ", (long long)first + (long long)i + 1);
		add(s, ordered ? mark : "- ");
		elements(s, json_object_get(json_array_get(items, i), "elements"), "", depth);
	}
}

static void block(struct speaker *s, const json_t *o, int depth)
{
	static const char *const parts[] = {"title", "text", "label", "description"};
	const char *type = member_str(o, "type");
	const json_t *v;

	if (!json_is_object(o) || depth > DEPTH_MAX || (type && inline_element(s, o, type)))
		return;
	if (type && (!strcmp(type, "mrkdwn") || !strcmp(type, "plain_text") || !strcmp(type, "raw_text"))) {
		text_object(s, o);
		return;
	}
	if (!depth || !type || strcmp(type, "image") != 0) /* within a line of context a picture is a word */
		line(s);
	if (type && !strcmp(type, "rich_text_list")) {
		list_items(s, o, depth + 1);
		return;
	}
	if (type && !strcmp(type, "rich_text_quote"))
		add(s, "> ");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		v = json_object_get(o, parts[i]);
		if (json_is_object(v)) {
			line(s);
			text_object(s, v);
		} else {
			mrkdwn_line(s, v);
		}
	}
	if (!json_object_get(o, "title") && member_str(o, "alt_text"))
		add(s, member_str(o, "alt_text"));
	if (json_array_size(json_object_get(o, "fields"))) {
		line(s);
		elements(s, json_object_get(o, "fields"), "\n", depth + 1);
	}
	elements(s, json_object_get(o, "elements"), type && !strcmp(type, "context") ? " " : "", depth + 1);
	for (size_t i = 0; i < json_array_size(json_object_get(o, "rows")) && i < PARTS_MAX; i++) {
		line(s);
		elements(s, json_array_get(json_object_get(o, "rows"), i), "\t", depth + 1);
	}
}

static void elements(struct speaker *s, const json_t *list, const char *between, int depth)
{
	for (size_t i = 0; i < json_array_size(list) && i < PARTS_MAX && !s->out->over; i++) {
		if (i)
			add(s, between);
		block(s, json_array_get(list, i), depth);
	}
}

void mrkdwn_blocks(struct buf *out, const struct slack_names *names, const json_t *blocks)
{
	struct speaker s = {out, names};

	line(&s);
	elements(&s, blocks, "", 0);
}

static bool fields(struct speaker *s, const json_t *list)
{
	bool said = false;

	for (size_t i = 0; i < json_array_size(list) && i < PARTS_MAX && !s->out->over; i++) {
		const json_t *field = json_array_get(list, i), *value = json_object_get(field, "value");
		bool titled = mrkdwn_line(s, json_object_get(field, "title"));

		if (titled && json_string_length(value)) {
			add(s, ": ");
			mrkdwn_decode(s->out, s->names, json_string_value(value), json_string_length(value));
		} else if (!titled) {
			titled = mrkdwn_line(s, value);
		}
		said = said || titled;
	}
	return said;
}

static void attachment(struct speaker *s, const json_t *a)
{
	static const char *const links[] = {"title_link", "from_url", "image_url", "thumb_url"};
	const char *title_link = member_str(a, "title_link");
	bool said = mrkdwn_line(s, json_object_get(a, "pretext"));
	size_t before;

	if (mrkdwn_line(s, json_object_get(a, "title"))) {
		said = true;
		if (title_link) {
			add(s, " (");
			add(s, title_link);
			add(s, ")");
		}
	}
	said = mrkdwn_line(s, json_object_get(a, "text")) || said;
	said = fields(s, json_object_get(a, "fields")) || said;
	before = s->out->len;
	if (!said)
		mrkdwn_blocks(s->out, s->names, json_object_get(a, "blocks"));
	said = said || s->out->len > before + 1 || mrkdwn_line(s, json_object_get(a, "fallback"));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && !said; i++)
		said = mrkdwn_line(s, json_object_get(a, links[i]));
}

void mrkdwn_attachments(struct buf *out, const struct slack_names *names, const json_t *attachments)
{
	struct speaker s = {out, names};

	for (size_t i = 0; i < json_array_size(attachments) && i < PARTS_MAX && !out->over; i++)
		attachment(&s, json_array_get(attachments, i));
}
