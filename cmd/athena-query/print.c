/* SPDX-License-Identifier: ISC */
#include "print.h"

#include <inttypes.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "say.h"
#include "stamp.h"
#include "table.h"
#include "write.h"

enum { BLOCK = 256 << 10 };

int print_out(int format, const struct buf *out)
{
	if (format == FORMAT_TABLE)
		return say_bytes(out->data, out->len);
	return format == FORMAT_CSV ? say_csv(out->data, out->len) : say_json(out->data, out->len);
}

int print_flush(struct print *p)
{
	int rc;

	if (p->format == FORMAT_TABLE)
		show_rest(&p->show, &p->out);
	rc = print_out(p->format, &p->out);
	buf_reset(&p->out);
	return rc;
}

void print_begin(struct print *p, const struct query *q)
{
	*p = (struct print){.format = q->format};
	p->show = (struct show){
		.width = q->terminal ? table_width(STDOUT_FILENO) : 0,
		.color = q->color,
		.related = q->related,
		.now = stamp_now(),
	};
	if (p->format == FORMAT_CSV)
		write_csv_header(&p->out);
	else if (p->format == FORMAT_JSON)
		buf_addc(&p->out, '[');
}

/* The store keeps members byte for byte; what somebody else wrote into the table would break the stream. */
static bool add_json(struct print *p, const struct row *row)
{
	size_t start = p->out.len;

	write_json(&p->out, row);
	if (jsonscan_line(&p->scan, p->out.data + start, p->out.len - start) == JSONSCAN_OK)
		return true;
	log_warn("event seq %" PRId64 " is left out: a member of it is not JSON: %s", row->seq, p->scan.why);
	p->out.len = start;
	p->damaged++;
	return false;
}

int print_row(struct print *p, const struct row *row)
{
	size_t start = p->out.len;

	switch (p->format) {
	case FORMAT_TABLE:
		show_row(&p->show, row);
		show_ready(&p->show, &p->out);
		break;
	case FORMAT_CSV:
		write_csv(&p->out, row);
		break;
	case FORMAT_JSON:
		buf_adds(&p->out, p->rows ? ",\n" : "\n");
		if (!add_json(p, row)) {
			p->out.len = start;
			return 0;
		}
		break;
	default:
		if (!add_json(p, row))
			return 0;
		buf_addc(&p->out, '\n');
	}
	p->rows++;
	return p->out.len >= BLOCK ? print_flush(p) : 0;
}

int print_end(struct print *p)
{
	int rc;

	if (p->format == FORMAT_JSON)
		buf_adds(&p->out, p->rows ? "\n]\n" : "]\n");
	rc = print_flush(p);
	return rc || !p->damaged ? rc : EX_DATAERR;
}

void print_release(struct print *p)
{
	show_release(&p->show);
	buf_release(&p->out);
	jsonscan_release(&p->scan);
	*p = (struct print){0};
}
