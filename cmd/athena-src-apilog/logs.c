/* SPDX-License-Identifier: ISC */
#include "logs.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "glob.h"
#include "log.h"
#include "rotation.h"
#include "xalloc.h"

enum { DEPTH_MAX = 32, ASIDE_MAX = 16 };

struct log *logs_get(const struct logs *all, const char *path)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->items[i]->path, path))
			return all->items[i];
	return NULL;
}

static struct log *add_log(struct logs *all, char *path)
{
	struct log *log = logs_get(all, path);

	if (log) {
		free(path);
		return log;
	}
	log = xcalloc(1, sizeof(*log));
	log->all = all;
	log->path = path;
	log->id = xasprintf("apilog:%s", path);
	log->stale = true;
	if (all->n == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 8;
		all->items = xreallocarray(all->items, all->cap, sizeof(struct log *));
	}
	all->items[all->n++] = log;
	return log;
}

/* The path without links, but for the last component; where its folder is not there, as it is written. */
static char *absolute(const char *path)
{
	char *parent = file_folder(path), *folder = realpath(parent, NULL), *copy = xstrdup(path), *out;

	if (folder) {
		out = xasprintf("%s/%s", strcmp(folder, "/") ? folder : "", basename(copy));
	} else if (*path == '/') {
		out = xstrdup(path);
	} else {
		while (path[0] == '.' && path[1] == '/')
			path += 2;
		folder = getcwd(NULL, 0);
		out = xasprintf("%s/%s", folder ? folder : "", path);
	}
	free(folder);
	free(parent);
	free(copy);
	return out;
}

static void name_file(struct log *log, const char *path)
{
	for (size_t i = 0; i < log->named.n; i++)
		if (!strcmp(log->named.items[i], path))
			return;
	words_add(&log->named, xstrdup(path));
}

/* What is not there, or is a link to nowhere, is no failure. */
static void cannot_look(struct logs *all, const char *path)
{
	if (all->unread || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return;
	all->error = errno;
	all->unread = xstrdup(path);
}

/* A file that was named, or found: its log. `whole`: the log is meant, whatever part of it this is. */
static void add_file(struct logs *all, const char *path, bool whole)
{
	char *full = absolute(path);
	const char *name = strrchr(full, '/') + 1;
	struct rotation r;
	struct log *log;

	whole |= !rotation_split(name, &r);
	log = add_log(all, xasprintf("%.*s%s", (int)(name - full), full, r.base));
	all->found++;
	if (whole)
		log->whole = true;
	else
		name_file(log, full);
	free(full);
}

/* ---- folders, and patterns: a folder and a glob of what is meant below it ---- */

struct tree {
	char *root; /* absolute; NULL: there is no such folder */
	const char *const *globs;
	size_t n;
};

static bool is_pattern(const char *s)
{
	return s[strcspn(s, "*?[")];
}

static const char *const any_log[] = {"*.log"};

static void folder_tree(struct tree *t, const struct logs *all, const char *folder)
{
	t->root = realpath(folder, NULL);
	t->globs = all->globs->n ? all->globs->items : any_log;
	t->n = all->globs->n ? all->globs->n : 1;
}

/* The folders before the first wildcard, and the rest. */
static void pattern_tree(struct tree *t, const char **pattern)
{
	size_t fixed = strcspn(*pattern, "*?[");
	char *head;

	while (fixed && (*pattern)[fixed - 1] != '/')
		fixed--;
	head = fixed ? xstrndup(*pattern, fixed) : xstrdup(".");
	t->root = realpath(head, NULL);
	free(head);
	*pattern += fixed;
	t->globs = pattern;
	t->n = 1;
}

static bool wants(const struct tree *t, const char *relative)
{
	for (size_t i = 0; i < t->n; i++)
		if (glob_match(t->globs[i], relative, strlen(relative)))
			return true;
	return false;
}

/* Could a glob match below the folder? */
static bool may_hold(const struct tree *t, const char *relative)
{
	for (size_t i = 0; i < t->n; i++)
		if (glob_may_match_below(t->globs[i], relative, strlen(relative)))
			return true;
	return false;
}

static void look_at(struct logs *all, const struct tree *t, const char *relative, int depth);

static void look_at_entry(struct logs *all, const struct tree *t, const char *relative, const char *name,
			  int depth)
{
	char *below = xasprintf("%s%s%s", relative, *relative ? "/" : "", name);
	char *path = xasprintf("%s/%s", t->root, below), *base;
	struct rotation r;
	struct stat st;

	rotation_split(name, &r);
	base = xasprintf("%s%s%s", relative, *relative ? "/" : "", r.base);
	if (stat(path, &st)) {
		if (wants(t, base) || wants(t, below) || may_hold(t, below))
			cannot_look(all, path);
	} else if (S_ISDIR(st.st_mode) && may_hold(t, below)) {
		look_at(all, t, below, depth + 1);
	} else if (S_ISREG(st.st_mode) && (wants(t, base) || wants(t, below))) {
		add_file(all, path, wants(t, base));
	}
	free(base);
	free(below);
	free(path);
}

static void look_at(struct logs *all, const struct tree *t, const char *relative, int depth)
{
	char *path = xasprintf("%s%s%s", t->root, *relative ? "/" : "", relative);
	DIR *dir = depth < DEPTH_MAX ? opendir(path) : NULL;
	struct dirent *e;

	if (!dir && depth < DEPTH_MAX)
		cannot_look(all, path);
	while (dir && (e = readdir(dir)))
		if (*e->d_name != '.')
			look_at_entry(all, t, relative, e->d_name, depth);
	if (dir)
		closedir(dir);
	free(path);
}

static void add_tree(struct logs *all, struct tree *t, const char *operand)
{
	size_t before = all->found;

	all->open_ended = true;
	/* A file that is renamed while its folder is read may be seen under neither name: nothing is looked for twice. */
	for (int i = 0; t->root && i < 2 && all->found == before; i++)
		look_at(all, t, "", 0);
	if (!t->root)
		cannot_look(all, operand);
	if (all->found == before)
		words_add(&all->missing, xstrdup(operand));
	free(t->root);
}

/* ---- operands ---- */

/* A log that was named and is not there itself: there may be rotated files of it. */
static void add_absent(struct logs *all, const char *operand)
{
	words_add(&all->missing, xstrdup(operand));
	add_file(all, operand, false);
}

static int add_operand(struct logs *all, const char *operand)
{
	const char *rest = operand;
	struct tree t;
	struct stat st;

	if (!strcmp(operand, "-")) {
		words_add(&all->pipes, xstrdup(operand));
	} else if (stat(operand, &st)) {
		if (errno == EACCES)
			return log_error(EX_NOPERM, "%s: %s; let this user read its folder", operand,
					 strerror(errno));
		cannot_look(all, operand);
		if (is_pattern(operand)) {
			pattern_tree(&t, &rest);
			add_tree(all, &t, operand);
		} else {
			add_absent(all, operand);
		}
	} else if (S_ISDIR(st.st_mode)) {
		folder_tree(&t, all, operand);
		add_tree(all, &t, operand);
	} else if (S_ISREG(st.st_mode)) {
		add_file(all, operand, false);
	} else {
		words_add(&all->pipes, xstrdup(operand));
	}
	return 0;
}

int logs_find(struct logs *all)
{
	if (!all->folder)
		all->folder = folder_new();
	words_release(&all->missing);
	words_release(&all->pipes);
	free(all->unread);
	all->unread = NULL;
	for (size_t i = 0; i < all->operands->n; i++) {
		int rc = add_operand(all, all->operands->items[i]);

		if (rc)
			return rc;
	}
	all->ambiguous = all->open_ended || all->n > 1;
	return 0;
}

/* The log that an operand without wildcards names, whether it is there or not. */
static char *named_log(const char *operand)
{
	char *full = absolute(operand), *name;
	struct rotation r;

	name = strrchr(full, '/') + 1;
	rotation_split(name, &r);
	memcpy(name, r.base, strlen(r.base) + 1); /* no longer than it was */
	return full;
}

bool logs_means(const struct logs *all, const char *operand, const char *path)
{
	struct stat st;
	struct tree t = {0};
	char *named;
	size_t n;
	bool yes;

	if (!stat(operand, &st) && S_ISDIR(st.st_mode)) {
		folder_tree(&t, all, operand);
	} else if (is_pattern(operand)) {
		pattern_tree(&t, &operand);
	} else {
		named = named_log(operand);
		yes = named && !strcmp(named, path);
		free(named);
		return yes;
	}
	n = t.root ? strlen(t.root) : 0;
	yes = n && !strncmp(path, t.root, n) && path[n] == '/' && wants(&t, path + n + 1);
	free(t.root);
	return yes;
}

struct log *logs_of_known(struct logs *all, const char *path)
{
	struct log *log = logs_get(all, path);

	for (size_t i = 0; i < all->operands->n && !log; i++)
		if (logs_means(all, all->operands->items[i], path)) {
			log = add_log(all, xstrdup(path));
			log->whole = true;
		}
	return log;
}

struct log *logs_add_pipe(struct logs *all, const char *operand)
{
	struct log *log = add_log(all, xstrdup(operand));

	log->pipe = true;
	return log;
}

bool log_look_aside(struct log *log, const char *folder, bool inner, int64_t written_us)
{
	struct aside *a = NULL;

	for (size_t i = 0; i < log->n_aside && !a; i++)
		if (log->aside[i].inner == inner && !strcmp(log->aside[i].folder, folder))
			a = &log->aside[i];
	if (!log->whole || (a && a->since_us <= written_us) || (!a && log->n_aside == ASIDE_MAX))
		return false;
	if (!a) {
		log->aside = xreallocarray(log->aside, log->n_aside + 1, sizeof(*log->aside));
		a = &log->aside[log->n_aside++];
		a->folder = xstrdup(folder);
		a->inner = inner;
	}
	a->since_us = written_us;
	return true;
}

bool log_is_of_another(const struct log *log, const char *folder, const char *name)
{
	size_t n = strcmp(folder, "/") ? strlen(folder) : 0;
	struct rotation r;

	for (size_t i = 0; i < log->all->n; i++) {
		const struct log *other = log->all->items[i];

		if (other == log || other->pipe || strncmp(other->path, folder, n) || other->path[n] != '/' ||
		    strchr(other->path + n + 1, '/'))
			continue;
		if (rotation_of(name, other->path + n + 1, &r))
			return true;
	}
	return false;
}

void log_place(struct log *log)
{
	struct stat st;
	char *real = !lstat(log->path, &st) && S_ISLNK(st.st_mode) ? realpath(log->path, NULL) : NULL;
	const char *path = real ? real : log->path, *slash = strrchr(path, '/');
	size_t n = slash == path ? 1 : (size_t)(slash - path);

	if (!log->folder || strncmp(log->folder, path, n) || log->folder[n] ||
	    strcmp(log->name, slash + 1) != 0) {
		free(log->folder);
		free(log->name);
		log->folder = xstrndup(path, n);
		log->name = xstrdup(slash + 1);
		log->watch = 0;
	}
	free(real);
}

void logs_release(struct logs *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct log *log = all->items[i];

		words_release(&log->named);
		for (size_t a = 0; a < log->n_aside; a++)
			free(log->aside[a].folder);
		free(log->aside);
		free(log->path);
		free(log->folder);
		free(log->name);
		free(log->id);
		free(log);
	}
	free(all->items);
	folder_free(all->folder);
	words_release(&all->pipes);
	words_release(&all->missing);
	free(all->unread);
	*all = (struct logs){0};
}
