/* SPDX-License-Identifier: ISC */
/* Whose export it is. Slack's own says so nowhere in so many words; slackdump's may have a workspace.json. */
#include "export.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "xalloc.h"

enum {
	WORKSPACE_MAX = 64 << 10, /* bytes of workspace.json */
	DAYS_ASKED = 5,           /* day files that are looked into where the lists say nothing */
	MESSAGES_ASKED = 200,     /* messages of each */
	ENOUGH = -2,
};

static bool is_team(const char *s)
{
	return names_is_id(s) && strchr("TE", *s) &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(s);
}

void export_count_team(struct slack_export *x, const char *id)
{
	struct export_teams *t = &x->teams;
	size_t i = 0;

	if (!is_team(id))
		return;
	while (i < t->n && strcmp(t->items[i].id, id) != 0)
		i++;
	if (i == EXPORT_TEAMS_MAX)
		return;
	if (i == t->n) {
		memcpy(t->items[i].id, id, strlen(id) + 1);
		t->n++;
	}
	t->items[i].times++;
	t->total++;
}

/* ---- --workspace, workspace.json ---- */

/* acme, acme.slack.com, https://acme.slack.com/ -> https://acme.slack.com; NULL for what is no host. */
static char *base_of(const char *s)
{
	const char *scheme = strstr(s, "://");
	const char *host = scheme ? scheme + 3 : s;
	size_t n = strcspn(host, "/");

	if (!n || n > 253 ||
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") < n ||
	    (host[n] && host[n + 1]))
		return NULL;
	return xasprintf("https://%.*s%s", (int)n, host, memchr(host, '.', n) ? "" : ".slack.com");
}

static int take_option(struct slack_export *x)
{
	const char *s = x->options->workspace;

	if (!s)
		return 0;
	if (is_team(s)) {
		x->team = xstrdup(s);
		return 0;
	}
	x->base = base_of(s);
	return x->base ? 0 : log_error(EX_USAGE, "--workspace: %s: neither an id (T...) nor a domain", s);
}

/* slackdump's workspace.json is what auth.test said: {"url":"https://acme.slack.com/","team_id":"T1",...} */
static int read_workspace(struct slack_export *x, struct archive_file *file)
{
	char *text = xmalloc(WORKSPACE_MAX);
	size_t len = 0;
	ssize_t n = 0;
	json_t *o;
	int rc = archive_read_start(&x->archive, file);

	while (!rc && len < WORKSPACE_MAX &&
	       (n = archive_read(&x->archive, text + len, WORKSPACE_MAX - len)) > 0)
		len += (size_t)n;
	archive_read_end(&x->archive);
	o = json_loadb(text, len, 0, NULL);
	if (!x->team && is_team(member_str(o, "team_id")))
		x->team = xstrdup(member_str(o, "team_id"));
	if (!x->base && member_str(o, "url"))
		x->base = base_of(member_str(o, "url"));
	json_decref(o);
	free(text);
	return rc ? rc : n < 0 ? EX_DATAERR : 0;
}

static int find_workspace(struct slack_export *x)
{
	for (size_t i = 0; i < x->archive.n; i++) {
		const char *name = strrchr(x->archive.files[i].name, '/');

		if (!strcmp(name ? name + 1 : x->archive.files[i].name, "workspace.json"))
			return read_workspace(x, &x->archive.files[i]);
	}
	return 0;
}

/* ---- by those who are in it ---- */

static int count_message(struct slack_export *x, json_t *message, void *unused)
{
	(void)unused;
	export_count_team(x, member_str(message, "team"));
	return x->element >= MESSAGES_ASKED ? ENOUGH : 0;
}

static int ask_messages(struct slack_export *x)
{
	int rc = 0;

	x->archive.quiet = true; /* what is damaged is met again, and said, when it is its turn */
	for (size_t i = 0; i < x->n_days && i < DAYS_ASKED && rc <= 0; i++)
		rc = export_read(x, x->days[x->order[x->n_days - 1 - i]].file, count_message, NULL);
	x->archive.quiet = false;
	return 0;
}

static int decide(struct slack_export *x)
{
	const struct export_teams *t = &x->teams;
	size_t most = 0, mine = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->items[i].times > t->items[most].times)
			most = i;
		if (x->team && !strcmp(x->team, t->items[i].id))
			mine = t->items[i].times;
	}
	if (x->team && x->options->workspace && t->n && !mine)
		return log_error(EX_CONFIG, "%s: its people are of workspace %s, none is of %s",
				 x->archive.path, t->items[most].id, x->team);
	if (x->team)
		return 0;
	if (!t->n || t->items[most].times * 2 <= t->total)
		return log_error(
			EX_USAGE,
			"%s: does not tell of which workspace it is; name it: --workspace T..., as it stands "
			"in the address of the workspace at app.slack.com/client/T...",
			x->archive.path);
	x->team = xstrdup(t->items[most].id);
	if (t->n > 1)
		log_verbose("%s: people of %zu workspaces, most of them of %s: taken for an export of that; "
			    "--workspace "
			    "names another",
			    x->archive.path, t->n, x->team);
	return 0;
}

int export_team(struct slack_export *x)
{
	int rc = take_option(x);

	if (!rc)
		rc = find_workspace(x);
	if (!rc && !x->teams.n && !x->team)
		rc = ask_messages(x);
	if (!rc)
		rc = decide(x);
	if (rc)
		return rc;
	x->source_id = xasprintf("slack:%s", x->team);
	return 0;
}
