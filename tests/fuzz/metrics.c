/* SPDX-License-Identifier: ISC
 *
 * Whatever a source left as its metrics: no value is negative, and text that is shown with a mask does not
 * grow beyond what its marks need.
 */
#include "metrics.h"

#include <stdlib.h>

#include "mask.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metrics m = {0};
	struct buf out = {0};
	char *text = xstrndup((const char *)data, size);

	metrics_parse((const char *)data, size, &m);
	check(m.events >= 0 && m.requests >= 0 && m.inserted >= 0 && m.started_us >= 0 && m.retry_at_us >= 0);
	mask_add(&out, text);
	check(out.len <= 4 * size);
	buf_release(&out);
	free(text);
	return 0;
}
