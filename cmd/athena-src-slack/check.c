/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "event-text.h"
#include "stamp.h"
#include "text.h"
#include "token.h"

/* One line, with what a terminal must not see replaced. */
__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	char text[4096];
	struct buf shown = {0};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_show(&shown, text, strlen(text));
	puts(buf_cstr(&shown));
	buf_release(&shown);
}

static int written(void)
{
	return fflush(stdout) || ferror(stdout) ? log_error(EX_IOERR, "stdout: cannot be written") : 0;
}

static void check_token(const struct fetch *f)
{
	const char *name = event_str(f->team, "team"), *user = event_str(f->team, "user");

	line("ok token: %s from %s%s%s", token_kind(f->token), f->token_from,
	     f->api->scopes ? ", with the scopes " : "", f->api->scopes ? f->api->scopes : "");
	line("ok workspace %s (%s), as %s: source %s", f->team_id, name ? name : "no name",
	     user ? user : "nobody", f->src->source_id);
}

/* One line a feature: the scope that it needs. True where there are all. */
static bool check_scopes(const struct fetch *f)
{
	static const char *const needs[][3] = {
		{"public channels", "channels:read", "channels:history"},
		{"private channels", "groups:read", "groups:history"},
		{"group conversations", "mpim:read", "mpim:history"},
		{"direct conversations", "im:read", "im:history"},
		{"names of people", "users:read", NULL},
	};

	if (!f->api->scopes)
		line("ok scopes: the server does not say which the token has");
	for (size_t i = 0; f->api->scopes && i < sizeof(needs) / sizeof(needs[0]); i++) {
		bool first = api_has_scope(f->api, needs[i][1]),
		     second = !needs[i][2] || api_has_scope(f->api, needs[i][2]);

		if (first && second)
			line("ok %s", needs[i][0]);
		else
			line("ok %s: left out; add the scope %s%s%s to the app and install it again",
			     needs[i][0], first ? "" : needs[i][1], first || second ? "" : " and ",
			     second ? "" : needs[i][2]);
	}
	return true;
}

/* Asks for one message. */
static int check_channel(struct fetch *f, struct channel *c)
{
	struct api_answer a;
	int rc;

	api_form(&f->form, "channel", c->id);
	api_form(&f->form, "limit", "1");
	rc = fetch_ask(f, "conversations.history", &a);
	if (rc)
		return rc;
	if (a.error && !strcmp(a.error, "missing_scope"))
		line("%s (%s): cannot be read: add the scope %s to the app and install it again", c->name,
		     c->id, a.needed ? a.needed : "that its kind needs");
	else if (a.error)
		line("%s (%s): cannot be read: %s; /invite the app there", c->name, c->id, a.error);
	else
		line("ok %s (%s)", c->name, c->id);
	rc = a.error ? EX_NOPERM : 0;
	api_answer_release(&a);
	return rc;
}

int check_run(struct fetch *f)
{
	int rc, worst = f->unread ? EX_NOPERM : 0;

	check_token(f);
	check_scopes(f);
	for (size_t i = 0; i < f->n && !f->api->over; i++) {
		if (!f->channels[i].selected)
			continue;
		rc = check_channel(f, &f->channels[i]);
		if (rc < 0)
			return rc;
		if (rc && (!worst || worst == EX_TEMPFAIL))
			worst = rc;
	}
	if (!f->src->file.path)
		line("ok no cursor: every run reads everything");
	else
		line("ok cursor %s: %s", f->src->file.path,
		     f->src->from ? "goes on from there" : "not there yet");
	rc = written();
	return worst ? worst : rc;
}

int plan_run(struct fetch *f)
{
	int64_t begun = 0, fresh = 0;

	line("source %s", f->src->source_id);
	for (size_t i = 0; i < f->n; i++) {
		const struct channel *c = &f->channels[i];

		if (!c->selected)
			continue;
		if (*c->done && !*c->to)
			begun++;
		else
			fresh++;
	}
	line("conversations %" PRId64 " to look at, %" PRId64 " to read from where they are", begun, fresh);
	line("requests at least %" PRId64, begun + fresh + 2);
	return written();
}
