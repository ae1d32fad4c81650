/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/elements.c */
/* An array that jansson takes is cut into as many elements as jansson has, and they are the same, in chunks of any size. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "elements.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* An array made of the elements; NULL where one is none, or it does not end. */
static json_t *gather(const uint8_t *bytes, size_t size, size_t chunk_size)
{
	enum elements_what what = ELEMENTS_MORE;
	json_t *all = json_array(), *one;
	struct elements s;
	bool well = true;

	elements_init(&s, 0);
	for (size_t i = 0; i < size && what != ELEMENTS_BROKEN; i += chunk_size) {
		size_t n = size - i < chunk_size ? size - i : chunk_size;
		char *chunk = malloc(n);

		memcpy(chunk, bytes + i, n);
		for (size_t at = 0; (what = elements_next(&s, chunk, n, &at)) == ELEMENTS_ONE;) {
			one = json_loadb(s.text, s.len, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
			well = one && !json_array_append_new(all, one) && well;
		}
		free(chunk);
	}
	if (!well || !elements_ended(&s) || s.head.len) {
		json_decref(all);
		all = NULL;
	}
	elements_release(&s);
	return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *whole = json_loadb((const char *)bytes, size, JSON_ALLOW_NUL, NULL);

	if (size > 65536)
		size = 65536;
	for (size_t chunk_size = 1; chunk_size < 70000; chunk_size = chunk_size * 3 + 1) {
		json_t *all = gather(bytes, size, chunk_size);

		if (json_is_array(whole) && size < 65536 && !json_equal(all, whole))
			abort();
		json_decref(all);
	}
	json_decref(whole);
	return 0;
}
