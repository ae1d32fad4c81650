/* SPDX-License-Identifier: ISC */
#include "fields.h"

#include "jsonout.h"
#include "jsonscan.h"
#include "lognumber.h"
#include "stamp.h"
#include "target.h"
#include "text.h"

void work_init(struct work *w, const struct mapping *mappings, size_t n)
{
	*w = (struct work){.outer = RECORD_NONE, .outer_east = LOGTIME_HERE};
	members_init(&w->members, mappings, n);
}

void work_release(struct work *w)
{
	members_release(&w->members);
	buf_release(&w->name);
	buf_release(&w->text);
}

void work_line(struct work *w, struct record *r, size_t n)
{
	const struct slice none = {0};

	/* one by one, which is faster than one assignment of the whole: half of the compilers' `rep stos` is its start */
	_Static_assert(sizeof(*r) == 4 * 8 + 14 * sizeof(none) + sizeof(r->extra),
		       "another member is to be reset");
	r->time = r->duration_us = r->bytes = RECORD_NONE;
	r->status = 0;
	r->plain = false;
	r->method = r->scheme = r->path = r->query = r->protocol = r->remote = r->user = none;
	r->agent = r->referrer = r->host = r->request_id = r->level = r->message = r->error = none;
	r->extra.max = RECORD_EXTRA_MAX;
	buf_reset(&r->extra);
	w->r = r;
	w->have = w->done = 0;
	w->dialects = 0;
	w->last = 0;
	w->ident = false;
	w->lost = false;
	w->n_spare = 0;
	buf_reset(&w->text);
	buf_reserve(&w->text, n + WORK_MORE);
	members_line(&w->members);
	w->object = members_object(&w->members);
}

struct slice work_text(struct work *w, const struct token *t)
{
	char *to = w->text.data + w->text.len;
	size_t n;

	if (!t->escaped)
		return (struct slice){t->p, t->n};
	n = jsonscan_unescape(t->p, t->n, to);
	w->text.len += n;
	return (struct slice){to, n};
}

uint32_t work_member(struct work *w, const char *name, size_t n)
{
	struct members *m = &w->members;
	uint32_t i;

	if (!text_valid(name, n)) {
		buf_reset(&w->name);
		text_repair(&w->name, name, n);
		name = w->name.data;
		n = w->name.len;
	}
	i = members_find(m, 0, members_guess(m, 0, w->last), name, n);
	if (i)
		members_learn(m, 0, w->last, i);
	w->last = i;
	return i;
}

/* ---- extra ---- */

bool work_open(struct work *w, uint32_t member)
{
	const struct member *m = &w->members.items[member];
	struct buf *out = &w->r->extra;

	if (m->alias) {
		if (!members_first(&w->members, m->alias, w->object))
			return false;
		m = &w->members.items[m->alias];
	}
	if (out->len)
		buf_addc(out, ',');
	buf_add(out, w->members.texts.data + m->text, m->text_len);
	return true;
}

void work_value(struct work *w, const struct token *t)
{
	struct buf *out = &w->r->extra;

	if (t->type == TOKEN_TEXT || (t->type == TOKEN_JSON && t->odd)) {
		size_t mark = w->text.len;
		struct slice s = work_text(w, t);

		jsonout_string(out, s.p, s.n);
		w->text.len = mark;
	} else if (t->type == TOKEN_JSON || t->odd) {
		buf_addc(out, '"');
		buf_add(out, t->p, t->n);
		buf_addc(out, '"');
	} else {
		buf_add(out, t->p, t->n);
	}
}

void work_extra(struct work *w, uint32_t member, const struct token *t)
{
	struct buf *out = &w->r->extra;
	size_t mark = out->len;

	if (!work_open(w, member))
		return;
	work_value(w, t);
	if (out->over) {
		buf_reset(out);
		out->len = mark;
		w->lost = true;
	}
}

/* A value whose place is taken: into extra, by its dotted path where it stood deeper. */
static void leave(struct work *w, const struct value *v)
{
	const struct member *m = &w->members.items[v->member];
	uint32_t i = v->member;

	if (m->parent) {
		char path[MEMBERS_PATH];

		memcpy(path, w->members.texts.data + m->path, m->path_len);
		i = members_find(&w->members, 0, 0, path, m->path_len);
		if (!i || !members_first(&w->members, i, w->object))
			return;
	}
	work_extra(w, i, &v->token);
}

/* ---- candidates ---- */

static void spare(struct work *w, const struct value *v)
{
	if (w->n_spare < FIELDS_SPARE)
		w->spare[w->n_spare++] = *v;
	else
		w->lost = true;
}

void fields_compete(struct work *w, uint32_t member, const struct token *t)
{
	const struct meaning m = w->members.items[member].meaning;
	struct value v = {*t, member, m}, *best = &w->best[m.field];

	if (best->meaning.rank <= m.rank) {
		spare(w, &v);
		return;
	}
	spare(w, best);
	*best = v;
	if (w->done >> m.field & 1) {
		w->done &= ~(1u << m.field);
		*work_slice(w->r, (enum field)m.field) = (struct slice){0};
	}
}

/* ---- from values to the record ---- */

static bool put_time(struct work *w, const struct value *v, struct slice s)
{
	return logtime_any(&w->time, s.p, s.n, (enum unit)v->meaning.unit, &w->r->time);
}

static bool put_status(struct work *w, struct slice s)
{
	unsigned a, b, c;

	if (s.n != 3)
		return false;
	a = (unsigned)(s.p[0] - '0');
	b = (unsigned)(s.p[1] - '0');
	c = (unsigned)(s.p[2] - '0');
	if (a - 1 > 8 || b > 9 || c > 9)
		return false;
	w->r->status = (int)(a * 100 + b * 10 + c);
	return true;
}

/* "1.1" is HTTP/1.1, as others write it. */
static bool put_protocol(struct work *w, struct slice s)
{
	char *to = w->text.data + w->text.len;

	if (!s.n || (unsigned)(*s.p - '0') > 9 || s.n > 3)
		return false;
	memcpy(to, "HTTP/", 5);
	memcpy(to + 5, s.p, s.n);
	w->text.len += s.n + 5;
	w->r->protocol = (struct slice){to, s.n + 5};
	return true;
}

static bool put_duration(struct work *w, const struct value *v, struct slice s)
{
	enum unit unit = (enum unit)v->meaning.unit;

	if (lognumber_span(s.p, s.n, unit, &w->r->duration_us))
		return true;
	if (unit != UNIT_UNSAID) /* the value says it, "12ms", whatever is usual under that name */
		return lognumber_span(s.p, s.n, UNIT_UNSAID, &w->r->duration_us);
	return names_unit(w->dialects) &&
	       lognumber_span(s.p, s.n, names_unit(w->dialects), &w->r->duration_us);
}

/* A request line; or, where the method stands elsewhere, only what was asked for. */
static bool put_request(struct work *w, struct slice s)
{
	if (target_request(w->r, s.p, s.n))
		return true;
	if (!s.n || *s.p != '/' || w->r->path.p)
		return false;
	target_url(w->r, s.p, s.n);
	return true;
}

/* Is it what its field holds? Then the record has it. */
static bool convert_text(struct work *w, const struct value *v, struct slice s)
{
	enum field field = (enum field)v->meaning.field;
	struct slice *to;

	switch (field) {
	case FIELD_TIME:
		return w->r->time == RECORD_NONE && put_time(w, v, s);
	case FIELD_STATUS:
		return !w->r->status && put_status(w, s);
	case FIELD_DURATION:
		return w->r->duration_us == RECORD_NONE && put_duration(w, v, s);
	case FIELD_BYTES:
		return w->r->bytes == RECORD_NONE && lognumber_decimal(s.p, s.n, 0, &w->r->bytes);
	case FIELD_SCHEME:
		return target_scheme(w->r, s.p, s.n);
	case FIELD_REQUEST:
		return put_request(w, s);
	case FIELD_URL:
		target_url(w->r, s.p, s.n);
		return true;
	case FIELD_QUERY:
		if (s.n && *s.p == '?') { /* Apache's %q has it */
			s.p++;
			s.n--;
		}
		/* fall through */
	default:
		to = work_slice(w->r, field);
		if (v->token.type == TOKEN_WORD ||
		    (field == FIELD_REQUEST_ID && v->token.type == TOKEN_NUMBER))
			return false; /* a counter within a process links nothing */
		if (field == FIELD_PROTOCOL && !to->p &&
		    (s.n && *s.p == 'h' ? target_scheme(w->r, s.p, s.n) : put_protocol(w, s)))
			return true;
		if (to->p)
			return to->n == s.n && !memcmp(to->p, s.p, s.n);
		*to = s;
		return true;
	}
}

static bool convert(struct work *w, const struct value *v)
{
	size_t mark = w->text.len;

	if (convert_text(w, v, work_text(w, &v->token)))
		return true;
	w->text.len = mark; /* nothing borrows it: it may have to be decoded once more, for extra */
	return false;
}

/* Empty, or the `-` that stands for nothing. */
static bool says_nothing(const struct value *v)
{
	return v->token.type <= TOKEN_JSON &&
	       (!v->token.n || (v->token.n == 1 && *v->token.p == '-' && v->meaning.field != FIELD_MESSAGE));
}

static bool has(const struct work *w, enum field field)
{
	return w->have >> field & 1;
}

/* Takes the best of the spare values for a field; false where none is left. */
static bool next_best(struct work *w, enum field field, struct value *v)
{
	struct value *best = NULL;

	for (size_t i = 0; i < w->n_spare; i++)
		if (w->spare[i].meaning.field == field &&
		    (!best || w->spare[i].meaning.rank < best->meaning.rank))
			best = &w->spare[i];
	if (!best)
		return false;
	*v = *best;
	best->meaning.field = FIELD_NONE; /* it is no candidate any more */
	return true;
}

/* The best value for a field is none of its kind: it goes to extra, and the next is tried. */
static void settle_other(struct work *w, enum field field)
{
	struct value *v = &w->best[field];

	do {
		if (!says_nothing(v))
			leave(w, v);
	} while (next_best(w, field, v) && (says_nothing(v) || !convert(w, v)));
}

/* A day and a time of day in two members; or the day is a whole time itself. */
static void settle_date(struct work *w)
{
	struct value *date = &w->best[FIELD_DATE], *time = &w->best[FIELD_TIME];

	if (has(w, FIELD_TIME) &&
	    logtime_join(&w->time, date->token.p, date->token.n, time->token.p, time->token.n, &w->r->time)) {
		w->have &= ~(1u << FIELD_TIME);
	} else if (has(w, FIELD_TIME)) {
		date->meaning.field = FIELD_TIME;
		spare(w, date);
	} else {
		date->meaning.field = FIELD_TIME;
		*time = *date;
		w->have |= 1u << FIELD_TIME;
	}
	w->have &= ~(1u << FIELD_DATE);
}

/* The whole is the sum where no part is missing; the parts are kept, they say where the time went. */
static void settle_parts(struct work *w)
{
	const enum field parts[] = {FIELD_PART1, FIELD_PART2, FIELD_PART3};
	int64_t sum = 0, part;
	bool all = true;

	for (size_t i = 0; i < 3; i++) {
		const struct value *v = &w->best[parts[i]];

		if (!has(w, parts[i])) {
			all = false;
			continue;
		}
		all = all && lognumber_span(v->token.p, v->token.n, (enum unit)v->meaning.unit, &part) &&
		      !__builtin_add_overflow(sum, part, &sum);
		leave(w, v);
		w->have &= ~(1u << parts[i]);
	}
	if (all && w->r->duration_us == RECORD_NONE)
		w->r->duration_us = sum;
}

/* A second value that the record has already: the same text, or the same second. */
static bool says_the_same(struct work *w, const struct value *v)
{
	const struct token *t = &v->token;
	const struct slice *s;
	int64_t us;

	if (v->meaning.field == FIELD_TIME)
		return logtime_any(&w->time, t->p, t->n, (enum unit)v->meaning.unit, &us) &&
		       us / STAMP_SECOND == w->r->time / STAMP_SECOND;
	if (v->meaning.field < FIELD_REMOTE && v->meaning.field != FIELD_METHOD &&
	    v->meaning.field != FIELD_SCHEME && v->meaning.field != FIELD_PROTOCOL)
		return false;
	s = work_slice(w->r, (enum field)v->meaning.field);
	return !t->escaped && s->n == t->n && !memcmp(s->p, t->p, t->n);
}

const char work_no_time[] = "no time in the line";

bool work_end(struct work *w, const char **why)
{
	const struct record *r = w->r;

	w->r->extra.over = w->lost;
	if (r->time == RECORD_NONE)
		w->r->time = w->outer;
	if (r->time == RECORD_NONE)
		*why = has(w, FIELD_TIME) ? "the time cannot be read, or has no zone" : work_no_time;
	else
		*why = "neither a request nor a message in the line";
	return r->time != RECORD_NONE && (r->method.p || r->path.p || r->status || r->message.p);
}

bool fields_finish(struct work *w, const char **why)
{
	if (has(w, FIELD_DATE))
		settle_date(w);
	for (uint32_t left = w->have & ~w->done; left; left &= left - 1) {
		enum field field = (enum field)__builtin_ctz(left);

		if (field >= FIELD_PART1 && field <= FIELD_PART3)
			continue;
		if (says_nothing(&w->best[field]) || !convert(w, &w->best[field]))
			settle_other(w, field);
	}
	if (w->have >> FIELD_PART1 & 7)
		settle_parts(w);
	for (size_t i = 0; i < w->n_spare; i++)
		if (w->spare[i].meaning.field && !says_nothing(&w->spare[i]) &&
		    !says_the_same(w, &w->spare[i]))
			leave(w, &w->spare[i]);
	return work_end(w, why);
}
