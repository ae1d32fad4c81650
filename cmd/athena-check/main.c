/* SPDX-License-Identifier: ISC
 *
 * athena-check - is everything there that a sync needs? Each configured source is asked with its --check, and
 * the store too.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "jobs.h"
#include "jsonout.h"
#include "last.h"
#include "log.h"
#include "opt.h"
#include "say.h"
#include "search.h"
#include "settings.h"
#include "stamp.h"
#include "table.h"
#include "xalloc.h"

enum { AT_ONCE = 8 };

/* One thing that is looked at. */
struct item {
	const char *name, *type; /* borrowed */
	struct words argv;
	char *why;                            /* it could not even be asked */
	char *said;                           /* what it said, borrowed lines within */
	char *cursor;                         /* where athena-sync keeps its position; NULL: nowhere */
	bool begun;                           /* the cursor is there */
	const struct settings_source *source; /* borrowed; NULL: the store */
	int code;
};

static const char *config_path;
static int format;
static int64_t timeout_us = 60 * STAMP_SECOND;

static const struct opt options[] = {
	{"config", 0, OPT_STRING, "FILE", "read FILE", &config_path, "$XDG_CONFIG_HOME/athena/config"},
	TABLE_FORMAT_OPTION(format),
	{"timeout", 0, OPT_SPAN, "T", "wait so long for each answer", &timeout_us, "60s"},
	{0},
};

static const struct opt_env environment[] = {
	{"PATH", "where sources and athena-store are looked for; the folder of this program comes last"},
	{"XDG_CONFIG_HOME", "where athena/config is; ~/.config where it is not set"},
	{"XDG_STATE_HOME", "where cursors are kept, in athena/; ~/.local/state where it is not set"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-check",
	.synopsis = "[options] [NAME...]",
	.summary = "Say whether the configured sources and the database are ready",
	.options = options,
	.env = environment,
	.footer = "Without NAME all sources that are enabled, and the database.",
};

/* The cursor is looked at too, where there is one; a check makes none. */
static void add_cursor(struct item *item, const struct settings *s, const struct settings_source *source,
		       const struct plugin *plugin)
{
	char *cursor = xasprintf("%s/%s.cursor", s->state, source->name);

	if (settings_find(&source->keys, "cursor") || !plugin_option(plugin, "cursor")) {
		free(cursor);
		return;
	}
	item->cursor = cursor;
	item->begun = !access(cursor, F_OK);
	if (item->begun)
		words_addf(&item->argv, "--cursor=%s", cursor);
}

/* The command that prints the token is run by a shell, whose third descriptor the source reads. */
static void wrap_token(struct item *item, const char *command)
{
	struct words all = {0};

	words_add(&all, xstrdup("sh"));
	words_add(&all, xstrdup("-c"));
	words_addf(&all, "{ { %s\n} 4>&- | \"$@\" 3<&0 </dev/null >&4; } 4>&1", command);
	words_add(&all, xstrdup("sh"));
	for (size_t i = 0; i < item->argv.n; i++)
		words_add(&all, xstrdup(item->argv.items[i]));
	words_add(&all, xstrdup("--token-file=/dev/fd/3"));
	words_release(&item->argv);
	item->argv = all;
}

static void plan_source(struct item *item, const struct settings *s, const struct settings_source *source,
			const struct plugin *plugin)
{
	item->name = source->name;
	item->type = source->type;
	item->source = source;
	if (plugin->why) {
		item->code = EX_UNAVAILABLE;
		item->why =
			plugin->missing
				? xasprintf("there is no %s on PATH; athena sources shows those there are",
					    source->program)
				: xasprintf("%s: %s", source->program, plugin->why);
	} else if (!plugin_option(plugin, "check")) {
		item->why = xasprintf("%s has no --check", source->program);
	} else {
		item->code = settings_command(source, plugin, &item->argv);
		if (item->code)
			item->why = xstrdup("its configuration is wrong; see above");
	}
	if (item->why)
		return;
	words_add(&item->argv, xstrdup("--check"));
	add_cursor(item, s, source, plugin);
	if (source->token_command)
		wrap_token(item, source->token_command);
}

static void plan_store(struct item *item, const struct settings *s)
{
	item->name = "store";
	item->type = "";
	item->code = settings_store_command(s, &item->argv);
	if (item->code) {
		item->why = xstrdup("no database is configured");
		return;
	}
	/* Options end with the -- before the database. */
	free(item->argv.items[item->argv.n - 2]);
	item->argv.items[item->argv.n - 2] = xstrdup("--check");
}

/* A source that was given no cursor says that each run reads everything; those of athena-sync do not. */
static void mend_cursor(struct item *item)
{
	static const char none[] = "ok no cursor:";
	char *said = item->said, *line = strstr(said, none);

	if (!item->cursor || item->begun || !line || (line > said && line[-1] != '\n'))
		return;
	item->said = xasprintf("%.*sok cursor %s: not there yet, the first sync reads everything%s",
			       (int)(line - said), said, item->cursor, line + strcspn(line, "\n"));
	free(said);
}

/* The last item is the store, which needs no token. */
static void ask(struct item *items, size_t n)
{
	const struct jobs_how how = {.at_once = AT_ONCE, .timeout_us = timeout_us};
	struct job *jobs = xcalloc(n, sizeof(*jobs));
	size_t asked = 0;

	for (size_t i = 0; i < n; i++)
		if (!items[i].why)
			jobs[asked++] = (struct job){
				.argv = words_argv(&items[i].argv), .errors_too = true, .plain = i + 1 == n};
	jobs_run(jobs, asked, &how);
	for (size_t i = 0, k = 0; i < n; i++) {
		if (items[i].why)
			continue;
		items[i].code = jobs[k].late ? EX_TEMPFAIL : jobs[k].code;
		if (jobs[k].late)
			items[i].said =
				xasprintf("no answer within %" PRId64 " s", timeout_us / STAMP_SECOND);
		else
			items[i].said = xstrdup(buf_cstr(&jobs[k].out));
		mend_cursor(&items[i]);
		k++;
	}
	jobs_release(jobs, asked);
	free(jobs);
}

/* Which source the cursor file is of, as a heap string; NULL where it is empty or damaged. */
static char *source_of(const char *cursor)
{
	json_t *file = json_load_file(cursor, 0, NULL);
	const char *id = json_string_value(json_object_get(file, "source_id"));
	char *copy = id ? xstrdup(id) : NULL;

	json_decref(file);
	return copy;
}

/* A line more to what it said. */
static void add_line(struct item *item, const char *line)
{
	char **to = item->why ? &item->why : &item->said, *said = *to;

	*to = xasprintf("%s%s%s", said, *said && said[strlen(said) - 1] != '\n' ? "\n" : "", line);
	free(said);
}

static void say_unknown(struct item *item, const char *source)
{
	char *line = xasprintf("cursor %s: the database does not know %s: it is another one, or a new one; "
			       "put the old one back, or begin again: rm %s",
			       item->cursor, source, item->cursor);

	add_line(item, line);
	item->code = EX_CONFIG;
	free(line);
}

/* A source that goes on from a position which the database never saw would leave a gap. */
static void ask_database(struct item *items, size_t n, const struct settings *s)
{
	const struct jobs_how how = {.at_once = AT_ONCE, .timeout_us = timeout_us};
	struct job *jobs = xcalloc(n, sizeof(*jobs));
	struct words *words = xcalloc(n, sizeof(*words));
	char **ids = xcalloc(n, sizeof(*ids));
	size_t asked = 0;

	for (size_t i = 0; i < n; i++) {
		ids[i] =
			items[i].begun && !items[i].why && !items[i].code ? source_of(items[i].cursor) : NULL;
		if (!ids[i])
			continue;
		words_add(&words[asked], xstrdup("athena-store"));
		words_addf(&words[asked], "--cursor-of=%s", ids[i]);
		words_add(&words[asked], xstrdup("--"));
		words_add(&words[asked], xstrdup(s->database));
		jobs[asked].argv = words_argv(&words[asked]);
		jobs[asked].plain = true;
		asked++;
	}
	jobs_run(jobs, asked, &how);
	for (size_t i = 0, k = 0; i < n; i++) {
		if (!ids[i])
			continue;
		if (jobs[k].code == EX_CONFIG || jobs[k].code == EX_NOINPUT)
			say_unknown(&items[i], ids[i]);
		free(ids[i]);
		words_release(&words[k++]);
	}
	jobs_release(jobs, asked);
	free(ids);
	free(words);
	free(jobs);
}

/* The next line of what was said, ended in place; NULL at the end. */
static char *next_line(char **at)
{
	char *line = *at;

	if (!line || !*line)
		return NULL;
	*at = line + strcspn(line, "\n");
	if (**at)
		*(*at)++ = '\0';
	return line;
}

static void add_rows(struct table *t, const struct item *item)
{
	char *at = item->why ? item->why : item->said, *line = next_line(&at);
	bool first = true;

	do {
		table_cell(t, first ? item->name : "");
		table_cell(t, first ? item->type : "");
		table_cell(t, !first ? "" : item->code ? child_ended(item->code) : "ok");
		table_cell(t, line);
		first = false;
	} while ((line = next_line(&at)));
}

static void add_json(struct buf *out, const struct item *item)
{
	char *at = item->why ? item->why : item->said, *line;
	struct jsonout j = {.out = out};

	jsonout_open(&j, '{');
	jsonout_member(&j, "name", item->name);
	jsonout_member(&j, "type", *item->type ? item->type : NULL);
	jsonout_name(&j, "ok");
	jsonout_bool(&j, !item->code);
	jsonout_member_int(&j, "code", item->code);
	jsonout_name(&j, "says");
	jsonout_open(&j, '[');
	while ((line = next_line(&at)))
		jsonout_text(&j, line, strlen(line));
	jsonout_close(&j, ']');
	jsonout_close(&j, '}');
	buf_addc(out, '\n');
}

static int print(const struct item *items, size_t n)
{
	bool as_table = table_wanted(format);
	struct table t = {.columns = 4};
	struct buf out = {0};
	int rc = 0;

	if (as_table) {
		table_cell(&t, "SOURCE");
		table_cell(&t, "TYPE");
		table_cell(&t, "STATUS");
		table_cell(&t, "SAYS");
	}
	for (size_t i = 0; i < n; i++) {
		if (as_table)
			add_rows(&t, &items[i]);
		else
			add_json(&out, &items[i]);
	}
	if (as_table)
		rc = table_print(&t, 0);
	else
		rc = say_json(out.data, out.len);
	table_release(&t);
	buf_release(&out);
	return rc;
}

/* How its last sync went; and where that failed for good and the source finds nothing, how to hear it again. */
static void add_last(struct item *item, const struct settings *s)
{
	char *last = last_sync(s, item->source, !item->code);

	if (last)
		add_line(item, last);
	free(last);
}

static int check(const struct settings *s)
{
	struct item *items = xcalloc(s->n + 1, sizeof(*items));
	struct plugin *plugins = xcalloc(s->n + 1, sizeof(*plugins));
	size_t n = 0;
	int rc, code = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->sources[i].chosen)
			plugins[n++].program = s->sources[i].program;
	plugins_describe(plugins, n, timeout_us, NULL);
	n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->sources[i].chosen) {
			plan_source(&items[n], s, &s->sources[i], &plugins[n]);
			n++;
		}
	plan_store(&items[n], s);
	ask(items, n + 1);
	for (size_t i = 0; i < n; i++)
		add_last(&items[i], s);
	if (s->database && *s->database != '/')
		add_line(&items[n],
			 "its path depends on the folder that athena sync is run in: begin it with / or ~/");
	if (!items[n].code)
		ask_database(items, n, s);
	for (size_t i = 0; i <= n; i++)
		code = child_worse(code, items[i].code);
	rc = print(items, n + 1);
	for (size_t i = 0; i <= n; i++) {
		words_release(&items[i].argv);
		free(items[i].why);
		free(items[i].said);
		free(items[i].cursor);
	}
	plugins_release(plugins, n);
	free(plugins);
	free(items);
	return code ? code : rc;
}

int main(int argc, char **argv)
{
	struct opt_list names = {0};
	struct settings s = {0};
	int rc;

	log_init(program.name);
	rc = opt_parse(&program, argc, argv, &names);
	if (!rc) {
		search_extend_path();
		rc = settings_load(&s, config_path, settings_getenv);
	}
	if (!rc)
		rc = settings_choose(&s, names.items, names.n);
	if (!rc)
		rc = check(&s);
	settings_release(&s);
	opt_list_release(&names);
	return rc == OPT_DONE ? 0 : rc;
}
