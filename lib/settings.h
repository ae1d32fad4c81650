/* SPDX-License-Identifier: ISC
 *
 * settings - what the configuration means (athena-config(1)): a database, and sources, each a
 * command line.
 *
 *     [store]
 *         database = ~/athena.db
 *     [source "work"]
 *         type = git
 *         repo = ~/src/work          every key but three is the source's long option
 *
 *	struct settings s = {0};
 *	rc = settings_load(&s, config_path, env);         config_path NULL: where it usually is
 *	rc = settings_choose(&s, names, n);               only those; else those that are enabled
 *	rc = settings_command(&s.sources[i], &plugin, &words);
 *	settings_release(&s);
 *
 * The environment is asked through a function, so that a test can give its own. Codes above 0 are logged.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "gitconf.h"
#include "plugin.h"
#include "words.h"

typedef const char *(*settings_env)(const char *name);

struct setting {
	const char *key; /* borrowed from the configuration, as is the file */
	char *value;     /* with ~ and $NAME replaced; NULL: the key stands alone */
	const char *file;
};

struct settings_list {
	struct setting *items;
	size_t n;
};

struct settings_source {
	const char *name, *file; /* borrowed */
	char *program;           /* athena-src-TYPE */
	struct settings_list keys; /* all that are in force, reserved ones too */
	const char *type, *token_command; /* of those; NULL: none */
	bool enabled;
	bool chosen;
};

struct settings {
	char *file;  /* the configuration */
	char *state; /* folder of cursors and metrics */
	const char *state_from; /* what named it: an environment variable */
	struct gitconf conf;
	struct settings_list store; /* keys of [store] that are in force */
	const char *database;       /* of those; NULL: none */
	struct settings_source *sources; /* in the order of the file */
	size_t n;
	settings_env env;
};

/* 0 where there is no file at the usual place: there is then nothing in it. */
int settings_load(struct settings *s, const char *path, settings_env env);
void settings_release(struct settings *s);

/* Marks the sources of these names, in any case; without names those that are enabled. EX_USAGE for one that is not there. */
int settings_choose(struct settings *s, const char *const *names, size_t n);

/*
 * The source's program and its options. Where p->about is known each key must be an option of it; else a key
 * alone, and `true`, is an option without an argument, and `false` is none.
 */
int settings_command(const struct settings_source *source, const struct plugin *p, struct words *argv);

/* The options of athena-store, and the database. EX_CONFIG where none is named. */
int settings_store_command(const struct settings *s, struct words *argv);

/* The last one of that key in a list; NULL: none. */
const struct setting *settings_find(const struct settings_list *list, const char *key);

/* The value of such a key is not to be shown. */
bool settings_is_secret(const char *key);

/* getenv() as settings_env. */
const char *settings_getenv(const char *name);

#endif
