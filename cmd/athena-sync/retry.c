/* SPDX-License-Identifier: ISC */
#include "retry.h"

#include "stamp.h"

#define DELAY_MOST (60 * STAMP_SECOND)

int64_t retry_delay(unsigned attempt, int64_t base, int64_t hint, int64_t left, uint32_t random)
{
	int64_t delay = base < DELAY_MOST ? base : DELAY_MOST;

	for (unsigned i = 1; i < attempt && delay < DELAY_MOST; i++)
		delay = delay > DELAY_MOST / 2 ? DELAY_MOST : delay * 2;
	delay = delay / 2 + random % (delay - delay / 2 + 1);
	/* Those who were told one time come within a second after it. */
	if (hint > delay)
		delay = hint + (base ? random % STAMP_SECOND : 0);
	return delay > left ? -1 : delay;
}
