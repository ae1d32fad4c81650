/* SPDX-License-Identifier: ISC */
/*
 * The file in which runs tell each other what a server said, as any bytes: no wait is longer than a day or less than
 * none, and what is told now is what another one finds, whatever lay there.
 */
#include "httpturn.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "httprule.h"
#include "stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LANES = 9 };

#define WALL INT64_C(1714564800000000)

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void look(int fd, int64_t wall, int64_t waits[LANES])
{
	struct httpturn t = {.on = true, .fd = fd};

	memset(waits, 0, LANES * sizeof(*waits));
	check(httpturn_mine(&t, 1, wall, waits, LANES));
	for (int i = 0; i < LANES; i++)
		check(waits[i] >= 0 && waits[i] <= HTTP_WAIT_MAX);
	httpturn_pass(&t, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("turn", MFD_CLOEXEC);
	struct httpturn t = {.on = true, .fd = fd};
	int64_t before[LANES], later[LANES], after[LANES];
	size_t lane = size ? bytes[0] % LANES : 0;

	check(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	look(fd, 0, before);
	look(fd, WALL, before);
	look(fd, WALL + STAMP_SECOND, later);
	for (int i = 0; i < LANES; i++)
		check(later[i] <= before[i] || before[i] == 0);
	check(httpturn_mine(&t, 1, WALL, after, LANES));
	httpturn_tell(&t, lane, WALL, 7 * STAMP_SECOND);
	httpturn_pass(&t, 1);
	look(fd, WALL + 2 * STAMP_SECOND, after);
	check(after[lane] == 5 * STAMP_SECOND);
	close(fd);
	return 0;
}
