/* SPDX-License-Identifier: ISC
 *
 * What needs no input: --describe, --help, --version, and what a source refuses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "checks.h"
#include "child.h"
#include "jsonscan.h"
#include "plugin.h"

/* The last run ended well. */
static bool ended_well(struct trial *t, const char *option)
{
	return !t->code ||
	       trial_fail(t, "answer it at once, without an input, a network or a configuration, and exit 0",
			  "%s: %s", option, child_ended(t->code));
}

static const char cure_describe[] =
	"print one JSON object with name (the program's), type (what events call source_type), protocol "
	"(1), options (objects with a name, and an arg where one is taken) and environment (an array)";

/* An option that every source has, with an argument. */
static bool takes(struct trial *t, const char *name)
{
	const json_t *options = json_object_get(t->about, "options"), *o;
	size_t i;

	json_array_foreach (options, i, o) {
		const char *its = json_string_value(json_object_get(o, "name"));

		if (its && !strcmp(its, name))
			return json_is_string(json_object_get(o, "arg")) ||
			       trial_fail(t, cure_describe, "the option %s has no arg", name);
	}
	return trial_fail(t, cure_describe, "the option %s is not among them", name);
}

static void put_describe(struct trial *t)
{
	const char *name, *type;

	if (!trial_run_bare(t, NULL, "--describe", NULL) || !ended_well(t, "--describe"))
		return;
	json_decref(t->about);
	t->about = json_loadb(t->out.data ? t->out.data : "", t->out.len, JSON_REJECT_DUPLICATES, NULL);
	name = json_string_value(json_object_get(t->about, "name"));
	type = json_string_value(json_object_get(t->about, "type"));
	if (!json_is_object(t->about))
		trial_fail(t, cure_describe, "it is not one JSON object");
	else if (!name || strcmp(name, t->name))
		trial_fail(t, cure_describe, "name is %s, not %s", name ? name : "no text", t->name);
	else if (!type || !*type)
		trial_fail(t, cure_describe, "type is no text");
	else if (json_integer_value(json_object_get(t->about, "protocol")) != PLUGIN_PROTOCOL)
		trial_fail(t, cure_describe, "protocol is not %d", PLUGIN_PROTOCOL);
	else if (!json_is_array(json_object_get(t->about, "options")))
		trial_fail(t, cure_describe, "options is no array");
	else if (!json_is_array(json_object_get(t->about, "environment")))
		trial_fail(t, cure_describe, "environment is no array");
	else if (takes(t, "cursor"))
		takes(t, "commit");
}

static void put_help(struct trial *t)
{
	static const char cure[] =
		"print how it is called, with its name and the options that it has, at least --cursor";

	if (!trial_run_bare(t, NULL, "--help", NULL) || !ended_well(t, "--help"))
		return;
	if (!strstr(buf_cstr(&t->out), t->name))
		trial_fail(t, cure, "its name is not there");
	else if (!strstr(buf_cstr(&t->out), "--cursor"))
		trial_fail(t, cure, "--cursor is not there");
}

static void put_version(struct trial *t)
{
	const char *text, *newline;

	if (!trial_run_bare(t, NULL, "--version", NULL) || !ended_well(t, "--version"))
		return;
	text = buf_cstr(&t->out);
	newline = strchr(text, '\n');
	if (strncmp(text, t->name, strlen(t->name)) != 0 || !newline || newline[1])
		trial_fail(t, "print one line: the name, a space, the version", "it prints: %.60s", text);
}

static void put_usage(struct trial *t)
{
	if (trial_run_bare(t, NULL, "--no-such-option-as-this", NULL) &&
	    trial_refused(t, EX_USAGE, "an unknown option") &&
	    trial_run_bare(t, NULL, "--commit=sometimes", NULL))
		trial_refused(t, EX_USAGE, "--commit=sometimes");
}

const struct check checks_manners[] = {
	{"describe", "--describe says what the source is, as JSON", NEEDS_NOTHING, put_describe},
	{"help", "--help says how it is called", NEEDS_NOTHING, put_help},
	{"version", "--version is its name and a version", NEEDS_NOTHING, put_version},
	{"usage", "an unknown option or value is refused with 64", NEEDS_NOTHING, put_usage},
	{0},
};
