/* SPDX-License-Identifier: ISC */
#include "worker.h"

#include <string.h>

#include "text.h"

int worker_init(struct worker *w, const char *format, const char *const *fields, size_t n_fields)
{
	*w = (struct worker){0};
	return parser_new(&w->parser, format, fields, n_fields);
}

void worker_release(struct worker *w)
{
	parser_free(w->parser);
	record_release(&w->record);
	request_release(&w->request);
	*w = (struct worker){0};
}

void chunk_empty(struct chunk *x)
{
	x->began = x->state;
	x->before = (struct slice){0};
	x->lines = x->events = 0;
	x->first_time = x->time = RECORD_NONE;
	x->n_rejects = 0;
	buf_reset(&x->out);
}

void chunk_release(struct chunk *x)
{
	buf_release(&x->out);
}

static void reject(struct chunk *x, const char *line, size_t n, const char *why)
{
	x->rejects[x->n_rejects++] = (struct chunk_reject){x->lines, line, n, why};
}

/* An event of the line, if it is asked for. */
static void work_on(struct worker *w, const struct worker_rules *rules, struct chunk *x,
		    const struct reader_line *line)
{
	const struct record *r = &w->record;
	struct place at = {.offset = line->offset, .readable = x->left.end};
	const char *why = "";

	if (!parser_line(w->parser, &x->state, line->p, line->n, &w->record, &why)) {
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
	request_line(&w->request, &x->out, &at, line->p, line->n, r);
	x->events++;
}

/* Another file's events may have another source. */
static void write_for(struct worker *w, const struct worker_rules *rules)
{
	if (w->source_id == rules->source_id)
		return;
	request_release(&w->request);
	request_init(&w->request, rules->source_id, rules->src->project, rules->src->session, rules->redact);
	w->source_id = rules->source_id;
}

/* The format that the lines before leave behind, as far as the last of them tells. */
static void guess(struct worker *w, struct chunk *x)
{
	const char *why;

	(void)parser_line(w->parser, &x->began, x->before.p, x->before.n, &w->record, &why);
}

void worker_work(struct worker *w, const struct worker_rules *rules, struct chunk *x, int64_t most)
{
	struct reader_line line;
	enum reader_result how;

	write_for(w, rules);
	if (x->before.p)
		guess(w, x);
	x->state = x->began;
	while (x->events < most && x->n_rejects < CHUNK_REJECTS && x->out.len < CHUNK_OUT) {
		how = reader_each(&x->left, rules->max_line, &line);
		if (how == READER_END)
			break;
		x->lines++;
		if (how == READER_LONG)
			reject(x, NULL, 0, "longer than --max-line");
		else
			work_on(w, rules, x, &line);
	}
}
