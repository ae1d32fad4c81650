/* SPDX-License-Identifier: ISC */
#include "search.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xalloc.h"

enum { ITEMS_MAX = 1000 }; /* programs of one prefix */

static bool is_known(const struct search *found, const char *name)
{
	for (size_t i = 0; i < found->n; i++)
		if (!strcmp(found->items[i].name, name))
			return true;
	return false;
}

/* What execvp() would run. */
static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

static void search_folder(struct search *found, const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);
	size_t len = strlen(prefix);

	if (!dir)
		return;
	for (const struct dirent *e; (e = readdir(dir)) && found->n < ITEMS_MAX;) {
		char *path;

		if (strncmp(e->d_name, prefix, len) || !e->d_name[len] || is_known(found, e->d_name))
			continue;
		path = xasprintf("%s/%s", folder, e->d_name);
		if (is_program(path)) {
			found->items = xreallocarray(found->items, found->n + 1, sizeof(*found->items));
			found->items[found->n++] = (struct search_item){xstrdup(e->d_name), path};
		} else {
			free(path);
		}
	}
	closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	const struct search_item *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void search_path(struct search *found, const char *path, const char *prefix)
{
	while (path && *path) {
		size_t n = strcspn(path, ":");
		char *folder = n ? xstrndup(path, n) : xstrdup(".");

		search_folder(found, folder, prefix);
		free(folder);
		path += n + (path[n] == ':');
	}
	if (found->n)
		qsort(found->items, found->n, sizeof(*found->items), by_name);
}

void search_release(struct search *found)
{
	for (size_t i = 0; i < found->n; i++) {
		free(found->items[i].name);
		free(found->items[i].path);
	}
	free(found->items);
	*found = (struct search){0};
}

char *search_own_folder(void)
{
	char path[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return NULL;
	return xstrndup(path, (size_t)(slash - path));
}

void search_extend_path(void)
{
	const char *path = getenv("PATH");
	char *folder = search_own_folder(), *all;

	if (!folder)
		return;
	all = path && *path ? xasprintf("%s:%s", path, folder) : xstrdup(folder);
	setenv("PATH", all, 1);
	free(all);
	free(folder);
}
