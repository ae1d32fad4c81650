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
	.footer = "athena check, sync, query; config, sources, conformance; store, commit, src-git, "
		  "src-github, "
		  "src-slack, src-apilog. athena help shows where to begin, athena help COMMAND its manual; "
		  "events, cursor, source and recipes have one too.",
};

/* What has a page and is no command. */
static const char *const topics[] = {"cursor", "events", "recipes", "source"};

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
	meant = n.best ? xstrdup(n.best) : NULL;
	search_release(&found);
	return meant;
}

static int unknown(const char *word)
{
	char *meant = nearest(word, false);
	int rc = meant ? log_error(EX_USAGE, "'%s' is no command; did you mean 'athena %s'?", word, meant)
		       : log_error(EX_USAGE, "'%s' is no command; 'athena help' shows those there are", word);

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

/* Is probably a slip; then that is said. */
static bool is_slip(const char *topic)
{
	char *meant = nearest(topic, true);
	bool slip = meant && strcmp(meant, topic) != 0;

	if (slip)
		log_error(0, "there is no manual of '%s'; did you mean 'athena help %s'?", topic, meant);
	free(meant);
	return slip;
}

/* Becomes man, or where that is not installed mandoc, or the program's --help. */
static int help(const char *topic)
{
	const char *sections = topic ? "157" : "7";
	char *page = !topic || !strcmp(topic, "athena") ? xstrdup("athena")
		     : !strncmp(topic, "athena-", 7)    ? xstrdup(topic)
							: xasprintf("athena-%s", topic);
	char *source = xasprintf("athena-src-%s", topic ? topic : ""), *file = own_page(page, sections);
	char section[] = "7", man[] = "man", mandoc[] = "mandoc", pager[] = "-a", question[] = "--help";
	int rc;

	if (!file && (file = own_page(source, sections))) {
		free(page);
		page = xstrdup(source);
	}
	if (!file && topic && strncmp(topic, "athena", 6) != 0 && is_slip(topic)) {
		rc = EX_USAGE;
		goto out;
	}
	if (file) {
		execvp(man, (char *[]){man, file, NULL});
		execvp(mandoc, (char *[]){mandoc, pager, file, NULL});
	} else {
		execvp(man, topic ? (char *[]){man, page, NULL} : (char *[]){man, section, page, NULL});
	}
	execvp(page, (char *[]){page, question, NULL});
	rc = file ? log_error(EX_UNAVAILABLE, "man is not installed; the page is %s", file)
	     : topic && errno == ENOENT ? unknown(topic)
					: log_error(EX_UNAVAILABLE, "cannot run man: %s", strerror(errno));
out:
	free(source);
	free(file);
	free(page);
	return rc;
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init(program.name);
	search_extend_path();
	if (argc > 1 && argv[1][0] != '-')
		return !strcmp(argv[1], "help") ? help(argv[2]) : run(argv + 1);
	rc = opt_parse(&program, argc, argv, &operands);
	opt_list_release(&operands);
	if (!rc)
		rc = log_error(EX_USAGE, "a command is needed, as in 'athena check'; see --help");
	return rc == OPT_DONE ? 0 : rc;
}
