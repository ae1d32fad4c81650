/* SPDX-License-Identifier: ISC */
/* Which file of an archive is what: the lists of users and channels, and the days of the channels. */
#include "export.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "member.h"
#include "xalloc.h"

enum { SAID_MAX = 10 /* folders without a channel that are named one by one */ };

static const char *const user_lists[] = {"users.json", "org_users.json", NULL};
/* The last is of what is said beside canvases, in folders as "FC:F02ABCDEF:Title". */
static const char *const channel_lists[] = {
	"channels.json", "groups.json", "mpims.json", "dms.json", "file_conversations.json", NULL};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* ---- the lists ---- */

static int add_user(struct slack_export *x, json_t *user, void *unused)
{
	(void)unused;
	export_count_team(x, member_str(user, "team_id"));
	if (x->names.users.n < EXPORT_USERS_MAX)
		names_add_user(&x->names, user);
	return 0;
}

/* `prefix` is the folder that the list lies in, with its slash. */
static void add_folder(struct slack_export *x, const char *prefix, const char *name, const char *id)
{
	char *path = xasprintf("%s%s", prefix, name);
	const char *known = names_get(&x->folders, path);

	if (!known)
		names_put(&x->folders, path, id);
	else if (strcmp(known, id) != 0)
		log_warn("%s: %s: two channels have that name, %s and %s; its messages are taken for those "
			 "of %s",
			 x->archive.path, path, known, id, known);
	free(path);
}

static int add_channel(struct slack_export *x, json_t *channel, void *prefix)
{
	const char *id = member_str(channel, "id");
	const char *name = member_str(channel, "name");

	if (!names_is_id(id) || x->folders.n >= EXPORT_USERS_MAX)
		return 0;
	export_count_team(x, member_str(channel, "context_team_id"));
	names_add_channel(&x->names, channel);
	if (name && *name)
		add_folder(x, prefix, name, id);
	add_folder(x, prefix, id, id);
	return 0;
}

/* All lists of one sort, wherever they are: an export of an organisation has one a workspace. */
static int read_lists(struct slack_export *x, const char *const *lists, export_each *each)
{
	int rc = 0;

	for (size_t i = 0; i < x->archive.n && !rc; i++) {
		struct archive_file *file = &x->archive.files[i];
		char *prefix;

		if (!listed(lists, base_name(file->name)))
			continue;
		prefix = xstrndup(file->name, (size_t)(base_name(file->name) - file->name));
		rc = export_read(x, file, each, prefix);
		free(prefix);
		rc = rc ? rc : x->damage;
	}
	return rc;
}

/* ---- the days ---- */

bool export_is_day(const struct export_day *day)
{
	static const char shape[] = "dddd-dd-dd";
	const char *s = day->key;

	if (day->key_len != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < day->key_len; i++)
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != '-')
			return false;
	return true;
}

static size_t id_length(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return n >= 2 && n <= NAMES_ID_MAX && strchr("CGD", *s) ? n : 0;
}

/* A dump of slackdump: C051D4052.json, or C051D4052-1665917454.731419.json for a thread. */
static bool is_dump(const char *s, size_t n)
{
	size_t id = id_length(s);
	int64_t us;

	return id >= 9 && (id == n || (s[id] == '-' && slack_ts_parse(s + id + 1, n - id - 1, &us)));
}

/* The channel's id, by the folder or, in a dump, by the name; a heap string, NULL where it is not known. */
static char *channel_of(const struct slack_export *x, const struct export_day *day)
{
	const char *name = day->file->name, *id;
	char *folder, *last;

	if (!export_is_day(day))
		return xstrndup(day->key, id_length(day->key));
	folder = xstrndup(name, day->key > name ? (size_t)(day->key - name - 1) : 0);
	last = strrchr(folder, '/');
	last = last ? last + 1 : folder;
	id = names_get(&x->folders, folder);
	if (!id && id_length(last) >= 9 && !last[id_length(last)])
		id = last;
	id = id ? xstrdup(id) : NULL;
	free(folder);
	return (char *)id;
}

/* A day and the id it belongs to, while they are gathered. */
struct found {
	struct export_day day;
	char *id;
	size_t at; /* in the order of channels */
};

static int by_channel(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->day.file->name, y->day.file->name);
}

static int by_key(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->day.key, y->day.key);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Says once a folder that its messages cannot be used. */
static void say_nameless(struct slack_export *x, const struct export_day *day)
{
	const char *name = day->file->name;
	size_t n = day->key > name ? (size_t)(day->key - name - 1) : 0;
	bool again = x->nameless_at && n == x->nameless_len && !memcmp(x->nameless_at, name, n);

	x->src->metrics.rejects++;
	x->worst = EX_DATAERR;
	if (again)
		return;
	x->nameless_at = name;
	x->nameless_len = n;
	if (x->nameless++ < SAID_MAX)
		log_warn(
			"%s: %.*s: no list of channels has this name, so its messages have no channel id and "
			"are left out; add {\"id\":\"C...\",\"name\":\"...\"} to channels.json",
			x->archive.path, (int)(n ? n : 11), n ? name : "(no folder)");
}

/* --channel NAME|ID|#NAME; notes which of them were met */
static bool is_asked(const struct slack_export *x, const char *id, bool *met)
{
	const struct opt_list *list = x->options->channels;
	const char *name = names_channel(&x->names, id);
	bool asked = !list || !list->n;

	for (size_t i = 0; list && i < list->n; i++) {
		const char *item = list->items[i] + (*list->items[i] == '#');

		if (strcmp(item, id) != 0 && (!name || strcmp(item, name) != 0))
			continue;
		asked = true;
		met[i] = true;
	}
	return asked;
}

/* Takes over the ids. */
static void add_days(struct slack_export *x, struct found *all, size_t n)
{
	struct export_channel *c = NULL;

	qsort(all, n, sizeof(*all), by_channel);
	x->days = xcalloc(n, sizeof(*x->days));
	x->order = xcalloc(n, sizeof(*x->order));
	x->channels = xcalloc(n, sizeof(*x->channels));
	x->n_days = n;
	for (size_t i = 0; i < n; i++) {
		if (!c || strcmp(c->id, all[i].id) != 0) {
			c = &x->channels[x->n_channels++];
			*c = (struct export_channel){
				.id = all[i].id, .name = names_channel(&x->names, all[i].id), .first = i};
		} else {
			free(all[i].id);
		}
		c->n++;
		all[i].at = i;
		x->days[i] = all[i].day;
		x->days[i].channel = (size_t)(c - x->channels);
	}
	qsort(all, n, sizeof(*all), by_key);
	for (size_t i = 0; i < n; i++)
		x->order[i] = all[i].at;
}

/* Files of a folder that are no messages of its channel: canvases, what somebody put there. */
static bool is_message_file(const struct export_day *day)
{
	return export_is_day(day) || is_dump(day->key, day->key_len);
}

static void find_days(struct slack_export *x, bool *met)
{
	struct found *all = xcalloc(x->archive.n, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < x->archive.n; i++) {
		struct archive_file *file = &x->archive.files[i];
		struct export_day day = {.file = file, .key = base_name(file->name)};
		char *id;

		day.key_len = strlen(day.key) - strlen(".json");
		if (!is_message_file(&day)) {
			x->foreign += !listed(user_lists, day.key) && !listed(channel_lists, day.key);
			continue;
		}
		id = channel_of(x, &day);
		if (!id)
			say_nameless(x, &day);
		else if (is_asked(x, id, met))
			all[n++] = (struct found){.day = day, .id = id};
		else
			free(id);
	}
	if (n)
		add_days(x, all, n);
	free(all);
}

/* A channel of the lists may have no day at all: then it is there, and empty. */
static int check_asked(struct slack_export *x, bool *met)
{
	const struct opt_list *list = x->options->channels;
	struct names_cursor c = {0};

	while (names_next(&x->names.channels, &c))
		is_asked(x, c.id, met);
	for (size_t i = 0; list && i < list->n; i++)
		if (!met[i])
			return log_error(EX_NOINPUT, "%s: %s: no channel of this export; --check lists them",
					 x->archive.path, list->items[i]);
	return 0;
}

int export_layout(struct slack_export *x)
{
	const struct opt_list *list = x->options->channels;
	bool *met = xcalloc(list && list->n ? list->n : 1, sizeof(*met));
	int rc = read_lists(x, user_lists, add_user);

	if (!rc)
		rc = read_lists(x, channel_lists, add_channel);
	if (!rc) {
		if (x->archive.n)
			find_days(x, met);
		rc = check_asked(x, met);
	}
	if (!rc && !x->n_days && !x->names.users.n && !x->names.channels.n && !x->nameless)
		rc = log_error(
			EX_DATAERR,
			"%s: no export in JSON: neither lists of channels or users nor a day of messages; an "
			"export in text form has to be asked for again, in JSON",
			x->archive.path);
	free(met);
	return rc;
}
