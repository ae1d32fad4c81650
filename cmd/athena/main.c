/* SPDX-License-Identifier: ISC
 *
 * athena - the front: `athena FOO` runs athena-FOO.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "near.h"
#include "opt.h"
#include "search.h"
#include "xalloc.h"

static const struct opt options[] = {{0}};

static const struct opt_program program = {
	.name = "athena",
	.synopsis = "COMMAND [ARG...]",
	.summary = "Run the program athena-COMMAND",
	.options = options,
	.footer = "Configured once, then from cron:\n"
		  "  config       the configuration that is in force, and where it comes from\n"
		  "  check        is everything there that a sync needs? what to do if not\n"
		  "  sync         what is new in the configured sources, into the database\n"
		  "  query        the events: newest, filtered, searched, counted; --status\n"
		  "By hand, joined by pipes:\n"
		  "  src-git  src-github  src-slack  src-apilog    the events of one source\n"
		  "  store        events into a database\n"
		  "  commit       events into any other command, batch by batch\n"
		  "Sources of your own:\n"
		  "  sources      those that are on PATH\n"
		  "  conformance  does one keep the rules? what to do if not\n\n"
		  "athena help shows where to begin, athena help COMMAND its manual; events, cursor, "
		  "source and recipes have one too.",
};

/* What has a page and is no command. */
static const char *const topics[] = {"cursor", "events", "recipes", "source"};

/* What others call it. */
static const char *const habits[][2] = {
	{"status", "query --status"}, {"search", "query --match"}, {"log", "query"},
	{"version", "--version"},     {"fetch", "sync"},           {"init", "help config"},
};

/* The command that was probably meant, as a heap string; NULL where none is near. The type of a source is. */
static char *nearest(const char *word, bool for_help)
{
	struct near n = near_to(word);
	struct search found = {0};
	char *meant;

	search_path(&found, getenv("PATH"), "athena-");
	for (size_t i = 0; i < found.n; i++) {
		const char *name = found.items[i].name + strlen("athena-");
		bool is_type = !strncmp(name, "src-", 4) && !strcmp(name + 4, word);

		near_look(&n, name);
		if (is_type)
			n = (struct near){.word = word, .best = name};
	}
	for (size_t i = 0; for_help && i < sizeof(topics) / sizeof(*topics); i++)
		near_look(&n, topics[i]);
	for (size_t i = 0; !for_help && i < sizeof(habits) / sizeof(*habits); i++)
		if (!strcmp(habits[i][0], word))
			n.best = habits[i][1];
	meant = n.best ? xstrdup(n.best) : NULL;
	search_release(&found);
	return meant;
}

static int unknown(const char *word)
{
	char *meant = nearest(word, false);
	int rc = meant ? log_error(EX_USAGE, "'%s' is no command; did you mean 'athena %s'?", word, meant)
		       : log_error(EX_USAGE, "'%s' is no command; 'athena --help' shows those there are",
				   word);

	free(meant);
	return rc;
}

/* Becomes athena-COMMAND. */
static int run(char **argv)
{
	const char *word = argv[0];
	int rc;

	if (!*word || strchr(word, '/'))
		return unknown(word);
	argv[0] = xasprintf("athena-%s", word);
	execvp(argv[0], argv);
	rc = errno == ENOENT || errno == ENAMETOOLONG
		     ? unknown(word)
		     : log_error(EX_UNAVAILABLE, "%s: %s", argv[0], strerror(errno));
	free(argv[0]);
	return rc;
}

/* The file of the manual page `name`, as a heap string: that of our own tree, installed or just built, before
 * any other; NULL where it is not there. A build is build/bin or build/VARIANT/bin.
 */
static char *own_page(const char *name, const char *sections)
{
	char *folder = search_own_folder(), *path = NULL;

	for (; folder && !path && *sections; sections++) {
		char *tries[] = {
			xasprintf("%s/../share/man/man%c/%s.%c", folder, *sections, name, *sections),
			xasprintf("%s/../share/man/man%c/%s.%c.gz", folder, *sections, name, *sections),
			xasprintf("%s/../../man/%s.%c", folder, name, *sections),
			xasprintf("%s/../../../man/%s.%c", folder, name, *sections),
		};

		for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
			if (!path && !access(tries[i], R_OK))
				path = xstrdup(tries[i]);
			free(tries[i]);
		}
	}
	free(folder);
	return path;
}

/* What the page of `topic` is called, as a heap string; NULL, logged, where there is none. */
static char *page_of(const char *topic)
{
	char *meant = nearest(topic, true), *page = NULL;

	if (!meant)
		log_error(0, "there is no manual of '%s'; 'athena --help' shows what has one", topic);
	else if (!strcmp(meant, topic) || (!strncmp(meant, "src-", 4) && !strcmp(meant + 4, topic)))
		page = xasprintf("athena-%s", meant);
	else
		log_error(0, "there is no manual of '%s'; did you mean 'athena help %s'?", topic, meant);
	free(meant);
	return page;
}

/* Becomes man, or where that is not installed mandoc. */
static int show_file(char *file)
{
	char man[] = "man", mandoc[] = "mandoc", pager[] = "-a";

	execvp(man, (char *[]){man, file, NULL});
	execvp(mandoc, (char *[]){mandoc, pager, file, NULL});
	return log_error(EX_UNAVAILABLE, "man is not installed; the page is %s", file);
}

/* Becomes man, or where that has no such page the program's --help; a topic that is no program has none. */
static int show_page(char *page, char *section)
{
	static char sh[] = "sh", c[] = "-c",
		    script[] = "man -w $2 \"$1\" >/dev/null 2>&1 && exec man $2 \"$1\"; "
			       "command -v \"$1\" >/dev/null && exec \"$1\" --help; "
			       "echo \"athena: help: the page $1 is not installed\" >&2; exit 69";

	execv("/bin/sh", (char *[]){sh, c, script, sh, page, section, NULL});
	return log_error(EX_UNAVAILABLE, "/bin/sh: %s", strerror(errno));
}

static int help(const char *topic)
{
	char section[] = "7", *page, *file, *source = xasprintf("athena-src-%s", topic ? topic : "");
	int rc;

	if (topic && !strncmp(topic, "athena-", 7))
		topic += 7;
	page = !topic || !strcmp(topic, "athena") ? xstrdup("athena") : xasprintf("athena-%s", topic);
	file = own_page(page, topic ? "157" : section);
	if (!file)
		file = own_page(source, "1");
	if (!file && topic && strcmp(topic, "athena") != 0) {
		free(page);
		page = page_of(topic);
	}
	rc = file ? show_file(file) : page ? show_page(page, topic ? NULL : section) : EX_USAGE;
	free(file);
	free(page);
	free(source);
	return rc;
}

/* Nothing was asked for: what there is, where messages go, for nothing waits for it on standard output. */
static int show_commands(char *self)
{
	char help[] = "--help", *words[] = {self, help, NULL};
	struct opt_list none = {0};

	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return log_error(EX_OSERR, "stdout: %s", strerror(errno));
	opt_parse(&program, 2, words, &none);
	opt_list_release(&none);
	fflush(stdout);
	return log_error(EX_USAGE, "a command is needed, as in 'athena check'");
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init(program.name);
	search_extend_path();
	if (argc > 2 && !strcmp(argv[1], "help") && *argv[2] == '-') {
		argc--; /* athena help --help */
		argv++;
	} else if (argc > 1 && *argv[1] != '-') {
		return !strcmp(argv[1], "help") ? help(argv[2]) : run(argv + 1);
	}
	rc = opt_parse(&program, argc, argv, &operands);
	opt_list_release(&operands);
	if (!rc)
		rc = show_commands(argv[0]);
	return rc == OPT_DONE ? 0 : rc;
}
