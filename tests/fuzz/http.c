/* SPDX-License-Identifier: ISC */
/* pkg: libcurl */
/*
 * What servers say, in any shape: a Link is within its header, repaired text has the same length and no lone
 * surrogate left, a wait has its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "httprule.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1), *url;
	struct http_signs s = HTTP_SIGNS_INIT;
	int64_t us;

	memcpy(text, bytes, size);
	text[size] = '\0';
	url = http_link(text, "next");
	if (url && (!*url || !strstr(text, url)))
		abort();
	free(url);
	s.retry_after = http_retry_after(text, 1000);
	if (s.retry_after < -1)
		abort();
	s.status = size ? 400 + bytes[0] % 110 : 0;
	s.body = text;
	s.body_len = size;
	us = http_wait(http_judge(&s), &s, size ? bytes[0] : 0, (uint32_t)size, 1000);
	if (us < 0 || us > INT64_C(86400000000))
		abort();
	if (http_same_origin(text, "https://api.github.com/") && !http_is_safe(text))
		abort();
	free(http_location("https://api.github.com/a", text));
	if (http_below(text, "https://api.github.com") && !http_is_safe(text))
		abort();
	http_repair(text, size);
	if (http_repair(text, size))
		abort();
	free(text);
	return 0;
}
