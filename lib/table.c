/* SPDX-License-Identifier: ISC */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "buf.h"
#include "say.h"
#include "text.h"
#include "width.h"
#include "xalloc.h"

enum { GAP = 2 };

bool table_wanted(int format)
{
	return format == TABLE_ALWAYS || (format == TABLE_AUTO && isatty(STDOUT_FILENO));
}

void table_cell(struct table *t, const char *text)
{
	struct buf shown = {0};

	if (text)
		text_show(&shown, text, strlen(text));
	t->cells = xreallocarray(t->cells, t->n + 1, sizeof(*t->cells));
	t->cells[t->n++] = shown.len ? buf_detach(&shown) : xstrdup("");
}

void table_cellf(struct table *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell(t, text);
}

static void add_spaces(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

/* As much of the text as `room` columns hold. */
static void add_cut(struct buf *out, const char *s, size_t room)
{
	size_t n = strlen(s);

	if (width_text(s, n) <= room) {
		buf_add(out, s, n);
		return;
	}
	buf_add(out, s, width_cut(s, n, room - 1));
	buf_adds(out, "\xe2\x80\xa6");
}

static void add_row(struct buf *out, const struct table *t, char *const *row, const size_t *widths,
		    size_t width)
{
	size_t at = 0, last = t->columns;

	while (last && !*row[last - 1])
		last--;
	for (size_t i = 0; i < last; i++) {
		size_t own = width_text(row[i], strlen(row[i])), pad = widths[i] - own;

		if (t->right >> i & 1)
			add_spaces(out, pad);
		if (i + 1 == t->columns && width)
			add_cut(out, row[i], width > at + 8 ? width - at : 8);
		else
			buf_adds(out, row[i]);
		if (i + 1 < last)
			add_spaces(out, (t->right >> i & 1 ? 0 : pad) + GAP);
		at += widths[i] + GAP;
	}
	buf_addc(out, '\n');
}

int table_print(const struct table *t, size_t width)
{
	size_t *widths = xcalloc(t->columns, sizeof(*widths));
	struct buf out = {0};
	int rc;

	for (size_t i = 0; i < t->n; i++) {
		size_t own = width_text(t->cells[i], strlen(t->cells[i]));

		if (own > widths[i % t->columns])
			widths[i % t->columns] = own;
	}
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		add_row(&out, t, t->cells + i, widths, width);
	rc = say_bytes(out.data, out.len);
	buf_release(&out);
	free(widths);
	return rc;
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){0};
}

bool table_size(int fd, size_t *columns, size_t *rows)
{
	struct winsize size;
	bool known;

	if (!isatty(fd))
		return false;
	known = !ioctl(fd, TIOCGWINSZ, &size);
	*columns = known && size.ws_col ? size.ws_col : 80;
	*rows = known && size.ws_row ? size.ws_row : 24;
	return true;
}

size_t table_width(int fd)
{
	size_t columns = 0, rows;

	table_size(fd, &columns, &rows);
	return columns;
}
