/* SPDX-License-Identifier: ISC
 *
 * athena-query - events out of the database again: the newest, those that are looked for, their numbers.
 */
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "by.h"
#include "configured.h"
#include "confine.h"
#include "event.h"
#include "file.h"
#include "follow.h"
#include "fulltext.h"
#include "functions.h"
#include "list.h"
#include "log.h"
#include "match.h"
#include "query.h"
#include "related.h"
#include "schema.h"
#include "select.h"
#include "stamp.h"
#include "status.h"
#include "xalloc.h"

enum { TERMINAL_LIMIT = 50 };
enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

static struct query query = {
	.since = QUERY_ANY_TIME, .until = QUERY_ANY_TIME, .limit = -1, .max_age = -1, .by = BY_NOTHING};
static int color;
static bool all, quiet;

static const struct opt options[] = {
	{"actor", 0, OPT_LIST, "NAME", "events of NAME", &query.actors, NULL},
	{"all", 0, OPT_FLAG, NULL, "no limit, on a terminal neither", &all, NULL},
	{"by", 0, OPT_CHOICE, "day|hour|source|actor|kind", "how many events for each of these", &query.by,
	 NULL},
	{"color", 0, OPT_CHOICE, "auto|always|never", "colours in the table", &color, "auto"},
	{"count", 0, OPT_FLAG, NULL, "only how many events there are", &query.count, NULL},
	{"follow", 0, OPT_FLAG, NULL, "in the order of arrival, and go on with what arrives", &query.follow,
	 NULL},
	{"format", 0, OPT_CHOICE, "auto|table|ndjson|csv|json", "a table on a terminal, NDJSON into a pipe",
	 &query.format, "auto"},
	{"kind", 0, OPT_LIST, "KIND", "events of that kind, as pull_request.*", &query.kinds, NULL},
	{"limit", 'n', OPT_COUNT, "N", "the newest N events", &query.limit, "50 on a terminal"},
	{"match", 0, OPT_STRING, "TEXT", "these words, \"phrases\" and prefixes*; the best first",
	 &query.match, NULL},
	{"max-age", 0, OPT_SPAN, "T", "with --status: exit 1 where one failed or was silent so long",
	 &query.max_age, NULL},
	{"outcome", 0, OPT_LIST, "WORD", "success, failure, partial, ongoing, recorded, unknown",
	 &query.outcomes, NULL},
	{"path", 0, OPT_LIST, "GLOB", "what happened to these files", &query.paths, NULL},
	{"project", 0, OPT_LIST, "N", "events of project N", &query.projects, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only", &quiet, NULL},
	{"related", 0, OPT_STRING, "ID", "its neighbours: by commit, number, session, file, time",
	 &query.related, NULL},
	{"reverse", 0, OPT_FLAG, NULL, "the oldest of them first", &query.reverse, NULL},
	{"session", 0, OPT_LIST, "ID", "events of that session", &query.sessions, NULL},
	{"since", 0, OPT_WHEN, "WHEN", "from WHEN on: 2024-05-01[T12:00:00Z], @epoch, 24h, 7d", &query.since,
	 NULL},
	{"sort", 0, OPT_CHOICE, "auto|time|rank", "the newest first, or the best", &query.sort,
	 "rank with --match"},
	{"source", 0, OPT_LIST, "ID", "events of it, as git:*; its configured name does", &query.sources,
	 NULL},
	{"status", 0, OPT_FLAG, NULL, "each source: last event, sign of life, what went wrong", &query.status,
	 NULL},
	{"type", 0, OPT_LIST, "WORD", "events of that event_type, as decision", &query.types, NULL},
	{"until", 0, OPT_WHEN, "WHEN", "events before WHEN", &query.until, NULL},
	{0},
};

static const struct opt_env environment[] = {
	{"HOME", "where .cache/athena is looked for, where XDG_CACHE_HOME is not set"},
	{"NO_COLOR", "where it is set and not empty, no colours"},
	{"PATH", "without DATABASE: where athena-config is looked for, which knows the configured one"},
	{"XDG_CACHE_HOME",
	 "the full text index goes to athena/ in it, where the database's folder cannot be written"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-query",
	.synopsis = "[options] [DATABASE]",
	.summary = "Show events of a database, the newest first",
	.options = options,
	.usual = " by format kind limit match related since source status ",
	.env = environment,
	.footer = "Without DATABASE the configured one. Repeat what has ...; values take * and ?.\n"
		  "Example: athena-query --since 7d --kind 'pull_request.*' data.db",
};

/* A word that can never be found is a mistake worth saying. */
static int check_words(const char *option, const struct opt_list *words, const char *const *allowed)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *const *w = allowed;
		struct buf all_words = {0};
		int rc;

		while (*w && strcmp(*w, words->items[i]))
			w++;
		if (*w || strpbrk(words->items[i], "*?"))
			continue;
		for (w = allowed; *w; w++)
			buf_addf(&all_words, "%s%s", w == allowed ? "" : ", ", *w);
		rc = log_error(EX_USAGE, "--%s: '%s' is none of %s", option, words->items[i],
			       buf_cstr(&all_words));
		buf_release(&all_words);
		return rc;
	}
	return 0;
}

static int check_projects(void)
{
	for (size_t i = 0; i < query.projects.n; i++) {
		const char *s = query.projects.items[i];

		if (!*s || strlen(s) > 16 || s[strspn(s, "0123456789")])
			return log_error(EX_USAGE, "--project: '%s' is no number", s);
	}
	return 0;
}

/* Any but --source. */
static bool has_filter(void)
{
	return query.projects.n || query.sessions.n || query.kinds.n || query.types.n || query.actors.n ||
	       query.outcomes.n || query.paths.n || query.match || query.related ||
	       query.since != QUERY_ANY_TIME || query.until != QUERY_ANY_TIME || opt_given("limit") ||
	       query.reverse;
}

static int check_together(void)
{
	int modes = query.count + query.follow + query.status + (query.by != BY_NOTHING);

	if (modes > 1)
		return log_error(EX_USAGE, "--count, --by, --follow and --status exclude each other");
	if (query.max_age >= 0 && !query.status)
		return log_error(EX_USAGE, "--max-age needs --status");
	if (query.status && has_filter())
		return log_error(EX_USAGE, "--status takes no filter but --source");
	if (!!query.follow + !!query.match + !!query.related > 1)
		return log_error(EX_USAGE, "--follow, --match and --related exclude each other");
	if (query.sort == SORT_RANK && !query.match)
		return log_error(EX_USAGE, "--sort=rank needs --match");
	if (all && opt_given("limit"))
		return log_error(EX_USAGE, "--all and --limit exclude each other");
	if (query.follow && query.reverse)
		return log_error(EX_USAGE, "--follow has an order of its own: not with --reverse");
	if (query.follow && query.format == FORMAT_JSON)
		return log_error(EX_USAGE, "--follow never ends, so an array cannot: use --format=ndjson");
	if (query.since != QUERY_ANY_TIME && query.until != QUERY_ANY_TIME && query.since > query.until)
		return log_error(EX_USAGE, "--since is after --until: no event can be between");
	return 0;
}

static int check_match(void)
{
	struct buf expression = {0};

	if (!query.match)
		return 0;
	if (!match_expression(&expression, query.match)) {
		buf_release(&expression);
		return log_error(EX_USAGE, "--match: '%s' has no word in it", query.match);
	}
	query.expression = xasprintf("content : (%s)", buf_cstr(&expression));
	buf_release(&expression);
	return 0;
}

static void choose_look(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	query.terminal = isatty(STDOUT_FILENO);
	if (query.format == FORMAT_AUTO)
		query.format = query.terminal ? FORMAT_TABLE : FORMAT_NDJSON;
	query.color = color == COLOR_ALWAYS || (color == COLOR_AUTO && query.terminal &&
						!(no_color && *no_color) && term && strcmp(term, "dumb"));
	query.newest_50 = query.terminal && query.format == FORMAT_TABLE && query.limit < 0 && !all;
	if (query.newest_50)
		query.limit = TERMINAL_LIMIT;
	log_set_level(quiet ? LOG_QUIET : LOG_NORMAL);
}

static int check_options(const struct opt_list *operands)
{
	int rc = 0;

	if (operands->n > 1 || (operands->n && !*operands->items[0]))
		return log_error(EX_USAGE,
				 "one database is needed; words are looked for with --match; see --help");
	if (operands->n && access(operands->items[0], F_OK) && errno == ENOENT)
		return log_error(
			EX_NOINPUT,
			"%s: no such database; words are looked for with --match, sources with --source",
			operands->items[0]);
	rc = check_words("type", &query.types, event_types);
	if (!rc)
		rc = check_words("outcome", &query.outcomes, event_outcomes);
	if (!rc)
		rc = check_projects();
	if (!rc)
		rc = check_together();
	if (!rc)
		rc = check_match();
	if (!rc)
		choose_look();
	return rc;
}

static int answer(struct db *db, const struct configured *configured)
{
	if (query.follow)
		return follow_run(db, &query);
	if (query.status)
		return status_run(db, &query, configured);
	if (query.count)
		return list_count(db, &query);
	return query.by != BY_NOTHING ? by_run(db, &query) : list_run(db, &query);
}

/* One snapshot for all that is read; only --follow takes one after the other. */
static int ask(struct db *db, struct fulltext *fulltext, const struct configured *configured)
{
	int rc = query.follow ? 0 : db_exec(db, "BEGIN");

	if (!rc && !query.follow && !query.status)
		rc = select_resolve(&query, db);
	if (!rc && (query.expression || query.related))
		rc = fulltext_open(fulltext, db);
	query.words = fulltext->table;
	if (!rc && query.related)
		rc = related_gather(db, &query);
	if (!rc)
		rc = answer(db, configured);
	return rc ? rc : db_unchanged(db);
}

/* The first folder above that is there. */
static char *existing(const char *path)
{
	char *folder = path ? xstrdup(path) : NULL, *slash;

	while (folder && access(folder, F_OK) && (slash = strrchr(folder, '/')) && slash > folder)
		*slash = '\0';
	return folder;
}

/*
 * The database may be anybody's. What is written lies beside it, the index there or in the cache, and what a sort lays
 * aside where SQLite looks for room.
 */
static void stay_in(const char *path, const char *cache)
{
	char *real = realpath(path, NULL), *beside = real ? real : xstrdup(path), *above = existing(cache);
	const char *const folders[] = {
		dirname(beside), above, getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp",
		"/usr/tmp",      "/tmp"};

	confine(0, folders, sizeof(folders) / sizeof(*folders));
	free(beside);
	free(above);
}

static int run(const char *path, const struct configured *configured)
{
	struct db db = {.path = path, .busy_us = 60 * STAMP_SECOND};
	char *cache = file_own_folder(getenv("XDG_CACHE_HOME"), getenv("HOME"), ".cache");
	struct fulltext fulltext = {.cache = cache};
	int rc;

	stay_in(path, cache);
	rc = db_open(&db, DB_READ);
	if (!rc)
		rc = schema_read(&db);
	if (!rc)
		rc = functions_register(&db, &query);
	if (!rc)
		rc = ask(&db, &fulltext, configured);
	db_close(&db);
	fulltext_close(&fulltext);
	free(cache);
	return rc;
}

static void release(struct opt_list *operands)
{
	struct opt_list *const lists[] = {operands,       &query.projects, &query.sessions,
					  &query.sources, &query.kinds,    &query.types,
					  &query.actors,  &query.outcomes, &query.paths};

	free(query.expression);
	free(query.source_numbers);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		opt_list_release(lists[i]);
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	struct configured configured = {0};
	const char *path;
	int rc;

	log_init(program.name);
	signal(SIGPIPE, SIG_DFL);
	rc = opt_parse(&program, argc, argv, &operands);
	if (!rc)
		rc = check_options(&operands);
	if (!rc && !operands.n)
		rc = configured_load(&configured);
	configured_ids(&configured, &query.sources);
	query.configured = &configured;
	path = operands.n ? operands.items[0] : configured.database;
	if (!rc && !operands.n && access(path, F_OK) && errno == ENOENT)
		rc = log_error(EX_NOINPUT, "%s: not there yet; 'athena sync' creates it", path);
	if (!rc)
		rc = run(path, &configured);
	configured_release(&configured);
	release(&operands);
	return rc == OPT_DONE ? 0 : rc;
}
