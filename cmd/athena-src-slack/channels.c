/* SPDX-License-Identifier: ISC */
/* Which conversations there are, and which of them are read. */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "stamp.h"
#include "xalloc.h"

enum {
	IDLE_MAX = 200, /* pages in a row that name no further conversation */
	AGAIN = 3       /* times that the list begins again, for a cursor expired */
};

struct channel *channels_find(struct fetch *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->channels[i].id, id))
			return &f->channels[i];
	return NULL;
}

struct channel *channels_add(struct fetch *f, const char *id)
{
	struct channel *c;

	f->channels = xreallocarray(f->channels, f->n + 1, sizeof(*f->channels));
	c = &f->channels[f->n++];
	*c = (struct channel){.id = xstrdup(id),
			      .name = xstrdup(id),
			      .known = json_object(),
			      .threads = json_object(),
			      .maybe = json_object(),
			      .maybe_threads = json_object(),
			      .told = json_object(),
			      .told_threads = json_object()};
	return c;
}

int64_t channel_created(const struct channel *c)
{
	json_int_t created = json_integer_value(json_object_get(c->about, "created"));

	return created > 0 && created <= STAMP_MAX / STAMP_SECOND ? created * STAMP_SECOND : 0;
}

void channel_rewind(struct channel *c)
{
	*c->from = *c->done = *c->near = *c->to = *c->at = *c->top = *c->goal = *c->cold = *c->lost =
		*c->review = '\0';
	c->seen = 0;
}

/* ---- the list ---- */

/* The kinds of conversation that the token's scopes let it list. */
static void kinds(const struct fetch *f, const char *missing, struct buf *out)
{
	static const char *const all[][2] = {{"public_channel", "channels:read"},
					     {"private_channel", "groups:read"},
					     {"mpim", "mpim:read"},
					     {"im", "im:read"}};

	buf_reset(out);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (api_has_scope(f->api, all[i][1]) && !(missing && strstr(missing, all[i][1])))
			buf_addf(out, "%s%s", out->len ? "," : "", all[i][0]);
}

/* A bot reads what it is a member of; a user reads every public channel too. */
static const char *list_method(const struct fetch *f)
{
	return json_object_get(f->team, "bot_id") ? "users.conversations" : "conversations.list";
}

static void take(struct fetch *f, json_t *about)
{
	const char *id = member_str(about, "id"), *name;
	struct channel *c;

	if (!names_is_id(id))
		return;
	names_add_channel(&f->names, about);
	c = channels_find(f, id);
	c = c ? c : channels_add(f, id);
	name = names_channel(&f->names, id);
	json_decref(c->about);
	c->about = json_incref(about);
	if (name) {
		free(c->name);
		c->name = xstrdup(name);
	}
}

/* A page of the list; *missing becomes a scope without which it cannot be had. */
static int list_page(struct fetch *f, char **cursor, char **missing, int *again)
{
	bool goes_on = *cursor && **cursor;
	struct buf types = {0};
	struct api_answer a;
	json_t *about;
	size_t i;
	int rc;

	kinds(f, *missing, &types);
	if (!types.len) {
		buf_release(&types);
		return log_error(EX_NOPERM, "the token may list no conversation: it needs one of the scopes "
					    "channels:read, groups:read, mpim:read, im:read");
	}
	api_form(&f->form, "types", buf_cstr(&types));
	api_form_int(&f->form, "limit", LIST_PAGE);
	if (json_is_true(json_object_get(f->team, "is_enterprise_install")))
		api_form(&f->form, "team_id", f->team_id);
	api_form(&f->form, "cursor", *cursor);
	buf_release(&types);
	rc = fetch_ask(f, list_method(f), &a);
	if (rc)
		return rc;
	free(*cursor);
	*cursor = NULL;
	if (a.error && !strcmp(a.error, "missing_scope") && a.needed && !*missing) {
		*missing = xstrdup(a.needed);
		*cursor = xstrdup(""); /* the others, then, from the first page */
	} else if (a.error && goes_on && !strcmp(a.error, "invalid_cursor")) {
		*cursor = xstrdup("");
		if (++*again > AGAIN)
			rc = log_error(EX_TEMPFAIL, "%s: its cursors expire; come back later",
				       list_method(f));
	} else if (a.error) {
		rc = log_error(EX_NOPERM, "%s: %s: the conversations cannot be listed", list_method(f),
			       a.error);
	} else {
		rc = people_meet(f, json_object_get(a.json, "channels")); /* direct ones are called by them */
		json_array_foreach (json_object_get(a.json, "channels"), i, about) {
			take(f, about);
		}
		*cursor = a.next ? xstrdup(a.next) : NULL;
	}
	api_answer_release(&a);
	return rc;
}

/* ---- which are read ---- */

/* "#general", "general", "@Ann" or an id. */
static bool is_called(const struct channel *c, const char *word)
{
	return !strcmp(c->id, word) || !strcmp(c->name, word) || (*word == '#' && !strcmp(c->name, word + 1));
}

/* A conversation that is in no list, by its id. */
static int ask_about(struct fetch *f, const char *id)
{
	struct api_answer a;
	int rc;

	api_form(&f->form, "channel", id);
	rc = fetch_ask(f, "conversations.info", &a);
	if (rc)
		return rc;
	if (!a.error)
		take(f, json_object_get(a.json, "channel"));
	else
		log_warn("%s: %s: not there, or private and closed to this token; /invite the app there", id,
			 a.error);
	api_answer_release(&a);
	return 0;
}

static bool select_called(struct fetch *f, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < f->n; i++)
		if (f->channels[i].about && is_called(&f->channels[i], word))
			f->channels[i].selected = found = true;
	return found;
}

static int select_word(struct fetch *f, const char *word)
{
	bool looks_like_id = strchr("CGD", *word) && names_is_id(word) && strlen(word) > 6;
	int rc = 0;

	if (select_called(f, word))
		return 0;
	if (looks_like_id) {
		rc = ask_about(f, word);
		if (rc || select_called(f, word))
			return rc;
	} else {
		log_warn("%s: no conversation of that name is open to this token; if it is there, /invite "
			 "the app "
			 "into it, or name it by its id",
			 word);
	}
	f->unread++;
	return 0;
}

static int select_channels(struct fetch *f)
{
	const struct opt_list *asked = f->options->channels;
	int rc = 0;

	for (size_t i = 0; i < asked->n && !rc; i++)
		rc = select_word(f, asked->items[i]);
	for (size_t i = 0; i < f->n; i++) {
		f->channels[i].selected |= !asked->n;
		f->n_selected += f->channels[i].selected;
	}
	if (!rc && asked->n && !f->n_selected)
		return log_error(EX_UNAVAILABLE, "none of the conversations that were named can be read");
	if (!rc && !f->n_selected)
		log_note("the token is in no conversation; /invite the app into those that are to be read");
	return rc;
}

static int compare(const void *a, const void *b)
{
	const struct channel *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* Pages may be empty, but not for ever. */
static int leads_on(const char *before, const char *cursor, unsigned *idle)
{
	if (!cursor || ((!before || !*cursor || strcmp(before, cursor) != 0) && ++*idle <= IDLE_MAX))
		return 0;
	return log_error(EX_TEMPFAIL, "the server's pages of conversations lead nowhere; come back later");
}

int channels_list(struct fetch *f)
{
	char *cursor = NULL, *missing = NULL, *before;
	unsigned idle = 0;
	int rc, again = 0;

	f->listed = f->api->date;
	do {
		size_t n = f->n;

		before = cursor ? xstrdup(cursor) : NULL;
		rc = list_page(f, &cursor, &missing, &again);
		idle = f->n > n ? 0 : idle;
		if (!rc)
			rc = leads_on(before, cursor, &idle);
		free(before);
	} while (!rc && cursor);
	free(cursor);
	free(missing);
	if (f->n)
		qsort(f->channels, f->n, sizeof(*f->channels), compare);
	return rc ? rc : select_channels(f);
}
