/* SPDX-License-Identifier: ISC */
#include "formatvalue.h"

#include "bytes.h"

/* What a variable of ours is called in extra. */
static const char *const called[][2] = {
	{"forwarded", "http_x_forwarded_for"},
	{"upstream_within", "upstream_response_time"},
	{"bytes_with_head", "bytes_sent"},
	{"client_and_port", "client_port"},
	{"frontend", "frontend_name"},
	{"s3_version", "version_id"},
	{"nginx_worker", "worker"},
	{"apache_module", "module"},
	{"apache_process", "pid"},
};

enum { SQUID_ELAPSED = 6 /* characters at least, spaces before them */ };

static bool starts(const struct format_op *op, const char *prefix)
{
	return op->name_n >= strlen(prefix) && !memcmp(op->name, prefix, strlen(prefix));
}

void format_op_init(struct format_op *op)
{
	op->meaning = names_find(op->name, op->name_n);
	op->kind = op->meaning.field ? FORMAT_FIELD : FORMAT_EXTRA;
	op->list = starts(op, "upstream_");
	format_op_own(op);
	for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
		if (format_op_is(op, called[i][0])) {
			op->name = called[i][1];
			op->name_n = strlen(op->name);
		}
}

void format_op_demote(struct format_op *op)
{
	if (op->kind != FORMAT_AGAIN)
		op->kind = FORMAT_EXTRA;
	op->meaning.field = FIELD_NONE;
}

/* What its field asks for. */
static void choose_kind(struct format_op *op)
{
	static struct record r;

	switch (op->meaning.field) {
	case FIELD_TIME:
		op->kind = FORMAT_TIME;
		break;
	case FIELD_REQUEST:
		op->kind = FORMAT_REQUEST;
		break;
	case FIELD_STATUS:
		op->kind = FORMAT_STATUS;
		break;
	case FIELD_BYTES:
		op->kind = FORMAT_BYTES;
		break;
	case FIELD_DURATION:
		op->kind = FORMAT_DURATION;
		break;
	case FIELD_USER:
		op->kind = FORMAT_USER;
		break;
	case FIELD_URL:
		op->kind = FORMAT_URL;
		break;
	case FIELD_SCHEME:
		op->kind = FORMAT_SCHEME;
		break;
	case FIELD_DATE:
		op->kind = FORMAT_EXTRA;
		break;
	case FIELD_PART1:
	case FIELD_PART2:
	case FIELD_PART3:
		op->kind = FORMAT_PART;
		break;
	default:
		op->kind = FORMAT_TEXT;
		op->offset = (size_t)((char *)work_slice(&r, (enum field)op->meaning.field) - (char *)&r);
		break;
	}
}

void format_op_settle(struct format_op *op, bool last)
{
	op->last = last;
	op->stop = op->literal_n ? *op->literal : '/';
	op->quoted = op->literal_n && op->stop == '"';
	op->skip = op->stop == ' ' && format_op_is(op, "time_local") ? strlen("10/Oct/2000:13:55:36 ")
		   : format_op_is(op, "squid_elapsed")               ? SQUID_ELAPSED
								     : 0;
	op->simple = op->literal_n && !op->skip && !(op->list && !op->quoted);
	if (op->kind == FORMAT_FIELD)
		choose_kind(op);
	format_op_taken_by(op);
}

/* ---- where a value ends ---- */

/* "0.1, 0.2 : 0.3": up to a space that is no part of a separator. */
static const char *list_end(const struct format_op *op, const char *p, const char *end)
{
	const char *first = p;

	if (!op->literal_n)
		return op->last ? end : NULL;
	for (;; p++) {
		p = bytes_find(p, end, op->stop);
		if (p == end)
			return NULL;
		if (*p == ' ' && p > first &&
		    (p[-1] == ',' || (p[-1] == ':' && p - first > 1 && p[-2] == ' ')))
			continue;
		if (*p == ' ' && end - p > 2 && p[1] == ':' && p[2] == ' ')
			continue;
		if (bytes_at(p, end, op->literal, op->literal_n))
			return p;
	}
}

const char *format_op_end(const struct format_op *op, const char *low, const char *p, const char *end,
			  bool *escaped)
{
	struct bytes_seen seen;

	bytes_seen_init(&seen);
	if (op->list && !op->quoted)
		return list_end(op, p, end);
	if (op->last && !op->literal_n)
		return end;
	if ((size_t)(end - p) > op->skip)
		p += op->skip;
	for (;;) {
		p = bytes_find_either(low, p, end, op->stop, '\\', &seen);
		if (p == end)
			return NULL;
		if (*p == '\\' && op->stop != '\\') {
			/* in quotes a quote that is escaped is none */
			*escaped = true;
			p += op->quoted && end - p > 1 ? 2 : 1;
		} else if (bytes_at(p, end, op->literal, op->literal_n)) {
			return p;
		} else if (op->quoted) {
			return NULL;
		} else {
			p++;
		}
	}
}
