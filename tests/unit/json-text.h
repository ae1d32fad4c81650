/* SPDX-License-Identifier: ISC
 *
 * json-text - JSON as a test writes it, and a member of it as a test compares it.
 *
 *	json_t *o = parse("{'text':'a word'}");       single quotes stand for double ones
 *	is_str(member_of(line, "metadata.status"), "503", ...);
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static json_t *parse(const char *text)
{
	char *quoted = strdup(text);
	json_error_t error;
	json_t *o;

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	o = json_loads(quoted, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	if (!o)
		printf("Bail out! %s in %s\n", error.text, quoted);
	free(quoted);
	return o;
}

/* One member of a line, or of its metadata, as JSON. The string lives until the next call. */
TAP_UNUSED static const char *member_of(const char *line, const char *name)
{
	static char text[4096];
	json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL), *v;
	const char *inner = strchr(name, '.');
	char *dump;

	v = inner ? json_object_get(json_object_get(o, "metadata"), inner + 1) : json_object_get(o, name);
	dump = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	snprintf(text, sizeof(text), "%s", dump ? dump : "absent");
	free(dump);
	json_decref(o);
	return text;
}

#endif
