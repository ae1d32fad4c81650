/* SPDX-License-Identifier: ISC
 *
 * A time that was read is written in the canonical form, and that form says the same time.
 */
#include "stamp.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* us is within range: its text and back. */
static void check_round_trip(int64_t us)
{
	char text[STAMP_SIZE], again[STAMP_SIZE];
	size_t n = stamp_format(us, text);
	int64_t back;

	check(n < STAMP_SIZE && n == strlen(text));
	check(stamp_is_canonical(text, n));
	check(stamp_parse(text, n, &back) && back == us);
	check(stamp_format(back, again) == n && !strcmp(text, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	int64_t us, any = 0, now = INT64_C(1700000000) * STAMP_SECOND;
	char *text = xmalloc(size + 1);
	bool parsed = stamp_parse(s, size, &us);

	if (parsed) {
		check(us >= STAMP_MIN && us <= STAMP_MAX);
		check_round_trip(us);
	}
	if (stamp_is_canonical(s, size)) {
		char again[STAMP_SIZE];

		check(parsed && stamp_format(us, again) == size && !memcmp(again, s, size));
	}
	/* all 64 bits, brought into range */
	memcpy(&any, data, size < sizeof(any) ? size : sizeof(any));
	check_round_trip(STAMP_MIN + (int64_t)((uint64_t)any % (uint64_t)(STAMP_MAX - STAMP_MIN + 1)));

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (stamp_when(text, now, &us))
		check(us >= STAMP_MIN && us <= STAMP_MAX);
	else
		check(!parsed || strlen(text) != size);
	if (stamp_span(text, &us))
		check(us >= 0 && us <= STAMP_MAX && us % 1000 == 0);
	free(text);
	return 0;
}
