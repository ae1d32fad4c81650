/* SPDX-License-Identifier: ISC
 *
 * athena-query - events out of the database again: the newest, those that are looked for, their numbers.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "by.h"
#include "event.h"
#include "follow.h"
#include "list.h"
#include "log.h"
#include "query.h"
#include "schema.h"
#include "select.h"
#include "stamp.h"

enum { TERMINAL_LIMIT = 50 };
enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

static struct query query = {.since = QUERY_ANY_TIME, .until = QUERY_ANY_TIME, .limit = -1, .by = BY_NOTHING};
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
	{"format", 0, OPT_CHOICE, "auto|table|ndjson|csv|json",
	 "a table, as on a terminal, or NDJSON, as into a pipe", &query.format, "auto"},
	{"kind", 0, OPT_LIST, "KIND", "events of that kind, as pull_request.*", &query.kinds, NULL},
	{"limit", 0, OPT_COUNT, "N", "the newest N events", &query.limit, "50 on a terminal"},
	{"outcome", 0, OPT_LIST, "WORD", "success, failure, partial, ongoing, recorded or unknown",
	 &query.outcomes, NULL},
	{"path", 0, OPT_LIST, "GLOB", "what happened to these files", &query.paths, NULL},
	{"project", 0, OPT_LIST, "N", "events of project N", &query.projects, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "errors and warnings only", &quiet, NULL},
	{"reverse", 0, OPT_FLAG, NULL, "the oldest of them first", &query.reverse, NULL},
	{"session", 0, OPT_LIST, "ID", "events of that session", &query.sessions, NULL},
	{"since", 0, OPT_WHEN, "WHEN",
	 "events at or after WHEN (RFC 3339, YYYY-MM-DD, @epoch, or 90m 24h 7d 2w ago)", &query.since, NULL},
	{"source", 0, OPT_LIST, "ID", "events of that source, as git:*", &query.sources, NULL},
	{"type", 0, OPT_LIST, "WORD", "events of that event_type, as decision", &query.types, NULL},
	{"until", 0, OPT_WHEN, "WHEN", "events before WHEN", &query.until, NULL},
	{0},
};

static const struct opt_env environment[] = {
	{"NO_COLOR", "where it is set and not empty, no colours"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-query",
	.synopsis = "[options] DATABASE",
	.summary = "Show events of a database, the newest first",
	.options = options,
	.env = environment,
	.footer = "An option that may be repeated is any of its values; * and ? in a value stand for any "
		  "text and any "
		  "character. Example: athena-query --since 7d --kind 'pull_request.*' data.db",
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

static int check_together(void)
{
	int modes = query.count + query.follow + (query.by != BY_NOTHING);

	if (modes > 1)
		return log_error(EX_USAGE, "--count, --by and --follow exclude each other");
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

	if (operands->n != 1 || !*operands->items[0])
		return log_error(EX_USAGE, "one database is needed; see --help");
	rc = check_words("type", &query.types, event_types);
	if (!rc)
		rc = check_words("outcome", &query.outcomes, event_outcomes);
	if (!rc)
		rc = check_projects();
	if (!rc)
		rc = check_together();
	if (!rc)
		choose_look();
	return rc;
}

/* One snapshot for all that is read. */
static int ask(struct db *db)
{
	int rc = db_exec(db, "BEGIN");

	if (!rc)
		rc = query.count              ? list_count(db, &query)
		     : query.by != BY_NOTHING ? by_run(db, &query)
					      : list_run(db, &query);
	sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL); /* what failed has been said */
	return rc;
}

static int run(const char *path)
{
	struct db db = {.path = path, .busy_us = 60 * STAMP_SECOND};
	int rc = db_open(&db, DB_READ);

	if (!rc)
		rc = schema_read(&db);
	if (!rc)
		rc = select_functions(&db, &query);
	if (!rc)
		rc = query.follow ? follow_run(&db, &query) : ask(&db);
	if (!rc)
		rc = db_unchanged(&db);
	db_close(&db);
	return rc;
}

static void release(struct opt_list *operands)
{
	struct opt_list *const lists[] = {operands,       &query.projects, &query.sessions,
					  &query.sources, &query.kinds,    &query.types,
					  &query.actors,  &query.outcomes, &query.paths};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		opt_list_release(lists[i]);
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init(program.name);
	signal(SIGPIPE, SIG_DFL);
	rc = opt_parse(&program, argc, argv, &operands);
	if (!rc)
		rc = check_options(&operands);
	if (!rc)
		rc = run(operands.items[0]);
	release(&operands);
	return rc == OPT_DONE ? 0 : rc;
}
