/* SPDX-License-Identifier: ISC
 *
 * Where a call comes from: a number made of the return addresses on the stack, each as it stands in its
 * file, so that it is the same in the next run of the same build.
 */
#include "inject.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <dlfcn.h>
#include <execinfo.h>

enum { DEPTH = 64 };

static _Thread_local bool looking; /* what looks for it may allocate as well */

void site_begin(void)
{
	void *none[1];

	backtrace(none, 1); /* loads what it needs */
}

/* Where the file begins that holds the address. */
static uintptr_t base_of(void *at)
{
#if __GLIBC_PREREQ(2, 35)
	struct dl_find_object file;

	return _dl_find_object(at, &file) ? 0 : (uintptr_t)file.dlfo_map_start;
#else
	Dl_info file;

	return dladdr(at, &file) ? (uintptr_t)file.dli_fbase : 0;
#endif
}

uint64_t site_of_call(void)
{
	void *at[DEPTH];
	uint64_t sum = 14695981039346656037U; /* FNV-1a */
	int n;

	if (looking)
		return 0;
	looking = true;
	n = backtrace(at, DEPTH);
	for (int i = 0; i < n; i++) {
		uintptr_t where = (uintptr_t)at[i] - base_of(at[i]);

		for (int bit = 0; bit < 32; bit += 8)
			sum = (sum ^ (where >> bit & 0xff)) * 1099511628211U;
	}
	looking = false;
	return sum ? sum : 1;
}
#else
void site_begin(void)
{
}

uint64_t site_of_call(void)
{
	return 0;
}
#endif

void site_note(int fd, uint64_t site)
{
	char line[20];
	int n = snprintf(line, sizeof(line), "%016lx\n", (unsigned long)site);

	if (syscall(SYS_write, fd, line, n) != n)
		_exit(125);
}
