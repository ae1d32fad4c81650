/* SPDX-License-Identifier: ISC
 *
 * athena-sources - the registry: every athena-src-* on PATH, and what it says of itself.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "jsonout.h"
#include "log.h"
#include "opt.h"
#include "plugin.h"
#include "say.h"
#include "search.h"
#include "stamp.h"
#include "table.h"
#include "xalloc.h"

static int format;
static int64_t timeout_us = 5 * STAMP_SECOND;

static const struct opt options[] = {
	TABLE_FORMAT_OPTION(format),
	{"timeout", 0, OPT_SPAN, "T", "wait so long for each answer", &timeout_us, "5s"},
	{0},
};

static const struct opt_env environment[] = {
	{"PATH", "where sources are looked for; the folder of this program comes last"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-sources",
	.synopsis = "[options] [TYPE...]",
	.summary = "Show the sources on PATH, and what they say of themselves",
	.options = options,
	.env = environment,
	.footer = "A source is any program on PATH whose name begins with athena-src-.",
};

static const char *member(const struct plugin *p, const char *name)
{
	const char *text = json_string_value(json_object_get(p->about, name));

	return text ? text : "";
}

static const char *type_of(const struct search_item *item)
{
	return item->name + strlen("athena-src-");
}

static int print_table(const struct search *found, const struct plugin *all)
{
	struct table t = {.columns = 5};
	int rc;

	table_cell(&t, "TYPE");
	table_cell(&t, "VERSION");
	table_cell(&t, "OPTIONS");
	table_cell(&t, "PROGRAM");
	table_cell(&t, "WHAT IT IS");
	for (size_t i = 0; i < found->n; i++) {
		const struct plugin *p = &all[i];

		table_cell(&t, type_of(&found->items[i]));
		table_cell(&t, p->why ? "broken" : member(p, "version"));
		if (p->why)
			table_cell(&t, "");
		else
			table_cellf(&t, "%zu", json_array_size(json_object_get(p->about, "options")));
		table_cell(&t, found->items[i].path);
		table_cell(&t, p->why ? p->why : member(p, "summary"));
	}
	rc = table_print(&t, table_width(STDOUT_FILENO));
	table_release(&t);
	return rc;
}

static int print_lines(const struct search *found, const struct plugin *all)
{
	struct buf out = {0};
	int rc;

	for (size_t i = 0; i < found->n; i++) {
		struct jsonout j = {.out = &out};
		char *about = all[i].about ? json_dumps(all[i].about, JSON_COMPACT) : NULL;

		jsonout_open(&j, '{');
		jsonout_member(&j, "type", type_of(&found->items[i]));
		jsonout_member(&j, "path", found->items[i].path);
		jsonout_name(&j, "ok");
		jsonout_bool(&j, !all[i].why);
		jsonout_member(&j, "error", all[i].why);
		if (about) {
			jsonout_name(&j, "describe");
			jsonout_raw(&j, about, strlen(about));
		}
		jsonout_close(&j, '}');
		buf_addc(&out, '\n');
		free(about);
	}
	rc = say_json(out.data, out.len);
	buf_release(&out);
	return rc;
}

/* Keeps those that are asked for. */
static int choose(struct search *found, const struct opt_list *types)
{
	struct search kept = {0};
	int rc = 0;

	if (!types->n)
		return 0;
	kept.items = xcalloc(types->n, sizeof(*kept.items));
	for (size_t i = 0; i < types->n && !rc; i++) {
		const struct search_item *item = NULL;

		for (size_t k = 0; k < found->n; k++)
			if (!strcmp(type_of(&found->items[k]), types->items[i]))
				item = &found->items[k];
		if (item)
			kept.items[kept.n++] = (struct search_item){xstrdup(item->name), xstrdup(item->path)};
		else
			rc = log_error(EX_UNAVAILABLE, "%s: there is no athena-src-%s on PATH",
				       types->items[i], types->items[i]);
	}
	search_release(found);
	*found = kept;
	return rc;
}

static int show(struct search *found)
{
	struct plugin *all = xcalloc(found->n + 1, sizeof(*all));
	bool table = table_wanted(format);
	int rc;

	for (size_t i = 0; i < found->n; i++)
		all[i].program = found->items[i].path;
	plugins_describe(all, found->n, timeout_us, NULL);
	rc = table ? print_table(found, all) : print_lines(found, all);
	plugins_release(all, found->n);
	free(all);
	return rc;
}

int main(int argc, char **argv)
{
	struct opt_list types = {0};
	struct search found = {0};
	int rc;

	log_init(program.name);
	rc = opt_parse(&program, argc, argv, &types);
	if (!rc) {
		search_extend_path();
		search_path(&found, getenv("PATH"), "athena-src-");
		rc = choose(&found, &types);
	}
	if (!rc)
		rc = show(&found);
	search_release(&found);
	opt_list_release(&types);
	return rc == OPT_DONE ? 0 : rc;
}
