/* SPDX-License-Identifier: ISC
 *
 * Whatever goes in, valid UTF-8 without NUL comes out; what was valid comes out as it was.
 */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What text_percent() wrote is plain and says the same bytes. */
static void check_percent(const char *s, size_t n)
{
	struct buf b = {0};
	size_t at = 0;

	text_percent(&b, s, n, "/");
	for (size_t i = 0; i < b.len; i++, at++) {
		char c = b.data[i];

		check(c > ' ' && c < 0x7f && c != '/' && at < n);
		if (c == '%') {
			check(i + 2 < b.len && digit(b.data[i + 1]) >= 0 && digit(b.data[i + 2]) >= 0);
			c = (char)(digit(b.data[i + 1]) * 16 + digit(b.data[i + 2]));
			i += 2;
		}
		check(c == s[at]);
	}
	check(at == n);
	buf_release(&b);
}

static void check_clip(const char *s, size_t n)
{
	for (size_t max = 0; max <= n + 1 && max < 64; max++) {
		size_t cut = text_clip(s, n, max);

		check(cut <= max && cut <= n && text_valid(s, cut));
		/* none longer would do */
		for (size_t longer = cut + 1; longer <= max && longer <= n; longer++)
			check(!text_valid(s, longer));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct buf once = {0}, twice = {0};
	size_t repaired = text_repair(&once, s, size);

	check((repaired == 0) == text_valid(s, size));
	check(repaired || (once.len == size && (!size || !memcmp(once.data, s, size))));
	check(text_valid(once.data, once.len));
	check(!text_repair(&twice, once.data, once.len));
	check(twice.len == once.len && (!once.len || !memcmp(twice.data, once.data, once.len)));
	check_clip(once.data, once.len);
	check_percent(s, size);
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
