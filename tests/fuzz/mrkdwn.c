/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/mrkdwn.c cmd/athena-src-slack/names.c */
/* Text in, text out: never longer than its maximum, UTF-8 where the input was, the same up to there without one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mrkdwn.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slack_names names = {0};
	struct buf whole = {0}, part = {.max = 24};
	const char *text = (const char *)bytes;

	if (size > 65536 || !text_valid(text, size))
		return 0;
	names_put(&names.users, "U1", "Ann \xC3\xA9");
	names_put(&names.channels, "C1", "general");
	names_put(&names.channels, "D1", "@Ann");
	mrkdwn_decode(&whole, &names, text, size);
	mrkdwn_decode(&part, &names, text, size);
	if (whole.len && !text_valid(whole.data, whole.len))
		abort();
	if (part.len > part.max || part.over != (whole.len > part.max))
		abort();
	if (!part.over &&
	    (part.len != whole.len || (part.len && memcmp(part.data, whole.data, part.len) != 0)))
		abort();
	if (part.len && !text_valid(part.data, part.len))
		abort();
	buf_release(&whole);
	buf_release(&part);
	names_release(&names);
	return 0;
}
