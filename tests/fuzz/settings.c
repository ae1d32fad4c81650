/* SPDX-License-Identifier: ISC */
/* pkg: libgit2
 *
 * Whatever stands in a configuration: it is refused, or each source has a name that is safe as a file's, and
 * a program; and what would be run has words.
 */
#include "settings.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *env(const char *name)
{
	return !strcmp(name, "HOME") ? "/nonexistent" : NULL;
}

static void check_sources(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct plugin unknown = {.program = s->sources[i].program};
		struct words argv = {0};

		check(!strchr(s->sources[i].name, '/') && *s->sources[i].name != '.' &&
		      *s->sources[i].name != '-');
		check(!strncmp(s->sources[i].program, "athena-src-", 11) &&
		      !strchr(s->sources[i].program, '/'));
		if (!settings_command(&s->sources[i], &unknown, &argv))
			for (size_t k = 1; k < argv.n; k++)
				check(!strncmp(argv.items[k], "--", 2) && argv.items[k][2]);
		words_release(&argv);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *path;
	struct settings s = {0};
	int devnull = open("/dev/null", O_WRONLY), saved = dup(STDERR_FILENO);

	if (!path)
		path = xasprintf("%s/athena-fuzz-settings.%ld", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
				 (long)getpid());
	check(!file_replace(path, data, size, 0600, false));
	/* What is said is not what is looked at. */
	dup2(devnull, STDERR_FILENO);
	if (!settings_load(&s, path, env)) {
		check(!settings_choose(&s, NULL, 0));
		check_sources(&s);
	}
	dup2(saved, STDERR_FILENO);
	settings_release(&s);
	close(devnull);
	close(saved);
	unlink(path);
	return 0;
}
