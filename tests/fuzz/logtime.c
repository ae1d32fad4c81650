/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c */
/*
 * Times and spans: what is read is in range, what RFC 3339 allows is read as stamp.h reads it, and what was
 * remembered of one time does not change the next.
 */
#include "logtime.h"

#include <stdlib.h>

#include "lognumber.h"
#include "stamp.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_time(const char *s, size_t n, enum unit unit)
{
	static struct logtime warm;
	struct logtime cold = {0};
	int64_t us = 0, again = 0, stamp;
	bool taken = logtime_any(&cold, s, n, unit, &us);

	require(logtime_any(&warm, s, n, unit, &again) == taken);
	require(!taken || (us == again && us >= STAMP_MIN && us <= STAMP_MAX));
	if (stamp_parse(s, n, &stamp))
		require(taken && us == stamp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct logtime t = {0};
	char *s = xmemdup(data, size);
	int64_t v;

	for (int unit = UNIT_UNSAID; unit <= UNIT_NS; unit++) {
		check_time(s, size, (enum unit)unit);
		if (lognumber_span(s, size, (enum unit)unit, &v))
			require(v >= 0);
	}
	if (lognumber_decimal(s, size, 0, &v))
		require(v >= 0);
	if (size > 10 && logtime_join(&t, s, 10, s + 10, size - 10, &v))
		require(v >= STAMP_MIN && v <= STAMP_MAX);
	if (logtime_local(&t, s, size, LOGTIME_HERE, &v) || logtime_local(&t, s, size, 3600, &v) ||
	    logtime_slashed(&t, s, size, 3600, &v) || logtime_asctime(&t, s, size, 3600, &v))
		require(v >= STAMP_MIN && v <= STAMP_MAX);
	free(s);
	return 0;
}
