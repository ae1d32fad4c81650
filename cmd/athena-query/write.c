/* SPDX-License-Identifier: ISC */
#include "write.h"

#include <inttypes.h>
#include <string.h>

#include "jsonout.h"

static const char *name_of(int column)
{
	return column == ROW_EXTRA ? "extra" : event_column_names[column];
}

/* ---- JSON ---- */

/* The members of an object, without its braces. */
static void add_members(struct jsonout *j, const char *object, size_t n)
{
	if (n > 2)
		jsonout_raw(j, object + 1, n - 2);
}

void write_json(struct buf *out, const struct row *row)
{
	struct jsonout j = {.out = out};

	jsonout_open(&j, '{');
	for (int c = 0; c < ROW_COLUMNS; c++) {
		size_t n;
		const char *text;

		if (!row_has(row, c))
			continue;
		if (c == ROW_EXTRA) {
			text = row_text(row, c, &n);
			add_members(&j, text, n);
		} else if (event_column_is_integer((enum event_column)c)) {
			jsonout_member_int(&j, name_of(c), row_integer(row, c));
		} else if (c == EVENT_CONTEXT || c == EVENT_METADATA) {
			text = row_text(row, c, &n);
			jsonout_name(&j, name_of(c));
			jsonout_raw(&j, text, n);
		} else {
			text = row_text(row, c, &n);
			jsonout_member_n(&j, name_of(c), text, n);
		}
	}
	jsonout_close(&j, '}');
}

/* ---- CSV ---- */

void write_csv_field(struct buf *out, const char *s, size_t n)
{
	const char *end;
	bool quote = !n;

	if (!s)
		return;
	end = s + n;
	for (const char *p = s; p < end && !quote; p++)
		quote = *p == '"' || *p == ',' || *p == '\r' || *p == '\n';
	if (!quote) {
		buf_add(out, s, n);
		return;
	}
	buf_addc(out, '"');
	while (s < end) {
		const char *at = memchr(s, '"', (size_t)(end - s)), *to = at ? at + 1 : end;

		buf_add(out, s, (size_t)(to - s));
		if (at)
			buf_addc(out, '"');
		s = to;
	}
	buf_addc(out, '"');
}

void write_csv_header(struct buf *out)
{
	for (int c = 0; c < ROW_COLUMNS; c++)
		buf_addf(out, "%s%s", c ? "," : "", name_of(c));
	buf_adds(out, "\r\n");
}

void write_csv(struct buf *out, const struct row *row)
{
	for (int c = 0; c < ROW_COLUMNS; c++) {
		size_t n;
		const char *text = row_text(row, c, &n);

		if (c)
			buf_addc(out, ',');
		write_csv_field(out, text, n);
	}
	buf_adds(out, "\r\n");
}
