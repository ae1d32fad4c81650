/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/rotation.c */
/*
 * Names of files, a line each, the first of them that of the log: what is split off leaves a name that is no longer than it
 * was, a file belongs to the log that its name is split to, and the order of rotated files is one.
 */
#include "rotation.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_split(const char *name, struct rotation *r)
{
	bool rotated = rotation_split(name, r);
	struct rotation again;

	check(strlen(r->base) < sizeof(r->base) && strlen(r->stamp) < sizeof(r->stamp));
	check(r->number >= -1);
	check(strlen(r->base) <= strlen(name));
	check(rotated == (r->packed || *r->stamp || r->number >= 0));
	if (!rotated)
		check(!strncmp(r->base, name, sizeof(r->base) - 1));
	check(strlen(name) >= sizeof(r->base) || rotation_of(name, r->base, &again));
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1), *rest = text, *log, *name;
	struct rotation before = {.number = -1}, now;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	log = strsep(&rest, "\n");
	while ((name = strsep(&rest, "\n"))) {
		check_split(name, &now);
		check(sign(rotation_compare(&before, &now)) == -sign(rotation_compare(&now, &before)));
		check(!rotation_compare(&now, &now));
		if (strlen(log) < sizeof(now.base) && rotation_of(name, log, &now))
			check(!strcmp(now.base, log));
		if (strlen(log) < sizeof(now.base) && rotation_inner(name, log, &now))
			check(!strcmp(now.base, log) && now.number >= 0 && !rotation_of(name, log, &now));
		before = now;
	}
	free(text);
	return 0;
}
