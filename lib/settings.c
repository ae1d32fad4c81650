/* SPDX-License-Identifier: ISC */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "file.h"
#include "log.h"
#include "mask.h"
#include "near.h"
#include "text.h"
#include "xalloc.h"

enum { NAME_LEN_MAX = 100, SOURCES_MAX = 10000 };

/* What the front gives to a source itself, or never. */
static const char *const refused[] = {"check",    "commit", "describe", "help",    "no-progress", "plan",
				      "progress", "quiet",  "until",    "verbose", "version"};

/* The keys of a source that are no option of it. */
static bool is_reserved(const char *key)
{
	return !strcmp(key, "type") || !strcmp(key, "enabled") || !strcmp(key, "token-command");
}

const char *settings_getenv(const char *name)
{
	return getenv(name);
}

bool settings_is_secret(const char *key)
{
	static const char *const words[] = {"token", "password", "passwd", "secret", "api-key", "apikey"};

	if (!strcmp(key, "token-file") || !strcmp(key, "token-command"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *found = strstr(key, words[i]);

		/* secret and client-secret, but not secrets-file */
		if (found && !found[strlen(words[i])])
			return true;
	}
	return false;
}

/* ---- values ---- */

static bool is_plain(const char *s, const char *letters)
{
	return *s && !s[strspn(s, letters)];
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/*
 * $NAME or ${NAME}, in upper case, at the beginning and before a slash or the end: what stands elsewhere is
 * not ours (a log format is full of $names). The rest in *rest; an empty name where there is none.
 */
static size_t variable(const char *s, const char **name, const char **rest)
{
	bool brace = s[0] == '$' && s[1] == '{';
	size_t n;

	if (*s != '$')
		return 0;
	*name = s + 1 + brace;
	n = strspn(*name, UPPER DIGITS "_");
	*rest = *name + n + brace;
	if (!n || (brace && (*name)[n] != '}') || (**rest && **rest != '/'))
		return 0;
	return n;
}

static int expand(const struct settings *s, const struct gitconf_item *item, char **out)
{
	const char *value = item->value, *name = "HOME", *rest, *found;
	size_t n;
	char *word;

	*out = NULL;
	if (!value)
		return 0;
	if (*value == '~' && (!value[1] || value[1] == '/')) {
		rest = value + 1;
		n = strlen(name);
	} else {
		n = variable(value, &name, &rest);
	}
	if (!n) {
		*out = xstrdup(value);
		return 0;
	}
	word = xstrndup(name, n);
	found = s->env(word);
	free(word);
	if (!found || !*found)
		return log_error(EX_CONFIG, "%s: %s = %s: $%.*s is not set", item->file, item->key, value,
				 (int)n, name);
	*out = xasprintf("%s%s", found, rest);
	return 0;
}

/* ---- lists ---- */

const struct setting *settings_find(const struct settings_list *list, const char *key)
{
	const struct setting *found = NULL;

	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->items[i].key, key))
			found = &list->items[i];
	return found;
}

static void forget(struct settings_list *list, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->items[i].key, key))
			list->items[kept++] = list->items[i];
		else
			free(list->items[i].value);
	}
	list->n = kept;
}

/* An empty value takes back what was said before, as in git. */
static int keep(const struct settings *s, struct settings_list *list, const struct gitconf_item *item,
		bool single)
{
	char *value;
	int rc = expand(s, item, &value);

	if (rc)
		return rc;
	if (single || (value && !*value))
		forget(list, item->key);
	if (value && !*value) {
		free(value);
		return 0;
	}
	list->items = xreallocarray(list->items, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = (struct setting){item->key, value, item->file};
	return 0;
}

static void release_list(struct settings_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i].value);
	free(list->items);
}

/* ---- sections ---- */

static struct settings_source *source_of(struct settings *s, const struct gitconf_item *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->sources[i].name, item->name))
			return &s->sources[i];
	s->sources = xreallocarray(s->sources, s->n + 1, sizeof(*s->sources));
	s->sources[s->n] = (struct settings_source){.name = item->name, .file = item->file, .enabled = true};
	return &s->sources[s->n++];
}

/* A name becomes the name of a file. */
static bool is_name(const char *name)
{
	return is_plain(name, LOWER UPPER DIGITS "._@+-") && *name != '.' && *name != '-' &&
	       strlen(name) <= NAME_LEN_MAX;
}

static const char instead[] =
	": a secret does not go on a command line; put it into a file that only you can read and name "
	"that with token-file, or use token-command";

static int check_key(const struct gitconf_item *item)
{
	if (settings_is_secret(item->key))
		return log_error(EX_CONFIG, "%s: source \"%s\": %s%s", item->file, item->name, item->key,
				 instead);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (!strcmp(item->key, refused[i]))
			return log_error(EX_CONFIG, "%s: source \"%s\": %s cannot be configured", item->file,
					 item->name, item->key);
	return 0;
}

static int take_source(struct settings *s, const struct gitconf_item *item)
{
	struct settings_source *source;
	int rc;

	if (!item->name || !is_name(item->name))
		return log_error(EX_CONFIG,
				 "%s: a source is [source \"NAME\"], and NAME is letters, digits and . _ @ + "
				 "- only%s%s",
				 item->file, item->name ? ", not " : "", item->name ? item->name : "");
	rc = check_key(item);
	if (rc)
		return rc;
	source = source_of(s, item);
	if (s->n > SOURCES_MAX)
		return log_error(EX_CONFIG, "%s: more than %s sources", item->file, log_count(SOURCES_MAX));
	return keep(s, &source->keys, item, is_reserved(item->key));
}

static int take(struct settings *s, const struct gitconf_item *item)
{
	if (!strcmp(item->section, "include") || !strcmp(item->section, "includeif"))
		return 0;
	if (!strcmp(item->section, "source"))
		return take_source(s, item);
	if (!strcmp(item->section, "store") && !item->name)
		return keep(s, &s->store, item, true);
	return log_error(EX_CONFIG,
			 "%s: [%s%s%s] means nothing here; there are [store] and [source \"NAME\"]",
			 item->file, item->section, item->name ? " " : "", item->name ? item->name : "");
}

/* What the reserved keys of a source say. */
static int settle(struct settings_source *source)
{
	const struct setting *type = settings_find(&source->keys, "type"),
			     *enabled = settings_find(&source->keys, "enabled"),
			     *command = settings_find(&source->keys, "token-command");

	if (!type || !type->value || !is_plain(type->value, LOWER DIGITS "-"))
		return log_error(EX_CONFIG, "%s: source \"%s\": %s", source->file, source->name,
				 type ? "type is the name of a source, as 'athena sources' shows them"
				      : "no type; 'athena sources' shows those there are");
	if (enabled && !text_bool(enabled->value, &source->enabled))
		return log_error(EX_CONFIG, "%s: source \"%s\": enabled is true or false, not %s",
				 enabled->file, source->name, enabled->value);
	if (command && !command->value)
		return log_error(EX_CONFIG, "%s: source \"%s\": token-command needs a command", command->file,
				 source->name);
	if (command && settings_find(&source->keys, "token-file"))
		return log_error(EX_CONFIG,
				 "%s: source \"%s\": token-command and token-file exclude each other",
				 command->file, source->name);
	source->type = type->value;
	source->token_command = command ? command->value : NULL;
	source->program = xasprintf("athena-src-%s", source->type);
	return 0;
}

static int find_places(struct settings *s, const char *path)
{
	const char *home = s->env("HOME"), *state = s->env("XDG_STATE_HOME");
	char *config = file_own_folder(s->env("XDG_CONFIG_HOME"), home, ".config");

	s->state = file_own_folder(state, home, ".local/state");
	s->state_from = state && *state == '/' ? "XDG_STATE_HOME" : "HOME";
	if (config && s->state)
		s->file = path ? xstrdup(path) : xasprintf("%s/config", config);
	free(config);
	return s->file ? 0
		       : log_error(EX_CONFIG, "neither HOME nor XDG_CONFIG_HOME and XDG_STATE_HOME are set");
}

int settings_load(struct settings *s, const char *path, settings_env env)
{
	const struct setting *database;
	int rc;

	s->env = env;
	rc = find_places(s, path);
	if (rc)
		return rc;
	rc = gitconf_read(&s->conf, s->file);
	if (rc == EX_NOINPUT)
		rc = path ? log_error(EX_NOINPUT, "%s: %s", path, strerror(ENOENT)) : 0;
	for (size_t i = 0; !rc && i < s->conf.n; i++)
		rc = take(s, &s->conf.items[i]);
	for (size_t i = 0; !rc && i < s->n; i++)
		rc = settle(&s->sources[i]);
	database = settings_find(&s->store, "database");
	s->database = database ? database->value : NULL;
	return rc;
}

void settings_release(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		release_list(&s->sources[i].keys);
		free(s->sources[i].program);
	}
	free(s->sources);
	release_list(&s->store);
	gitconf_release(&s->conf);
	free(s->file);
	free(s->state);
	*s = (struct settings){0};
}

/* ---- what is run ---- */

static int no_source(const struct settings *s, const char *name)
{
	struct near n = near_to(name);

	for (size_t i = 0; i < s->n; i++)
		near_look(&n, s->sources[i].name);
	return log_error(EX_USAGE,
			 "%s: no source of that name in %s; %s%s%sathena config shows those there are", name,
			 s->file, n.best ? "did you mean " : "", n.best ? n.best : "", n.best ? "? " : "");
}

int settings_choose(struct settings *s, const char *const *names, size_t n)
{
	for (size_t k = 0; k < s->n; k++)
		s->sources[k].chosen = !n && s->sources[k].enabled;
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < s->n && !found; k++)
			if (!strcmp(s->sources[k].name, names[i]))
				found = s->sources[k].chosen = true;
		if (!found)
			return no_source(s, names[i]);
	}
	return 0;
}

static int no_option(const struct settings_source *source, const struct setting *key, const struct plugin *p)
{
	struct near n = near_to(key->key);
	const json_t *option;
	size_t i;

	json_array_foreach (json_object_get(p->about, "options"), i, option) {
		const char *name = json_string_value(json_object_get(option, "name"));

		if (name)
			near_look(&n, name);
	}
	return log_error(EX_CONFIG, "%s: source \"%s\": %s has no option --%s; %s%s%ssee '%s --help'",
			 key->file, source->name, source->program, key->key, n.best ? "did you mean " : "",
			 n.best ? n.best : "", n.best ? "? " : "", source->program);
}

static int add_option(const struct settings_source *source, const struct setting *key, const struct plugin *p,
		      struct words *argv)
{
	const json_t *option = plugin_option(p, key->key);
	bool on = false, is_bool = text_bool(key->value, &on);

	if (p->about && !option)
		return no_option(source, key, p);
	if (option ? plugin_is_flag(option)
		   : is_bool && (!key->value || !strcmp(key->value, on ? "true" : "false"))) {
		if (!is_bool)
			return log_error(EX_CONFIG, "%s: source \"%s\": %s is true or false, not %s",
					 key->file, source->name, key->key, key->value);
		if (on)
			words_addf(argv, "--%s", key->key);
	} else if (!key->value) {
		return log_error(EX_CONFIG, "%s: source \"%s\": %s needs a value", key->file, source->name,
				 key->key);
	} else if (mask_has_secret(key->value)) {
		return log_error(EX_CONFIG, "%s: source \"%s\": %s holds a password or a token%s", key->file,
				 source->name, key->key, instead);
	} else {
		words_addf(argv, "--%s=%s", key->key, key->value);
	}
	return 0;
}

int settings_command(const struct settings_source *source, const struct plugin *p, struct words *argv)
{
	int rc = 0;

	words_add(argv, xstrdup(source->program));
	for (size_t i = 0; !rc && i < source->keys.n; i++) {
		const struct setting *key = &source->keys.items[i];

		if (!is_reserved(key->key))
			rc = add_option(source, key, p, argv);
	}
	return rc;
}

static int no_database(const struct settings *s)
{
	static const char key[] = "database";

	for (size_t i = 0; i < s->store.n; i++) {
		struct near n = near_to(s->store.items[i].key);

		near_look(&n, key);
		if (n.best)
			return log_error(EX_CONFIG, "%s: [store] %s means nothing here; did you mean %s?",
					 s->store.items[i].file, n.word, key);
	}
	return log_error(EX_CONFIG,
			 "%s: no database; add: [store] database = PATH; 'athena help config' shows how",
			 s->file);
}

int settings_store_command(const struct settings *s, struct words *argv)
{
	if (!s->database)
		return no_database(s);
	words_add(argv, xstrdup("athena-store"));
	for (size_t i = 0; i < s->store.n; i++) {
		const struct setting *key = &s->store.items[i];
		bool on;

		if (!strcmp(key->key, "database"))
			continue;
		if (!key->value || !strcmp(key->value, "true"))
			words_addf(argv, "--%s", key->key);
		else if (!text_bool(key->value, &on) || on || strcmp(key->value, "false"))
			words_addf(argv, "--%s=%s", key->key, key->value);
	}
	words_add(argv, xstrdup("--"));
	words_add(argv, xstrdup(s->database));
	return 0;
}
