/* SPDX-License-Identifier: ISC */
#include "row.h"

#include <string.h>

static struct row_value text_value(const struct jsonscan_member *m, char **room)
{
	struct row_value v = {.text = m->value, .n = (uint32_t)m->len, .type = ROW_TEXT};

	if (m->type != JSONSCAN_STRING)
		return v; /* an object, as it came */
	v.text++;
	v.n -= 2;
	if (m->escaped) {
		char *to = *room;

		v.n = (uint32_t)jsonscan_unescape(v.text, v.n, to);
		v.text = to;
		*room += v.n;
	}
	return v;
}

static char *put(char *to, const char *p, size_t n)
{
	memcpy(to, p, n);
	return to + n;
}

/* Members that have no column, as an object: names and values byte for byte as they came. */
static struct row_value extra_value(const struct jsonscan *scan, const struct event_fields *f, char **room)
{
	char *p = *room;
	struct row_value v = {.text = p, .type = ROW_TEXT};

	if (!f->unknown)
		return (struct row_value){.type = ROW_ABSENT};
	for (size_t i = 0; i < f->unknown; i++) {
		const struct jsonscan_member *m = &scan->members[f->unknown_at[i]];

		p = put(p, i ? ",\"" : "{\"", 2);
		p = put(p, m->name, m->name_len);
		p = put(p, "\":", 2);
		p = put(p, m->value, m->len);
	}
	*p++ = '}';
	v.n = (uint32_t)(p - v.text);
	*room = p;
	return v;
}

char *row_take(struct row *row, const struct jsonscan *scan, const struct event_fields *f, char *room)
{
	for (int c = 0; c < EVENT_COLUMNS; c++) {
		const struct jsonscan_member *m = f->column[c];

		if (!m)
			row->values[c].type = ROW_ABSENT;
		else if (m->type == JSONSCAN_NUMBER)
			row->values[c] = (struct row_value){.integer = f->integer[c], .type = ROW_INTEGER};
		else
			row->values[c] = text_value(m, &room);
	}
	row->values[ROW_EXTRA] = extra_value(scan, f, &room);
	row->revision = f->column[EVENT_REVISION] ? f->integer[EVENT_REVISION] : 0;
	return room;
}

char *row_take_source(struct row *row, const struct event_fields *f, char *room)
{
	const struct jsonscan_member *m = f->column[EVENT_SOURCE_ID];

	row->values[EVENT_SOURCE_ID].type = ROW_ABSENT;
	if (m && m->type == JSONSCAN_STRING && m->len > 2)
		row->values[EVENT_SOURCE_ID] = text_value(m, &room);
	return room;
}
