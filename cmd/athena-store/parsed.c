/* SPDX-License-Identifier: ISC */
#include "parsed.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

/* What a line of n bytes can take in a block. */
static size_t space_of(size_t n)
{
	return 2 * n + ROW_ROOM;
}

bool parsed_has_room(const struct parsed *b, size_t n)
{
	return b->n < PARSED_LINES && !b->large && space_of(n) <= PARSED_BYTES - b->used;
}

void parsed_empty(struct parsed *b)
{
	b->n = b->used = 0;
	b->urgent = false;
	free(b->large);
	b->large = NULL;
}

void parsed_release(struct parsed *b)
{
	free(b->lines);
	free(b->data);
	free(b->large);
	*b = (struct parsed){0};
}

void parser_release(struct parser *p)
{
	jsonscan_release(&p->scan);
	event_fields_release(&p->fields);
}

static enum parsed_verdict judge(struct parsed_line *l, struct parser *p, char **room)
{
	switch (jsonscan_line(&p->scan, l->text, l->n)) {
	case JSONSCAN_OK:
		break;
	case JSONSCAN_REFUSED:
		l->why = p->scan.why;
		return PARSED_REFUSED;
	case JSONSCAN_NOT_JSON:
		l->why = p->scan.why;
		l->at = p->scan.at;
		return text_is_blank(l->text, l->n) ? PARSED_BLANK : PARSED_DAMAGE;
	}
	if (!event_check(&p->scan, &p->fields, &l->why)) {
		*room = row_take_source(&l->row, &p->fields, *room);
		return PARSED_INVALID;
	}
	if (p->fields.control)
		return PARSED_CONTROL;
	*room = row_take(&l->row, &p->scan, &p->fields, *room);
	return PARSED_EVENT;
}

/* Takes over the bytes; where they are then, and the room behind them. */
static const char *keep(struct parsed *b, const char *text, size_t n, char **room)
{
	char *to = b->data + b->used;

	if (!parsed_has_room(b, n)) {
		*room = b->large = xmalloc(n + ROW_ROOM);
		return text;
	}
	memcpy(to, text, n);
	*room = to + n;
	return to;
}

void parsed_add(struct parsed *b, struct parser *p, const struct lines *in, enum lines_result what,
		const char *text, size_t n)
{
	struct parsed_line *l;
	char *room;

	if (!b->lines) {
		b->lines = xmalloc(PARSED_LINES * sizeof(*b->lines));
		b->data = xmalloc(PARSED_BYTES);
	}
	if (what != LINES_LINE && what != LINES_LONG)
		n = 0;
	l = &b->lines[b->n];
	l->text = n ? keep(b, text, n, &room) : (room = b->data + b->used);
	l->number = in->number;
	l->n = n;
	l->why = "";
	l->at = 0;
	switch (what) {
	case LINES_LINE:
		l->verdict = judge(l, p, &room);
		break;
	case LINES_LONG:
		l->verdict = PARSED_LONG;
		break;
	case LINES_TORN:
		l->verdict = PARSED_TORN;
		break;
	case LINES_ERROR:
		l->verdict = PARSED_ERROR;
		l->at = (size_t)in->error;
		break;
	case LINES_END:
	case LINES_IDLE:
		return;
	}
	b->n++;
	if (!b->large)
		b->used = (size_t)(room - b->data);
	b->urgent = b->large || l->verdict == PARSED_CONTROL || l->verdict >= PARSED_LONG;
}
