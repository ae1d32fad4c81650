/* SPDX-License-Identifier: ISC */
#include "lane.h"

#include <string.h>

#include "text.h"

int lane_init(struct lane *l, const char *format, const char *const *fields, size_t n_fields)
{
	*l = (struct lane){0};
	return parser_new(&l->parser, format, fields, n_fields);
}

void lane_release(struct lane *l)
{
	parser_free(l->parser);
	record_release(&l->record);
	request_release(&l->request);
	*l = (struct lane){0};
}

void piece_empty(struct piece *x)
{
	x->began = x->state;
	x->before = (struct slice){0};
	x->lines = x->events = 0;
	x->first_time = x->time = RECORD_NONE;
	x->n_rejects = 0;
	buf_reset(&x->out);
}

void piece_release(struct piece *x)
{
	buf_release(&x->out);
}

static void reject(struct piece *x, const char *line, size_t n, const char *why)
{
	x->rejects[x->n_rejects++] = (struct piece_reject){x->lines, line, n, why};
}

/* An event of the line, if it is asked for. */
static void work_on(struct lane *l, const struct lane_rules *rules, struct piece *x,
		    const struct reader_line *line)
{
	const struct record *r = &l->record;
	struct place at = {.offset = line->offset, .readable = x->left.end};
	const char *why = "";

	if (!parser_line(l->parser, &x->state, line->p, line->n, &l->record, &why)) {
		if (why && !text_is_blank(line->p, line->n))
			reject(x, line->p, line->n, why);
		return;
	}
	if (x->first_time == RECORD_NONE)
		x->first_time = r->time;
	x->time = r->time;
	if (!source_wants(rules->src, r->time) || !filter_wants(rules->filter, r))
		return;
	if (line->offset < rules->known_to && r->time >= rules->floor)
		return;
	memcpy(at.file, rules->file, FILE_HASH);
	request_line(&l->request, &x->out, &at, line->p, line->n, r);
	x->events++;
}

/* Another file's events may have another source. */
static void write_for(struct lane *l, const struct lane_rules *rules)
{
	if (l->source_id == rules->source_id)
		return;
	request_release(&l->request);
	request_init(&l->request, rules->source_id, rules->src->project, rules->src->session, rules->redact);
	l->source_id = rules->source_id;
}

/* The format that the lines before leave behind, as far as the last of them tells. */
static void guess(struct lane *l, struct piece *x)
{
	const char *why;

	(void)parser_line(l->parser, &x->began, x->before.p, x->before.n, &l->record, &why);
}

void lane_work(struct lane *l, const struct lane_rules *rules, struct piece *x, int64_t most)
{
	struct reader_line line;
	enum reader_result how;

	write_for(l, rules);
	if (x->before.p)
		guess(l, x);
	x->state = x->began;
	while (x->events < most && x->n_rejects < PIECE_REJECTS && x->out.len < PIECE_OUT) {
		how = reader_each(&x->left, rules->max_line, &line);
		if (how == READER_END)
			break;
		x->lines++;
		if (how == READER_LONG)
			reject(x, NULL, 0, "longer than --max-line");
		else
			work_on(l, rules, x, &line);
	}
}
