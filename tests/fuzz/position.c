/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/position.c cmd/athena-src-git/oids.c pkg: libgit2 */
/* A git source's part of a cursor file of anybody's: what is read is written, and read again, as the same. */
#include "position.h"

#include <git2.h>
#include <stdint.h>
#include <stdlib.h>

#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 0: no such position, which has been said. */
static json_t *through(json_t *o)
{
	struct position p = {0};
	json_t *written = NULL;

	if (!position_load(&p, o))
		written = position_json(&p);
	position_release(&p);
	return written;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	json_t *o, *once, *twice;

	if (!started)
		started = git_libgit2_init() > 0;
	o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	once = json_is_object(o) ? through(o) : NULL;
	twice = once ? through(once) : NULL;
	if (once && !(twice && json_equal(once, twice)))
		abort();
	json_decref(o);
	json_decref(once);
	json_decref(twice);
	return 0;
}
