/* SPDX-License-Identifier: ISC
 *
 * Our writer against jansson's reader: the input is a program that writes a value, with any bytes as texts. What is read
 * again is what a tree of jansson's has that was built beside it.
 */
#include "jsonout.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEEPEST = 20 };

#define PLAIN (INT64_C(1) << 53) /* what every reader of JSON has as an integer */

struct both {
	const uint8_t *p, *end;
	struct jsonout j;
	unsigned names; /* so that each is another one */
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t next(struct both *b)
{
	return b->p < b->end ? *b->p++ : 0;
}

/* So many of the bytes that come. */
static const char *bytes(struct both *b, size_t *n)
{
	const char *s;

	*n = next(b);
	s = (const char *)b->p;
	if (*n > (size_t)(b->end - b->p))
		*n = (size_t)(b->end - b->p);
	b->p += *n;
	return s;
}

static json_t *text(struct both *b)
{
	struct buf sound = {0};
	json_t *v;
	const char *s;
	size_t n;

	s = bytes(b, &n);

	jsonout_text(&b->j, s, n);
	text_repair(&sound, s, n);
	v = json_stringn(sound.len ? sound.data : "", sound.len);
	buf_release(&sound);
	return v;
}

static json_t *number(struct both *b)
{
	uint64_t bits = 0;
	char digits[24];
	int64_t v;

	for (uint8_t n = next(b) % 9; n; n--)
		bits = bits << 8 | next(b);
	v = (int64_t)bits;
	jsonout_int(&b->j, v);
	snprintf(digits, sizeof(digits), "%lld", (long long)v);
	return v >= -PLAIN && v <= PLAIN ? json_integer(v) : json_string(digits);
}

static json_t *value(struct both *b, int depth);

static json_t *list(struct both *b, int depth)
{
	json_t *v = json_array();

	jsonout_open(&b->j, '[');
	for (uint8_t n = next(b) % 8; n; n--)
		json_array_append_new(v, value(b, depth));
	jsonout_close(&b->j, ']');
	return v;
}

static json_t *object(struct both *b, int depth)
{
	json_t *v = json_object();
	char name[16];

	jsonout_open(&b->j, '{');
	for (uint8_t n = next(b) % 8; n; n--) {
		snprintf(name, sizeof(name), "n%u", b->names++);
		jsonout_name(&b->j, name);
		json_object_set_new(v, name, value(b, depth));
	}
	jsonout_close(&b->j, '}');
	return v;
}

static json_t *value(struct both *b, int depth)
{
	uint8_t what = next(b) % (depth < DEEPEST ? 7 : 5);

	switch (what) {
	case 0:
		jsonout_null(&b->j);
		return json_null();
	case 1:
	case 2:
		jsonout_bool(&b->j, what == 1);
		return json_boolean(what == 1);
	case 3:
		return number(b);
	case 4:
		return text(b);
	case 5:
		return list(b, depth + 1);
	default:
		return object(b, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = {0};
	struct both b = {.p = data, .end = data + size, .j = {.out = &out}};
	json_t *want = list(&b, 0), *got = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);

	check(got && json_equal(got, want));
	json_decref(want);
	json_decref(got);
	buf_release(&out);
	return 0;
}
