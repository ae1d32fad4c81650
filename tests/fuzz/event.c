/* SPDX-License-Identifier: ISC
 *
 * Whatever bytes a source hands to event_line(), the line is one that the store takes, and
 * what fits is not changed but for its repair. And any line whatsoever is checked without harm.
 */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The next piece of the input: up to a 0xff 0xff, or its end. */
static struct event_text piece(const char **p, const char *end)
{
	const char *start = *p;

	while (*p < end &&
	       !(end - *p >= 2 && (unsigned char)(*p)[0] == 0xff && (unsigned char)(*p)[1] == 0xff))
		++*p;
	if (*p < end) {
		*p += 2;
		return (struct event_text){start, (size_t)(*p - 2 - start)};
	}
	return (struct event_text){start, (size_t)(end - start)};
}

static void check_line(struct jsonscan *scan, struct event_fields *fields, const char *line, size_t n,
		       bool must)
{
	const char *why = "";
	bool taken = jsonscan_line(scan, line, n) == JSONSCAN_OK && event_check(scan, fields, &why);

	require(taken || !must);
	require(taken || scan->why || *why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n;
	struct event e = EVENT_INIT;
	struct event_text id = piece(&p, end), actor = piece(&p, end);
	char *id_text = xstrndup(id.len ? id.data : "i", id.len ? id.len : 1);
	char *actor_text = xstrndup(actor.len ? actor.data : "", actor.len);
	struct jsonscan scan = EVENT_SCAN;
	struct event_fields fields = {0};
	struct buf out = {0}, text = {0};

	check_line(&scan, &fields, (const char *)data, n, false);
	memcpy(&e.timestamp, data, n < 8 ? n : 8);
	e.id = *id_text ? id_text : "i";
	e.source_id = e.source_type = e.kind = "k";
	e.event_type = "action";
	e.actor = actor_text;
	e.content = piece(&p, end);
	if (!e.content.len)
		e.content = (struct event_text){"c", 1};
	e.diff = piece(&p, end);
	if (event_line(&out, &e)) {
		const struct jsonscan_member *m;
		size_t len;

		require(out.len <= EVENT_LINE_MAX && out.data[out.len - 1] == '\n');
		check_line(&scan, &fields, out.data, out.len - 1, true);
		m = fields.column[EVENT_CONTENT];
		text_repair(&text, e.content.data, e.content.len);
		if (e.content.len <= EVENT_TEXT_MAX / 8) {
			char *back = xmalloc(m->len);

			len = jsonscan_unescape(m->value + 1, m->len - 2, back);
			require(len == text.len && !memcmp(back, text.data, len));
			free(back);
		}
	}
	buf_release(&out);
	buf_release(&text);
	jsonscan_release(&scan);
	event_fields_release(&fields);
	free(id_text);
	free(actor_text);
	return 0;
}
