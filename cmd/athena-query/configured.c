/* SPDX-License-Identifier: ISC */
#include "configured.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>

#include "child.h"
#include "jobs.h"
#include "log.h"
#include "search.h"
#include "stamp.h"
#include "xalloc.h"

/* The value of store.database among the lines {"key":...,"value":...}; NULL: it is not there. */
static char *database_in(const char *p, size_t n)
{
	const char *end = p + n, *nl;
	char *found = NULL;

	for (; !found && (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
		json_t *line = json_loadb(p, (size_t)(nl - p), 0, NULL);
		const char *key = json_string_value(json_object_get(line, "key"));
		const char *value = json_string_value(json_object_get(line, "value"));

		if (key && value && !strcmp(key, "store.database"))
			found = xstrdup(value);
		json_decref(line);
	}
	return found;
}

int configured_database(char **path)
{
	static const char *const argv[] = {"athena-config", "--format=ndjson", NULL};
	struct job job = {.argv = argv};

	search_extend_path();
	jobs_run(&job, 1, &(struct jobs_how){.at_once = 1, .timeout_us = 10 * STAMP_SECOND});
	*path = job.code ? NULL : database_in(job.out.data, job.out.len);
	if (!*path && job.code && job.code != CHILD_MISSING)
		log_error(EX_USAGE,
			  "no database is named, and of the configured one athena-config says: %s; "
			  "run athena config, or name a database",
			  child_ended(job.code));
	else if (!*path)
		log_error(EX_USAGE, "one database is needed, or [store] database = ... in the configuration; "
				    "see --help");
	jobs_release(&job, 1);
	return *path ? 0 : EX_USAGE;
}
