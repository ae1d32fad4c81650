/* SPDX-License-Identifier: ISC */
#include "show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "text.h"
#include "width.h"
#include "xalloc.h"

enum { WHEN, SOURCE, KIND, ACTOR, WHY, CONTENT };
enum { GAP = 2, LEAST = 6, CONTENT_LEAST = 20, CELL_MOST = 4096 };

static const char ellipsis[] = "\xe2\x80\xa6";

/* ---- time ---- */

static void add_span(struct buf *out, int64_t us)
{
	static const struct {
		int64_t seconds, until;
		const char *unit;
	} units[] = {
		{1, 60, "s"},
		{60, 3600, "m"},
		{3600, 2 * 86400, "h"},
		{86400, 14 * 86400, "d"},
		{604800, 62 * 86400, "w"},
		{2629746, 2 * 31556952, "mo"},
		{31556952, INT64_MAX, "y"},
	};
	int64_t seconds = us / STAMP_SECOND;
	size_t i = 0;

	while (seconds >= units[i].until)
		i++;
	buf_addf(out, "%" PRId64 "%s", seconds / units[i].seconds, units[i].unit);
}

void show_ago(struct buf *out, int64_t when, int64_t now)
{
	int64_t us = now - when;

	if (us > -STAMP_SECOND && us < STAMP_SECOND) {
		buf_adds(out, "just now");
	} else if (us < 0) {
		buf_adds(out, "in ");
		add_span(out, -us);
	} else {
		add_span(out, us);
		buf_adds(out, " ago");
	}
}

/* ---- columns ---- */

static size_t sum(const size_t *widths, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += widths[i] ? widths[i] + GAP : 0;
	return all;
}

/* Takes a column from the widest, or where all are narrow drops one: the second first, the first last. */
static void shrink(size_t *widths, size_t n)
{
	size_t widest = 0;

	for (size_t i = 1; i < n; i++)
		if (widths[i] > widths[widest])
			widest = i;
	if (widths[widest] > LEAST) {
		widths[widest]--;
		return;
	}
	for (size_t i = 1; i <= n; i++)
		if (widths[i % n]) {
			widths[i % n] = 0;
			return;
		}
}

void show_fit(const size_t *natural, size_t n, size_t width, size_t *out)
{
	size_t last = natural[n - 1], want = width / 2 < CONTENT_LEAST ? CONTENT_LEAST : width / 2;

	memcpy(out, natural, n * sizeof(*out));
	if (!width)
		return;
	if (want > last)
		want = last;
	if (want > width)
		want = width;
	while (sum(out, n - 1) + want > width)
		shrink(out, n - 1);
	out[n - 1] = width - sum(out, n - 1);
}

/* ---- cells ---- */

/* The first line that says something. */
static void first_line(const char **s, size_t *n)
{
	const char *p = *s, *end = p + *n, *to;

	while (p < end && (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t'))
		p++;
	to = p;
	while (to < end && *to != '\n' && *to != '\r')
		to++;
	*s = p;
	*n = (size_t)(to - p);
}

/* Marks stay as they are, all else becomes printable; a tab is a space, to a reader. */
static void add_clean(struct buf *out, const char *s, size_t n)
{
	size_t from = 0;

	n = text_clip(s, n, CELL_MOST);
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != SHOW_MARK_ON && s[i] != SHOW_MARK_OFF && s[i] != '\t')
			continue;
		text_show(out, s + from, i - from);
		if (i < n)
			buf_addc(out, s[i] == '\t' ? ' ' : s[i]);
		from = i + 1;
	}
}

static char *cell(const char *s, size_t n, bool marks)
{
	struct buf out = {0};

	if (marks)
		add_clean(&out, s, n);
	else
		text_show(&out, s, text_clip(s, n, CELL_MOST));
	return out.len ? buf_detach(&out) : xstrdup("");
}

static char *column_cell(const struct row *row, int column)
{
	size_t n;
	const char *s = row_text(row, column, &n);

	return cell(s ? s : "", n, false);
}

static char *when_cell(const struct row *row, int64_t now)
{
	struct buf out = {0};
	int64_t us;
	size_t n;
	const char *s = row_text(row, EVENT_TIMESTAMP, &n);

	if (!s || !stamp_parse(s, n, &us))
		return xstrdup("?");
	show_ago(&out, us, now);
	return buf_detach(&out);
}

static char *content_cell(const struct row *row)
{
	size_t n;
	const char *s = row_text(row, EVENT_CONTENT, &n);

	if (row->shown) {
		s = row->shown;
		n = strlen(s);
	} else if (s) {
		first_line(&s, &n);
	}
	return cell(s ? s : "", n, true);
}

static unsigned char outcome_of(const struct row *row)
{
	size_t n;
	const char *s = row_text(row, EVENT_OUTCOME, &n);

	return s ? (unsigned char)*s : 0; /* the first letter tells success, failure and partial apart */
}

void show_row(struct show *s, const struct row *row)
{
	char **cells;

	s->cells = xreallocarray(s->cells, (s->rows + 1) * SHOW_COLUMNS, sizeof(*s->cells));
	s->outcomes = xrealloc(s->outcomes, s->rows + 1);
	cells = s->cells + s->rows * SHOW_COLUMNS;
	cells[WHEN] = when_cell(row, s->now);
	cells[SOURCE] = column_cell(row, EVENT_SOURCE_ID);
	cells[KIND] = column_cell(row, EVENT_KIND);
	cells[ACTOR] = column_cell(row, EVENT_ACTOR);
	cells[WHY] = xstrdup(s->related && row->why ? row->why : "");
	cells[CONTENT] = content_cell(row);
	s->outcomes[s->rows++] = outcome_of(row);
}

/* ---- output ---- */

static const char *color_of(int column, unsigned char outcome)
{
	switch (column) {
	case WHEN:
		return "33";
	case SOURCE:
		return "2";
	case KIND:
		return outcome == 'f' ? "31" : outcome == 's' ? "32" : "36";
	case ACTOR:
		return "34";
	case WHY:
		return "35";
	default:
		return NULL;
	}
}

/* The text without marks, or with what makes a terminal show them. */
static void add_marked(struct buf *out, const char *s, size_t n, bool color)
{
	bool on = false;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != SHOW_MARK_ON && s[i] != SHOW_MARK_OFF) {
			buf_addc(out, s[i]);
			continue;
		}
		if (color && on != (s[i] == SHOW_MARK_ON))
			buf_adds(out, on ? "\033[m" : "\033[1;31m");
		on = s[i] == SHOW_MARK_ON;
	}
	if (color && on)
		buf_adds(out, "\033[m");
}

static size_t marks_in(const char *s, size_t n)
{
	size_t marks = 0;

	for (size_t i = 0; i < n; i++)
		marks += s[i] == SHOW_MARK_ON || s[i] == SHOW_MARK_OFF;
	return marks;
}

static size_t columns_of(const char *s)
{
	size_t n = strlen(s);

	return width_text(s, n) - marks_in(s, n);
}

/* Where the text is too long: of a source the end says more than the beginning. */
static size_t add_cell(struct buf *out, const char *s, int column, size_t room, bool color)
{
	size_t n = strlen(s), own = columns_of(s), cut;

	if (own <= room) {
		add_marked(out, s, n, color);
		return own;
	}
	if (column == SOURCE) {
		cut = width_cut_front(s, n, room - 1);
		buf_adds(out, ellipsis);
		buf_adds(out, s + cut);
		return width_text(s + cut, n - cut) + 1;
	}
	cut = width_cut(s, n, room - 1);
	for (size_t more; (more = width_cut(s, n, room - 1 + marks_in(s, cut))) > cut;)
		cut = more;
	add_marked(out, s, cut, color);
	buf_adds(out, ellipsis);
	return width_text(s, cut) - marks_in(s, cut) + 1;
}

static void add_line(struct show *s, struct buf *out, const char *const *cells, int outcome)
{
	size_t pad = 0;

	for (int c = 0; c < SHOW_COLUMNS; c++) {
		const char *color = !s->color     ? NULL
				    : outcome < 0 ? "1"
						  : color_of(c, (unsigned char)outcome);

		if (!s->widths[c])
			continue;
		buf_addf(out, "%*s", (int)pad, "");
		if (color)
			buf_addf(out, "\033[%sm", color);
		pad = s->widths[c] + GAP;
		pad -= add_cell(out, cells[c], c, s->width || c != CONTENT ? s->widths[c] : SIZE_MAX,
				s->color);
		if (color)
			buf_adds(out, "\033[m");
	}
	buf_addc(out, '\n');
}

static void lay_out(struct show *s, struct buf *out)
{
	static const char *const heads[SHOW_COLUMNS] = {"WHEN", "SOURCE", "KIND", "ACTOR", "WHY", "CONTENT"};
	size_t natural[SHOW_COLUMNS];

	for (int c = 0; c < SHOW_COLUMNS; c++) {
		natural[c] = c == WHY && !s->related ? 0 : strlen(heads[c]);
		for (size_t r = 0; r < s->rows; r++) {
			size_t own = columns_of(s->cells[r * SHOW_COLUMNS + (size_t)c]);

			if (own > natural[c])
				natural[c] = own;
		}
	}
	show_fit(natural, SHOW_COLUMNS, s->width, s->widths);
	s->laid_out = true;
	add_line(s, out, heads, -1);
}

void show_rest(struct show *s, struct buf *out)
{
	if (!s->rows)
		return;
	if (!s->laid_out)
		lay_out(s, out);
	for (size_t r = 0; r < s->rows; r++) {
		const char *cells[SHOW_COLUMNS];

		memcpy(cells, s->cells + r * SHOW_COLUMNS, sizeof(cells));
		add_line(s, out, cells, s->outcomes[r]);
		for (size_t c = 0; c < SHOW_COLUMNS; c++)
			free(s->cells[r * SHOW_COLUMNS + c]);
	}
	s->rows = 0;
}

void show_ready(struct show *s, struct buf *out)
{
	if (s->laid_out || s->rows >= SHOW_BATCH)
		show_rest(s, out);
}

void show_release(struct show *s)
{
	for (size_t i = 0; i < s->rows * SHOW_COLUMNS; i++)
		free(s->cells[i]);
	free(s->cells);
	free(s->outcomes);
	*s = (struct show){0};
}
