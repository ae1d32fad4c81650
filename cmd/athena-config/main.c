/* SPDX-License-Identifier: ISC
 *
 * athena-config - what is in force, and where it comes from.
 */
#include <sysexits.h>

#include "confine.h"
#include "jsonout.h"
#include "known.h"
#include "log.h"
#include "mask.h"
#include "opt.h"
#include "say.h"
#include "settings.h"
#include "table.h"

static int format;
static int known;
static const char *config_path, *repo;

static const struct opt options[] = {
	{"config", 0, OPT_STRING, "FILE", "read FILE", &config_path, "$XDG_CONFIG_HOME/athena/config"},
	TABLE_FORMAT_OPTION(format),
	{"known", 0, OPT_CHOICE, KNOWN_WORDS,
	 "only such names that can be told without the network, those that begin with NAME: what "
	 "completions ask",
	 &known, NULL},
	{"repo", 0, OPT_STRING, "REPO", "with --known=branch: the repository", &repo, "."},
	{0},
};

static const struct opt_env environment[] = {
	{"XDG_CONFIG_HOME", "where athena/config is; ~/.config where it is not set"},
	{"XDG_STATE_HOME", "where athena/ is, the folder of cursors; ~/.local/state where it is not set"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-config",
	.synopsis = "[options] [NAME...]",
	.summary = "Show the configuration that is in force, and where each value comes from",
	.options = options,
	.env = environment,
};

/* Where rows go: one of the two. */
struct shown {
	struct table *table;
	struct buf *lines;
};

static void show(const struct shown *to, const char *section, const char *name, const char *key,
		 const char *value, const char *origin)
{
	struct buf full = {0}, masked = {0};

	buf_addf(&full, "%s%s%s%s%s", section, *section ? "." : "", name ? name : "", name ? "." : "", key);
	if (value && settings_is_secret(key))
		buf_adds(&masked, "***");
	else
		mask_add(&masked, value ? value : "true");
	if (to->table) {
		table_cell(to->table, buf_cstr(&full));
		table_cell(to->table, buf_cstr(&masked));
		table_cell(to->table, origin);
	} else {
		struct jsonout j = {.out = to->lines};

		jsonout_open(&j, '{');
		jsonout_member(&j, "key", buf_cstr(&full));
		jsonout_member(&j, "value", buf_cstr(&masked));
		jsonout_member(&j, "origin", origin);
		jsonout_close(&j, '}');
		buf_addc(to->lines, '\n');
	}
	buf_release(&full);
	buf_release(&masked);
}

static void show_all(const struct settings *s, const struct shown *to, bool some)
{
	for (size_t i = 0; !some && i < s->store.n; i++)
		show(to, "store", NULL, s->store.items[i].key, s->store.items[i].value,
		     s->store.items[i].file);
	for (size_t i = 0; i < s->n; i++) {
		const struct settings_source *source = &s->sources[i];

		for (size_t k = 0; (!some || source->chosen) && k < source->keys.n; k++)
			show(to, "source", source->name, source->keys.items[k].key,
			     source->keys.items[k].value, source->keys.items[k].file);
	}
	if (!some)
		show(to, "", NULL, "state", s->state, s->state_from);
}

static int print(const struct settings *s, bool some)
{
	struct table table = {.columns = 3};
	struct buf lines = {0};
	bool as_table = table_wanted(format);
	const struct shown to = {as_table ? &table : NULL, &lines};
	int rc = 0;

	if (as_table) {
		table_cell(&table, "KEY");
		table_cell(&table, "VALUE");
		table_cell(&table, "FROM");
	}
	show_all(s, &to, some);
	if (as_table)
		rc = table_print(&table, 0);
	else
		rc = say_bytes(lines.data, lines.len);
	table_release(&table);
	buf_release(&lines);
	return rc;
}

static int check_options(const struct opt_list *names)
{
	if (opt_given("known") && names->n > 1)
		return log_error(EX_USAGE, "--known takes one NAME, the beginning of what is looked for");
	if (repo && (!opt_given("known") || known != KNOWN_BRANCH))
		return log_error(EX_USAGE, "--repo goes with --known=branch");
	return 0;
}

int main(int argc, char **argv)
{
	struct opt_list names = {0};
	struct settings s = {0};
	int rc;

	log_init(program.name);
	rc = opt_parse(&program, argc, argv, &names);
	if (!rc)
		rc = check_options(&names);
	/* It reads, even a repository of others, and prints. */
	confine(0, NULL, 0);
	if (!rc)
		rc = settings_load(&s, config_path, settings_getenv);
	if (!rc && opt_given("known")) {
		rc = known_print((enum known)known, &s, repo ? repo : ".", names.n ? names.items[0] : "");
		goto out;
	}
	if (!rc)
		rc = settings_choose(&s, names.items, names.n);
	if (!rc && !s.conf.n)
		log_note("%s: nothing is configured; 'athena help config' shows how", s.file);
	if (!rc)
		rc = print(&s, names.n > 0);
out:
	settings_release(&s);
	opt_list_release(&names);
	return rc == OPT_DONE ? 0 : rc;
}
