/* SPDX-License-Identifier: ISC
 *
 * refusal - why the store would not take a line, newline included, as an event; NULL: it does.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "event.h"

static const char *refusal(const struct buf *line)
{
	static struct jsonscan scan = EVENT_SCAN;
	static struct event_fields fields;
	const char *why = "no event";

	if (!line->len || line->data[line->len - 1] != '\n' || line->len > EVENT_LINE_MAX)
		return "no line, or one that is too long";
	if (jsonscan_line(&scan, line->data, line->len - 1) != JSONSCAN_OK)
		return scan.why;
	return event_check(&scan, &fields, &why) && !fields.control ? NULL : why;
}

#endif
