/* SPDX-License-Identifier: ISC
 *
 * hush - what is said is not what is looked at: int kept = hush(-1); ... hush(kept). SAID=1 in the environment: all is said.
 */
#ifndef HUSH_H
#define HUSH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static void check(bool holds)
{
	if (!holds)
		abort();
}

static int hush(int kept)
{
	int null;

	if (getenv("SAID"))
		return -1;
	if (kept >= 0) {
		check(dup2(kept, STDERR_FILENO) >= 0);
		return close(kept);
	}
	kept = dup(STDERR_FILENO);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	check(kept >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
	close(null);
	return kept;
}

#endif
