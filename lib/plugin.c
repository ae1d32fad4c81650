/* SPDX-License-Identifier: ISC */
#include "plugin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "jobs.h"
#include "stamp.h"
#include "xalloc.h"

enum { AT_ONCE = 16 };

/* Every option is an object with a name. */
static bool are_options(const json_t *options)
{
	size_t i;
	json_t *option;

	if (!json_is_array(options))
		return false;
	json_array_foreach ((json_t *)options, i, option)
		if (!json_is_string(json_object_get(option, "name")))
			return false;
	return true;
}

/* NULL where the answer is one; else what is wrong with it, on the heap. */
static char *judge(const json_t *about, const json_error_t *error)
{
	const json_t *protocol = json_object_get(about, "protocol");

	if (!about)
		return xasprintf("--describe says no JSON: %s", error->text);
	if (!json_is_object(about) || !json_is_string(json_object_get(about, "name")) ||
	    !are_options(json_object_get(about, "options")))
		return xstrdup("--describe says JSON that describes no source");
	if (protocol && json_integer_value(protocol) != PLUGIN_PROTOCOL)
		return xasprintf("speaks protocol %" JSON_INTEGER_FORMAT ", this is %d",
				 json_integer_value(protocol), PLUGIN_PROTOCOL);
	return NULL;
}

void plugin_take(struct plugin *p, const char *text, size_t n)
{
	json_error_t error;
	json_t *about = json_loadb(text ? text : "", n, JSON_REJECT_DUPLICATES, &error);

	p->why = judge(about, &error);
	if (!p->why)
		p->about = json_incref(about);
	json_decref(about);
}

static void understand(struct plugin *p, const struct job *j, int64_t timeout_us)
{
	p->missing = j->code == CHILD_MISSING && !j->out.len;
	if (j->late)
		p->why = xasprintf("--describe did not end within %" PRId64 " s", timeout_us / STAMP_SECOND);
	else if (j->code)
		p->why = xasprintf("--describe: %s", child_ended(j->code));
	else if (j->out.over)
		p->why = xstrdup("--describe says more than 1 MiB");
	else
		plugin_take(p, j->out.data, j->out.len);
}

/* The first of the same program: it is asked once. */
static size_t first_of(const struct plugin *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(all[k].program, all[i].program))
			return k;
	return i;
}

void plugins_describe(struct plugin *all, size_t n, int64_t timeout_us, volatile const sig_atomic_t *stop)
{
	const struct jobs_how how = {.at_once = AT_ONCE, .timeout_us = timeout_us, .stop = stop};
	struct job *jobs = xcalloc(n + 1, sizeof(*jobs));
	const char **argvs = xcalloc(3 * (n + 1), sizeof(*argvs));
	size_t asked = 0;

	for (size_t i = 0; i < n; i++) {
		if (first_of(all, i) < i)
			continue;
		argvs[3 * asked] = all[i].program;
		argvs[3 * asked + 1] = "--describe";
		jobs[asked].argv = argvs + 3 * asked;
		jobs[asked].plain = true;
		asked++;
	}
	jobs_run(jobs, asked, &how);
	for (size_t i = 0, k = 0; i < n; i++) {
		const struct plugin *first = &all[first_of(all, i)];

		if (first == &all[i])
			understand(&all[i], &jobs[k++], timeout_us);
		else
			all[i] = (struct plugin){all[i].program, json_incref(first->about),
						 first->why ? xstrdup(first->why) : NULL, first->missing};
	}
	jobs_release(jobs, asked);
	free(argvs);
	free(jobs);
}

void plugins_release(struct plugin *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_decref(all[i].about);
		free(all[i].why);
	}
}

const json_t *plugin_option(const struct plugin *p, const char *name)
{
	size_t i;
	json_t *option;

	json_array_foreach (json_object_get(p->about, "options"), i, option) {
		if (!strcmp(json_string_value(json_object_get(option, "name")), name))
			return option;
	}
	return NULL;
}

bool plugin_is_flag(const json_t *option)
{
	const char *kind = json_string_value(json_object_get(option, "kind"));

	return kind ? !strcmp(kind, "flag") : !json_object_get(option, "arg");
}
