/* SPDX-License-Identifier: ISC */
#include "gitconf.h"

#include <errno.h>
#include <git2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "gitlib.h"
#include "log.h"
#include "xalloc.h"

enum { DEPTH_MAX = 16, ITEMS_MAX = 100000 };

/*
 * Which file an entry stands in: the parser tells how deep it is
 * included, and each `include.path` before it.
 */
struct origin {
	char *files[DEPTH_MAX + 1];
	unsigned depth;
	char *next; /* the include that was met last */
};

/* "what is wrong (in FILE:LINE)" as "FILE:LINE: what is wrong". */
static int say(const char *path)
{
	static const char prefix[] = "failed to parse config file: ";
	const git_error *e = git_error_last();
	const char *what = e && e->message ? e->message : "cannot be read", *place = NULL;
	size_t n = strlen(what);

	if (!strncmp(what, prefix, strlen(prefix))) {
		what += strlen(prefix);
		n -= strlen(prefix);
	}
	for (const char *p = what; (p = strstr(p, " (in ")); p++)
		place = p;
	if (place && what[n - 1] == ')')
		return log_error(EX_CONFIG, "%.*s: %.*s; its syntax is that of git-config(1)",
				 (int)(what + n - 1 - (place + 5)), place + 5, (int)(place - what), what);
	return log_error(EX_CONFIG, "%s: %s", path, what);
}

/* A path in an include, as the parser takes it. */
static char *resolve(const char *from, const char *path)
{
	const char *slash = strrchr(from, '/'), *home = getenv("HOME");

	if (!strncmp(path, "~/", 2) && home)
		return xasprintf("%s/%s", home, path + 2);
	if (*path == '/' || !slash)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - from), from, path);
}

static const char *follow(struct origin *o, const git_config_entry *e)
{
	unsigned depth = e->include_depth < DEPTH_MAX ? e->include_depth : DEPTH_MAX;

	while (o->depth > depth)
		free(o->files[o->depth--]);
	while (o->depth < depth) {
		o->files[o->depth + 1] = xstrdup(o->next ? o->next : o->files[o->depth]);
		o->depth++;
	}
	if (!strcmp(e->name, "include.path") && e->value) {
		free(o->next);
		o->next = resolve(o->files[o->depth], e->value);
	}
	return o->files[o->depth];
}

static void add(struct gitconf *c, const git_config_entry *e, const char *file)
{
	const char *first = strchr(e->name, '.'), *last = strrchr(e->name, '.');
	struct gitconf_item *item;

	c->items = xreallocarray(c->items, c->n + 1, sizeof(*c->items));
	item = &c->items[c->n++];
	*item = (struct gitconf_item){
		.section = first ? xstrndup(e->name, (size_t)(first - e->name)) : xstrdup(""),
		.name = first && last > first ? xstrndup(first + 1, (size_t)(last - first - 1)) : NULL,
		.key = xstrdup(last ? last + 1 : e->name),
		.value = e->value ? xstrdup(e->value) : NULL,
		.file = xstrdup(file),
	};
}

static int collect(struct gitconf *c, git_config *config, const char *path)
{
	struct origin o = {.files = {xstrdup(path)}};
	git_config_iterator *it = NULL;
	git_config_entry *e;
	int rc = git_config_iterator_new(&it, config) ? say(path) : 0;

	while (!rc && !git_config_next(&e, it)) {
		add(c, e, follow(&o, e));
		if (c->n > ITEMS_MAX)
			rc = log_error(EX_CONFIG, "%s: more than %s values", path, log_count(ITEMS_MAX));
	}
	git_config_iterator_free(it);
	for (unsigned i = 0; i <= o.depth; i++)
		free(o.files[i]);
	free(o.next);
	return rc;
}

int gitconf_read(struct gitconf *c, const char *path)
{
	git_config *config = NULL;
	struct stat st;
	int rc = 0;

	/* The parser takes a file that is not there for an empty one. */
	if (access(path, R_OK))
		return errno == ENOENT || errno == ENOTDIR
			       ? EX_NOINPUT
			       : log_error(EX_NOPERM, "%s: %s", path, strerror(errno));
	/* and reads nothing from a pipe */
	if (!stat(path, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return log_error(EX_CONFIG, "%s: a configuration is read from a file, this is a pipe", path);
	if (gitlib_init() < 0)
		return say(path);
	if (git_config_open_ondisk(&config, path))
		rc = say(path);
	if (!rc)
		rc = collect(c, config, path);
	git_config_free(config);
	git_libgit2_shutdown();
	return rc;
}

void gitconf_release(struct gitconf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->items[i].section);
		free(c->items[i].name);
		free(c->items[i].key);
		free(c->items[i].value);
		free(c->items[i].file);
	}
	free(c->items);
	*c = (struct gitconf){0};
}
