/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"
#include "file.h"
#include "text.h"
#include "token.h"
#include "version.h"
#include "xalloc.h"

enum { A_LIST = 8 }; /* requests with which a list surely gets on */

static struct source src = SOURCE_INIT("github");
static struct opt_list branches;
static struct github_options options = {.wanted = WANT_ALL, .branches = &branches, .jobs = 4};
static struct http_options net = HTTP_OPTIONS_INIT;
static const char *repo_name, *events, *api_url, *token_file;

static const struct opt table[] = {
	{"repo", 0, OPT_STRING, "OWNER/REPO", "the repository, as the operand", &repo_name, NULL},
	{"events", 0, OPT_STRING, "LIST", "of push,pull_request,issues,releases,discussions", &events,
	 "all of them"},
	{"branch", 0, OPT_LIST, "NAME", "commits and pushes of this branch", &branches, "the default branch"},
	{"api-url", 0, OPT_STRING, "URL", "the API of another GitHub", &api_url, "https://api.github.com"},
	{"token-file", 0, OPT_STRING, "FILE", "the token is the first word of FILE", &token_file, NULL},
	HTTP_OPTIONS(net),
	SOURCE_OPTIONS(src),
	{0},
};

static const struct opt_env environment[] = {
	{"GH_TOKEN", "the token for github.com and *.ghe.com"},
	{"GITHUB_TOKEN", "the same, where GH_TOKEN is not set"},
	{"GH_ENTERPRISE_TOKEN", "the token for any other host"},
	{"GITHUB_ENTERPRISE_TOKEN", "the same, where GH_ENTERPRISE_TOKEN is not set"},
	{"GITHUB_API_URL", "as --api-url"},
	{"XDG_CACHE_HOME", "where the cache is, in athena"},
	{"XDG_STATE_HOME", "where processes of one token see each other, in athena"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-src-github",
	.synopsis = "[options] OWNER/REPO",
	.summary = "Events from the life of a repository on GitHub",
	.type = "github",
	.options = table,
	.usual = " branch check cursor events jobs limit plan since token-file ",
	.env = environment,
	.footer = "Example: athena-src-github --cursor FILE octo/hello | athena-store DB",
};

static bool is_name(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash && slash != s && slash[1] && strlen(s) <= 200 && !strchr(slash + 1, '/') &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == strlen(s) &&
	       strcmp(slash, "/.") != 0 && strcmp(slash, "/..") != 0 && strncmp(s, "./", 2) != 0 &&
	       strncmp(s, "../", 3) != 0;
}

/* --events push,issues */
static int parse_events(void)
{
	const char *p = events;

	if (!events)
		return 0;
	options.asked = true;
	options.wanted = 0;
	while (*p) {
		size_t n = strcspn(p, ","), i = 0;

		while (i < WANT_WORDS && (strlen(want_words[i]) != n || strncmp(p, want_words[i], n) != 0))
			i++;
		if (i == WANT_WORDS)
			return log_error(
				EX_USAGE,
				"--events: %.*s: none of push, pull_request, issues, releases, discussions",
				(int)n, p);
		options.wanted |= 1U << i;
		p += n + (p[n] == ',');
	}
	return options.wanted ? 0 : log_error(EX_USAGE, "--events: none is named");
}

/* Names as they go into addresses and cursors: what git would not take is none of them. */
static int check_branches(void)
{
	for (size_t i = 0; i < branches.n; i++) {
		const char *name = branches.items[i];

		if (!*name || strlen(name) > 1024 || strstr(name, "..") || !text_valid(name, strlen(name)))
			return log_error(EX_USAGE, "--branch %s: no name of a branch", name);
	}
	return 0;
}

/* With few requests few lists, so that one that is begun gets on. */
static int64_t lists_at_once(void)
{
	if (net.max_requests < 0)
		return STREAMS;
	return net.max_requests < A_LIST ? 1 : net.max_requests / A_LIST;
}

static int settle(const struct opt_list *operands)
{
	if (operands->n > 1)
		return log_error(EX_USAGE, "%s: one repository at a time", operands->items[1]);
	if (operands->n && repo_name)
		return log_error(EX_USAGE, "--repo: the repository is named already: %s", operands->items[0]);
	if (operands->n)
		repo_name = operands->items[0];
	if (!repo_name)
		return log_error(EX_USAGE, "which repository? Name it as OWNER/REPO");
	if (!is_name(repo_name))
		return log_error(EX_USAGE, "%s: a repository is named OWNER/REPO", repo_name);
	if (api_url && !*api_url)
		return log_error(EX_USAGE, "--api-url: no URL is given");
	if (!api_url)
		api_url = getenv("GITHUB_API_URL");
	if (!api_url || !*api_url)
		api_url = "https://api.github.com";
	if (strchr(api_url, '@') || strpbrk(api_url, "?#"))
		return log_error(EX_USAGE,
				 "--api-url: only where the API is, without user, password or query");
	options.jobs = net.jobs;
	options.at_once = lists_at_once();
	options.budget = net.max_requests >= 0;
	return check_branches() ? EX_USAGE : parse_events();
}

/* A budget with which no run ever gets on is not to be found out by the years. */
static void say_too_little(const struct fetch *f, int rc, const json_t *position)
{
	for (size_t i = 0; i < STREAMS; i++)
		if (f->streams[i].failed)
			return;
	if (rc == EX_TEMPFAIL && net.max_requests >= 0 && src.metrics.requests >= net.max_requests &&
	    src.from && json_equal(position, src.from->position))
		log_warn("this run got on with nothing, as the next one will: --max-requests has to be "
			 "higher");
}

static int source_main(struct fetch *f, const struct http_setup *setup)
{
	const char *const folders[] = {setup->cache_dir, setup->state_dir};
	json_t *position = NULL;
	char *id = NULL;
	int rc;

	source_confine(&src, CONFINE_NETWORK, folders, 2);
	rc = src.check || src.plan ? check_account(f) : 0;
	if (!rc)
		rc = fetch_repository(f, repo_name);
	if (!rc) {
		id = position_source_id(src.cursor_path, f->id);
		if (!id)
			id = xasprintf("github:%s", f->full_name);
		rc = source_begin(&src, id);
	} else if (!src.source_id) {
		src.source_id = id = xasprintf("github:%s", repo_name); /* for the metrics */
	}
	if (!rc)
		rc = fetch_open(f);
	if (!rc && (src.check || src.plan)) {
		rc = src.check ? check_run(f) : plan_run(f);
	} else if (!rc) {
		rc = fetch_run(f);
		position = position_json(f);
		say_too_little(f, rc, position);
	}
	rc = source_end(&src, rc, f->selection, position);
	json_decref(position);
	fetch_close(f);
	free(id);
	return rc;
}

/* The API, with the token that belongs to it. */
static int with_api(void)
{
	const char *home = getenv("HOME");
	char *base = xstrdup(api_url), *token = NULL;
	char *cache = file_own_folder(getenv("XDG_CACHE_HOME"), home, ".cache");
	char *state = file_own_folder(getenv("XDG_STATE_HOME"), home, ".local/state");
	struct api api = {0};
	struct fetch f = {.src = &src, .options = &options, .api = &api};
	struct http_setup setup = {.options = &net, .user_agent = "athena/" ATHENA_VERSION, .origin = base};
	struct http *http = NULL;
	int rc;

	for (size_t n = strlen(base); n && base[n - 1] == '/'; n--)
		base[n - 1] = '\0';
	rc = token_find(base, token_file, &token, &f.token_from);
	setup.token = f.token = token;
	setup.cache_dir = net.cache ? net.cache : cache;
	setup.state_dir = state;
	setup.stop = source_interrupted;
	setup.metrics = &src.metrics;
	if (!rc)
		rc = http_open(&http, &setup);
	if (!rc) {
		api_init(&api, http, base, token != NULL);
		rc = source_main(&f, &setup);
		api_release(&api);
	}
	http_close(http);
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
	free(base);
	free(cache);
	free(state);
	return rc;
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init("athena-src-github");
	rc = opt_parse(&program, argc, argv, &operands);
	if (rc)
		return rc == OPT_DONE ? 0 : rc;
	rc = settle(&operands);
	if (!rc)
		rc = http_options_check(&net);
	if (!rc)
		rc = source_setup(&src);
	if (!rc)
		rc = with_api();
	opt_list_release(&operands);
	opt_list_release(&branches);
	return rc;
}
