/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "export.h"
#include "fetch.h"
#include "file.h"
#include "token.h"
#include "version.h"
#include "xalloc.h"

#define WEEK INT64_C(604800000000) /* microseconds */

static struct source src = SOURCE_INIT("slack");
static struct opt_list channels;
static struct slack_options options = {.channels = &channels, .lookback = WEEK};
static struct http_options net = HTTP_OPTIONS_INIT;
static const char *api_url = "https://slack.com/api", *token_file, *export_path;

static const struct opt table[] = {
	{"channel", 0, OPT_LIST, "NAME|ID", "this conversation, as an operand", &channels,
	 "every one that the token can read"},
	{"workspace", 0, OPT_STRING, "ID", "the workspace that the token, or the export, has to be of",
	 &options.workspace, NULL},
	{"export", 0, OPT_STRING, "PATH", "read an export, ZIP or folder, in place of the API", &export_path,
	 NULL},
	{"no-threads", 0, OPT_FLAG, NULL, "leave out replies", &options.no_threads, NULL},
	{"no-reactions", 0, OPT_FLAG, NULL, "leave out reactions", &options.no_reactions, NULL},
	{"bots", 0, OPT_FLAG, NULL, "messages of bots too", &options.bots, NULL},
	{"lookback", 0, OPT_SPAN, "TIME", "look so far back for edits, deletions, reactions and late replies",
	 &options.lookback, "7d"},
	{"api-url", 0, OPT_STRING, "URL", "the API of another Slack", &api_url, "https://slack.com/api"},
	{"token-file", 0, OPT_STRING, "FILE", "the token is the first word of FILE", &token_file, NULL},
	HTTP_OPTIONS(net),
	SOURCE_OPTIONS(src),
	{0},
};

static const struct opt_env environment[] = {
	{"SLACK_BOT_TOKEN", "the token"},
	{"SLACK_USER_TOKEN", "the same, where SLACK_BOT_TOKEN is not set"},
	{"SLACK_TOKEN", "the same, where neither of these is set"},
	{"XDG_CACHE_HOME", "where the cache is, in athena"},
	{"XDG_STATE_HOME", "where processes of one token see each other, in athena"},
	{0},
};

static const struct opt_program program = {
	.name = "athena-src-slack",
	.synopsis = "[options] [CHANNEL...]",
	.summary = "Events from the conversations of a Slack workspace",
	.type = "slack",
	.options = table,
	.usual = " channel check cursor export limit lookback plan since token-file ",
	.env = environment,
	.footer = "Example: athena-src-slack --cursor FILE general | athena-store DB",
};

static int settle(const struct opt_list *operands)
{
	for (size_t i = 0; i < operands->n; i++)
		opt_list_add(&channels, operands->items[i]);
	for (size_t i = 0; i < channels.n; i++)
		if (!*channels.items[i] || strlen(channels.items[i]) > 256)
			return log_error(EX_USAGE, "--channel: a name or an id of 1 to 256 bytes");
	if (options.workspace && !export_path && !names_is_id(options.workspace))
		return log_error(EX_USAGE, "--workspace %s: an id as T02ABCDEF", options.workspace);
	return 0;
}

static int source_main(struct fetch *f)
{
	const char *const folders[] = {f->cache_dir, f->state_dir};
	json_t *position = NULL;
	int rc;

	source_confine(&src, CONFINE_NETWORK, folders, 2);
	rc = fetch_workspace(f);
	if (rc == EX_NOPERM && src.check)
		check_refused(f);
	src.keep_left = true; /* what a killed run gave out is asked for again */
	if (!rc)
		rc = channels_list(f);
	if (!rc)
		rc = source_begin(&src, f->source_id);
	else if (!src.source_id)
		src.source_id = f->source_id ? f->source_id : "slack:unknown"; /* for the metrics */
	if (!rc)
		rc = fetch_open(f);
	if (!rc && (src.check || src.plan)) {
		rc = src.check ? check_run(f) : plan_run(f);
	} else if (!rc) {
		rc = fetch_run(f);
		position = position_json(f);
		hidden_keep(f);
		schedule_keep(&f->schedule, position);
	}
	rc = source_end(&src, rc, f->selection, position);
	json_decref(position);
	fetch_close(f);
	return rc;
}

/* The API, with the token that belongs to it. */
static int with_api(void)
{
	const char *home = getenv("HOME");
	char *base = xstrdup(api_url), *token = NULL;
	char *cache = file_own_folder(getenv("XDG_CACHE_HOME"), home, ".cache");
	char *state = file_own_folder(getenv("XDG_STATE_HOME"), home, ".local/state");
	struct api api = {.base = base};
	struct fetch f = {.src = &src, .options = &options, .api = &api, .state_dir = state};
	struct http_setup setup = {.options = &net,
				   .user_agent = "athena/" ATHENA_VERSION,
				   .origin = base,
				   .state_dir = state,
				   .stop = source_interrupted,
				   .judge = api_judge,
				   .metrics = &src.metrics};
	int rc;

	for (size_t n = strlen(base); n && base[n - 1] == '/'; n--)
		base[n - 1] = '\0';
	rc = token_find(base, token_file, &token, &f.token_from);
	setup.token = f.token = token;
	setup.cache_dir = f.cache_dir = net.cache ? net.cache : cache;
	if (!rc)
		rc = http_open(&api.http, &setup);
	if (!rc)
		rc = source_main(&f);
	api_release(&api);
	http_close(api.http);
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
	free(base);
	free(cache);
	free(state);
	return rc;
}

static int with_export(void)
{
	struct export_options o = {.path = export_path,
				   .workspace = options.workspace,
				   .channels = &channels,
				   .reactions = !options.no_reactions,
				   .bots = options.bots,
				   .threads = !options.no_threads};

	return export_main(&src, &o);
}

int main(int argc, char **argv)
{
	struct opt_list operands = {0};
	int rc;

	log_init("athena-src-slack");
	rc = opt_parse(&program, argc, argv, &operands);
	if (rc)
		return rc == OPT_DONE ? 0 : rc;
	rc = settle(&operands);
	if (!rc)
		rc = http_options_check(&net);
	options.jobs = net.jobs;
	options.counted = net.max_requests >= 0;
	if (!rc)
		rc = source_setup(&src);
	if (!rc)
		rc = export_path ? with_export() : with_api();
	opt_list_release(&operands);
	opt_list_release(&channels);
	return rc;
}
