/* SPDX-License-Identifier: ISC
 *
 * athena-sync - every configured source into the store.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "log.h"
#include "opt.h"
#include "report.h"
#include "say.h"
#include "search.h"
#include "stamp.h"
#include "sync.h"
#include "table.h"
#include "view.h"
#include "xalloc.h"

enum { JOBS_MOST = 256 };

static struct sync sync_all = {.jobs = 4, .deadline = 300 * STAMP_SECOND, .delay = STAMP_SECOND};
static const char *config_path, *metrics_path;
static int format;
static bool dry_run, progress, no_progress, quiet, verbose;

static const struct opt options[] = {
	{"config", 0, OPT_STRING, "FILE", "read FILE", &config_path, "$XDG_CONFIG_HOME/athena/config"},
	{"deadline", 0, OPT_SPAN, "T", "keep retrying what failed for now, for T", &sync_all.deadline, "5m"},
	{"dry-run", 0, OPT_FLAG, NULL, "show the pipelines as they could be typed; run nothing", &dry_run,
	 NULL},
	{"format", 0, OPT_CHOICE, TABLE_FORMATS, "the summary: a table, as on a terminal, or NDJSON", &format,
	 "auto"},
	{"jobs", 'j', OPT_COUNT, "N", "run N sources side by side", &sync_all.jobs, "4"},
	{"metrics", 0, OPT_STRING, "FILE", "write Prometheus metrics of all sources to FILE", &metrics_path,
	 NULL},
	{"no-progress", 0, OPT_FLAG, NULL, "show no progress", &no_progress, NULL},
	{"progress", 0, OPT_FLAG, NULL, "show progress even where stderr is no terminal", &progress, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only, no summary", &quiet, NULL},
	{"retry-delay", 0, OPT_SPAN, "T", "wait before the first retry, then double", &sync_all.delay, "1s"},
	{"verbose", 'v', OPT_FLAG, NULL, "say what is started, and when it is tried again", &verbose, NULL},
	{0},
};

static const struct opt_env environment[] = {
	{"PATH", "where sources and athena-store are looked for; the folder of this program comes last"},
	{"XDG_CONFIG_HOME", "where athena/config is; ~/.config where it is not set"},
	{"XDG_STATE_HOME", "where cursors are kept, in athena/; ~/.local/state where it is not set"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-sync",
	.synopsis = "[options] [NAME...]",
	.summary = "Bring what is new in the configured sources into the store",
	.options = options,
	.env = environment,
	.footer = "Without NAME all sources that are enabled.",
};

static int check_options(void)
{
	if (sync_all.jobs < 1 || sync_all.jobs > JOBS_MOST)
		return log_error(EX_USAGE, "--jobs is from 1 to %d", JOBS_MOST);
	if (progress && no_progress)
		return log_error(EX_USAGE, "--progress and --no-progress exclude each other");
	if (quiet && verbose)
		return log_error(EX_USAGE, "-q and -v exclude each other");
	sync_all.live = progress || (isatty(STDERR_FILENO) && !no_progress && !quiet && !dry_run);
	log_set_level(quiet ? LOG_QUIET : verbose ? LOG_VERBOSE : LOG_NORMAL);
	return 0;
}

/* What the sources that are chosen say of themselves, in their order; a broken one is run all the same. */
static void ask(const struct settings *s, struct plugin *plugins)
{
	for (size_t i = 0, k = 0; i < s->n; i++)
		if (s->sources[i].chosen)
			plugins[k++].program = s->sources[i].program;
	plugins_describe(plugins, sync_all.n, 10 * STAMP_SECOND, NULL);
	for (size_t i = 0; i < sync_all.n; i++)
		if (plugins[i].why && !plugins[i].missing)
			log_verbose("%s: %s", plugins[i].program, plugins[i].why);
}

static int plan(const struct settings *s, const struct plugin *plugins, struct pipeline *all)
{
	const struct pipeline_style style = {.live = sync_all.live, .quiet = quiet};
	int worst = 0;

	for (size_t i = 0, k = 0; i < s->n; i++) {
		struct pipeline *p = &all[k];
		int rc;

		if (!s->sources[i].chosen)
			continue;
		rc = pipeline_plan(p, s, &s->sources[i], &plugins[k++], &style);
		if (rc) {
			p->state = PIPELINE_DONE;
			p->code = rc;
			p->started_at = stamp_now();
		}
		worst = child_worse(worst, rc);
	}
	return worst;
}

static int show_all(void)
{
	struct buf out = {0};
	int rc;

	for (size_t i = 0; i < sync_all.n; i++)
		if (sync_all.all[i].state == PIPELINE_READY)
			pipeline_show(&sync_all.all[i], &out);
	rc = say_bytes(out.data, out.len);
	buf_release(&out);
	return rc;
}

static int run_all(const struct settings *s)
{
	int rc = 0, code;

	if (file_make_folder(s->state))
		return log_error(EX_CANTCREAT, "%s: %s", s->state, strerror(errno));
	/* What cannot even be started has failed too. */
	for (size_t i = 0; i < sync_all.n; i++)
		if (sync_all.all[i].state == PIPELINE_DONE)
			(void)report_one(sync_all.all[i].result, &sync_all.all[i]);
	sync_setup();
	for (size_t i = 0; verbose && i < sync_all.n; i++) {
		struct buf line = {0};

		if (sync_all.all[i].state != PIPELINE_READY)
			continue;
		pipeline_show(&sync_all.all[i], &line);
		line.len -= line.len > 0;
		log_verbose("%s: %s", sync_all.all[i].source->name, buf_cstr(&line));
		buf_release(&line);
	}
	code = sync_run(&sync_all);
	if (!quiet)
		rc = view_summary(sync_all.all, sync_all.n, s, table_wanted(format));
	if (metrics_path)
		rc = child_worse(rc, report_all(metrics_path, sync_all.all, sync_all.n));
	return code ? code : rc;
}

static int sync_chosen(const struct settings *s)
{
	struct plugin *plugins;
	struct pipeline *all;
	int rc, planned;

	for (size_t i = 0; i < s->n; i++)
		sync_all.n += s->sources[i].chosen;
	if (!sync_all.n)
		return log_error(
			EX_CONFIG,
			"%s: no source is configured, or none is enabled; 'athena help config' shows how",
			s->file);
	plugins = xcalloc(sync_all.n, sizeof(*plugins));
	all = xcalloc(sync_all.n, sizeof(*all));
	ask(s, plugins);
	planned = plan(s, plugins, all);
	sync_all.all = all;
	rc = dry_run ? show_all() : run_all(s);
	for (size_t i = 0; i < sync_all.n; i++)
		pipeline_release(&all[i]);
	plugins_release(plugins, sync_all.n);
	free(all);
	free(plugins);
	return rc ? rc : planned;
}

int main(int argc, char **argv)
{
	struct opt_list names = {0};
	struct settings s = {0};
	int rc;

	log_init(program.name);
	rc = opt_parse(&program, argc, argv, &names);
	if (!rc)
		rc = check_options();
	if (!rc) {
		search_extend_path();
		rc = settings_load(&s, config_path, settings_getenv);
	}
	if (!rc)
		rc = settings_choose(&s, names.items, names.n);
	if (!rc)
		rc = sync_chosen(&s);
	settings_release(&s);
	opt_list_release(&names);
	return rc == OPT_DONE ? 0 : rc;
}
