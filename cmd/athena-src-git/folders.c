/* SPDX-License-Identifier: ISC */
#include "folders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "xalloc.h"

enum {
	FOLDERS_MAX = 1024,
	DEPTH_MAX = 6,             /* alternates of alternates; git and libgit2 follow no more than 5 */
	ALTERNATES_MAX = 16 << 20, /* bytes of a file of them */
};

static int add(struct folders *f, const char *folder, unsigned depth);

/* Each line is a folder: a relative one is seen from the folder of the file; libgit2 takes some from where it runs. */
static int add_line(struct folders *f, const char *folder, const char *line, unsigned depth)
{
	char *path = xasprintf("%s%s/", *line == '/' ? "" : folder, line);
	int rc = add(f, path, depth);

	free(path);
	if (!rc && *line != '/' && *line != '.') {
		path = xasprintf("%s/", line);
		rc = add(f, path, depth);
		free(path);
	}
	return rc;
}

static int add_alternates(struct folders *f, const char *folder, const char *path, unsigned depth)
{
	char *real = realpath(path, NULL), *lines = NULL, *rest, *line;
	struct buf text;
	int rc = 0;

	buf_init(&text, ALTERNATES_MAX);
	if (real && !file_read(real, &text)) {
		rest = lines = xstrdup(buf_cstr(&text));
		while (!rc && (line = strsep(&rest, "\r\n")))
			if (*line && *line != '#' && *line != '"')
				rc = add_line(f, folder, line, depth + 1);
	} else if (real && errno == EFBIG) {
		rc = log_error(EX_DATAERR, "%s: larger than any list of alternates", path);
	}
	free(lines);
	buf_release(&text);
	free(real);
	return rc;
}

/* Files that are opened as they come. */
static int check_files(const char *folder)
{
	static const char *const names[] = {"info/alternates", "info/commit-graph", "pack/multi-pack-index"};
	struct stat st;
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(names) / sizeof(*names); i++) {
		char *path = xasprintf("%s%s", folder, names[i]);

		if (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			rc = log_error(EX_DATAERR, "%s: no regular file; git makes no such thing", path);
		free(path);
	}
	return rc;
}

static int add(struct folders *f, const char *folder, unsigned depth)
{
	struct stat st;
	char *path;
	int rc;

	if (depth > DEPTH_MAX || stat(folder, &st) || !S_ISDIR(st.st_mode))
		return 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->seen[i].dev == st.st_dev && f->seen[i].ino == st.st_ino)
			return 0;
	if (f->n == FOLDERS_MAX)
		return log_error(EX_DATAERR, "%s: has more than %d alternates", f->list[0], FOLDERS_MAX);
	f->list = xreallocarray(f->list, f->n + 1, sizeof(*f->list));
	f->seen = xreallocarray(f->seen, f->n + 1, sizeof(*f->seen));
	f->list[f->n] = xstrdup(folder);
	f->seen[f->n].dev = st.st_dev;
	f->seen[f->n++].ino = st.st_ino;
	rc = check_files(folder);
	if (rc)
		return rc;
	path = xasprintf("%sinfo/alternates", folder);
	rc = add_alternates(f, folder, path, depth);
	free(path);
	return rc;
}

int folders_find(struct folders *f, const char *objects)
{
	return add(f, objects, 0);
}

static const char *const variables[] = {"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"};

enum { VARIABLES = sizeof(variables) / sizeof(*variables) };

bool folders_are_elsewhere(void)
{
	return getenv(variables[0]) || getenv(variables[1]);
}

void folders_forget_environment(void)
{
	for (size_t i = 0; i < VARIABLES; i++)
		unsetenv(variables[i]);
}

int folders_of_environment(struct folders *f)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < VARIABLES; i++) {
		const char *list = getenv(variables[i]);
		char *folders = xstrdup(list ? list : ""), *rest = folders, *folder;

		while (!rc && (folder = strsep(&rest, ":"))) {
			char *path = xasprintf("%s/", folder);

			if (*folder)
				rc = add(f, path, 0);
			free(path);
		}
		free(folders);
	}
	return rc;
}

void folders_release(struct folders *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->list[i]);
	free(f->list);
	free(f->seen);
	*f = (struct folders){0};
}
