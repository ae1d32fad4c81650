/* SPDX-License-Identifier: ISC
 *
 * athena-conformance - does a source keep what athena-source(7) asks? Anyone's source, asked from outside.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "checks.h"
#include "log.h"
#include "opt.h"
#include "report.h"
#include "search.h"
#include "stamp.h"
#include "table.h"
#include "xalloc.h"

static volatile sig_atomic_t signal_seen;
static struct trial trial = {.timeout_us = 60 * STAMP_SECOND, .stop = &signal_seen};
static struct opt_list only;
static const char *keep;
static bool list;
static int format;

static const struct opt options[] = {
	{"format", 0, OPT_CHOICE, "auto|table|tap|ndjson",
	 "for a person, as on a terminal, as TAP, or as NDJSON, as into a pipe", &format, "auto"},
	{"grow", 0, OPT_STRING, "COMMAND",
	 "a shell command that adds to the input what makes an event or more", &trial.grow, NULL},
	{"keep", 0, OPT_STRING, "DIR", "leave all files in DIR, which is made", &keep, NULL},
	{"list", 0, OPT_FLAG, NULL, "show what is asked, and ask nothing", &list, NULL},
	{"missing", 0, OPT_LIST, "ARG", "an argument that names an input that is not there", &trial.missing,
	 NULL},
	{"only", 0, OPT_LIST, "CHECK", "ask only this", &only, NULL},
	{"timeout", 0, OPT_SPAN, "T", "wait so long for each run", &trial.timeout_us, "60s"},
	{0},
};

static const struct opt_env environment[] = {
	{"PATH", "where the source is looked for; the folder of this program comes last"},
	{"TMPDIR", "where a folder is made for the files; /tmp where it is not set"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-conformance",
	.synopsis = "[options] PROGRAM [ARG...]",
	.summary = "Ask a source whether it keeps what athena-source(7) says",
	.options = options,
	.env = environment,
	.footer = "What follows PROGRAM is given to it, and names an input with some events.\n"
		  "Example: athena conformance --grow 'echo b >>notes.txt' ./athena-src-notes notes.txt",
	.operands_end = true,
};

static const struct check *const all_checks[] = {checks_manners, checks_stream,  checks_cursor,
						 checks_sinks,   checks_options, checks_growth};

enum { N_TABLES = sizeof(all_checks) / sizeof(all_checks[0]) };

static void on_signal(int number)
{
	signal_seen = number;
}

static void catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

/* Is it asked for? */
static bool is_chosen(const struct check *c)
{
	for (size_t i = 0; i < only.n; i++)
		if (!strcmp(only.items[i], c->name))
			return true;
	return !only.n;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < N_TABLES; i++)
		for (const struct check *c = all_checks[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return true;
	return false;
}

static int show_list(void)
{
	struct table t = {.columns = 2};
	int rc;

	for (size_t i = 0; i < N_TABLES; i++)
		for (const struct check *c = all_checks[i]; c->name; c++) {
			table_cell(&t, c->name);
			table_cell(&t, c->asks);
		}
	rc = table_print(&t, 0);
	table_release(&t);
	return rc;
}

/* ---- the folder of the files ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* DIR of --keep, or one that goes at the end; a heap string with all links resolved, NULL where it was said
 * why. */
static char *make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = keep ? xstrdup(keep)
			  : xasprintf("%s/athena-conformance.XXXXXX", tmp && *tmp ? tmp : "/tmp"),
	     *real = NULL;

	if ((keep ? mkdir(path, 0700) : mkdtemp(path) ? 0 : -1) || !(real = realpath(path, NULL)))
		log_error(EX_CANTCREAT, "%s: %s", path, strerror(errno));
	free(path);
	return real;
}

static void clean_folder(char *folder)
{
	if (!keep && nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS))
		log_warn("%s: %s; remove it by hand", folder, strerror(errno));
	free(folder);
}

/* ---- the questions ---- */

static const char *why_not(const struct check *c)
{
	if (trial.endless)
		return "it is not asked: a run before did not end by itself";
	if (c->needs != NEEDS_NOTHING && !trial.sound)
		return "it needs sound events: see the check events";
	if (c->needs == NEEDS_TWO && trial.base.n_events < 2)
		return "it needs an input with two events or more";
	return NULL;
}

/* One check in a folder of its own. */
static int put(const struct check *c, const char *folder)
{
	char *own = xasprintf("%s/%s", folder, c->name);
	int rc = trial_begin(&trial, own);

	free(own);
	if (rc)
		return rc;
	if (why_not(c))
		trial_skip(&trial, why_not(c));
	else
		c->put(&trial);
	return signal_seen ? 128 + signal_seen : 0;
}

/* The others build upon what these two find: they are put in any case, and shown where they fail. */
static bool is_ground(const struct check *c)
{
	return c->put == checks_manners[0].put || c->put == checks_stream[0].put;
}

static int put_all(struct report *r, const char *folder)
{
	int rc = 0;

	report_begin(r, &trial);
	for (size_t i = 0; i < N_TABLES && !rc; i++)
		for (const struct check *c = all_checks[i]; c->name && !rc; c++) {
			if (is_chosen(c) || is_ground(c))
				rc = put(c, folder);
			if (!rc && (is_chosen(c) || (is_ground(c) && trial.verdict == VERDICT_FAILED)))
				report_verdict(r, c, &trial);
		}
	return rc ? rc : report_end(r, &trial);
}

/* TYPE is athena-src-TYPE, as for athena-sources. The caller's to free; NULL where there is none, which was
 * said. */
static char *find_program(const char *word)
{
	bool is_path = strchr(word, '/'), is_name = !strncmp(word, "athena-src-", 11);
	char *name = xasprintf("%s%s", is_path || is_name ? "" : "athena-src-", word);
	bool there = is_path && !access(name, F_OK), here = !access(name, X_OK);
	struct search found = {0};

	search_path(&found, getenv("PATH"), "athena-src-");
	for (size_t i = 0; i < found.n; i++)
		there |= !strcmp(found.items[i].name, name);
	search_release(&found);
	if (there)
		return name;
	if (is_path)
		log_error(EX_UNAVAILABLE, "%s: there is no such program", name);
	else
		log_error(EX_UNAVAILABLE, "there is no %s on PATH; a program of this folder is called ./%s",
			  name, here ? name : word);
	free(name);
	return NULL;
}

static int check_options(const struct opt_list *operands)
{
	for (size_t i = 0; i < only.n; i++)
		if (!is_known(only.items[i]))
			return log_error(EX_USAGE,
					 "--only: there is no check '%s'; --list shows those there are",
					 only.items[i]);
	if (!operands->n || !*operands->items[0])
		return log_error(EX_USAGE, "a source is needed; see --help");
	return 0;
}

static int ask(const struct opt_list *operands)
{
	struct report r = {.format = (enum report_format)format};
	char *source = find_program(operands->items[0]), *folder;
	int rc;

	if (!source)
		return EX_UNAVAILABLE;
	folder = make_folder();
	if (!folder) {
		free(source);
		return EX_CANTCREAT;
	}
	if (r.format == REPORT_AUTO)
		r.format = isatty(STDOUT_FILENO) ? REPORT_TABLE : REPORT_NDJSON;
	trial.program = source;
	trial.name = strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
	for (size_t i = 1; i < operands->n; i++)
		opt_list_add(&trial.args, operands->items[i]);
	rc = put_all(&r, folder);
	trial_release(&trial);
	clean_folder(folder);
	free(source);
	return rc;
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init(program.name);
	search_extend_path();
	catch_signals();
	rc = opt_parse(&program, argc, argv, &operands);
	if (!rc && list)
		rc = show_list();
	else if (!rc && !(rc = check_options(&operands)))
		rc = ask(&operands);
	opt_list_release(&operands);
	opt_list_release(&only);
	return rc == OPT_DONE ? 0 : rc;
}
