/* SPDX-License-Identifier: ISC */
#include "indexfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "db.h"
#include "file.h"
#include "sha256.h"
#include "xalloc.h"

/* Of an SQLite file, in bytes: its head, and where in it the application_id stands. */
enum { HEADER = 100, APPLICATION_AT = 68 };

/* ---- where it is ---- */

static bool is_network(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && db_is_network((unsigned long)fs.f_type);
}

/* Can the file be made, or written, with those that SQLite lays beside it? */
static bool can_be_used(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xstrndup(path, (size_t)(slash - path) + 1);
	bool usable = !access(folder, W_OK | X_OK) && !is_network(folder) &&
		      (!access(path, R_OK | W_OK) || (errno == ENOENT && access(path, F_OK)));

	free(folder);
	return usable;
}

/* In the cache folder the name is a hash of the database's path. */
static char *cache_path(const char *cache, const char *database)
{
	char hash[SHA256_HEX];

	if (!cache || *cache != '/')
		return NULL;
	file_make_folder(cache); /* where that fails the index cannot be used, which is seen below */
	sha256_hex(database, strlen(database), hash);
	return xasprintf("%s/%.32s.fts", cache, hash);
}

char *indexfile_choose(const char *database, const char *cache)
{
	char *real = realpath(database, NULL), *path;

	if (!real)
		return NULL;
	path = xasprintf("%s.fts", real);
	if (!can_be_used(path)) {
		free(path);
		path = cache_path(cache, real);
	}
	if (path && !can_be_used(path)) {
		free(path);
		path = NULL;
	}
	free(real);
	return path;
}

/* ---- what it is ---- */

enum indexfile indexfile_look(const char *path)
{
	unsigned char h[HEADER];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, h, sizeof(h));
	const unsigned char *id = h + APPLICATION_AT;
	unsigned application;

	if (fd >= 0)
		close(fd);
	if (!n)
		return INDEXFILE_NEW;
	if (n < HEADER || memcmp(h, "SQLite format 3", 16))
		return INDEXFILE_FOREIGN;
	application = (unsigned)id[0] << 24 | (unsigned)id[1] << 16 | (unsigned)id[2] << 8 | id[3];
	return application == INDEXFILE_APPLICATION ? INDEXFILE_OURS
	       : application                        ? INDEXFILE_FOREIGN
						    : INDEXFILE_NEW;
}

void indexfile_remove(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		char *name = xasprintf("%s%s", path, tails[i]);

		unlink(name);
		free(name);
	}
}
