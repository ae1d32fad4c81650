/* SPDX-License-Identifier: ISC */
#include "archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include "log.h"
#include "xalloc.h"

enum { SUM_CHUNK = 128 << 10 };

/* A name that stays below the archive: no "..", no "/" in front. */
static bool is_inside(const char *name)
{
	if (*name == '/')
		return false;
	while (*name) {
		size_t n = strcspn(name, "/");

		if (n == 0 || (n == 1 && *name == '.') || (n == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		name += n + (name[n] == '/');
	}
	return true;
}

static bool is_json(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && !strcmp(name + n - 5, ".json");
}

/* Adds a file that is JSON by its name; takes `name`, a heap string. */
static struct archive_file *add(struct archive *a, char *name)
{
	if (a->n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 256;
		a->files = xreallocarray(a->files, a->cap, sizeof(*a->files));
	}
	a->files[a->n] = (struct archive_file){.name = name};
	return &a->files[a->n++];
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct archive_file *)x)->name, ((const struct archive_file *)y)->name);
}

static int too_many(const struct archive *a)
{
	return log_error(EX_DATAERR, "%s: over %s files; that is more than any export has", a->path,
			 log_count(ARCHIVE_FILES_MAX));
}

/* ---- ZIP ---- */

static int zip_failed(const struct archive *a, int code)
{
	zip_error_t e;
	int rc;

	zip_error_init_with_code(&e, code);
	if (code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS || code == ZIP_ER_EOF)
		rc = log_error(EX_DATAERR,
			       "%s: no ZIP, or cut short (%s); download it again, or unpack it as far as it "
			       "goes and "
			       "give the folder",
			       a->path, zip_error_strerror(&e));
	else
		rc = log_error(EX_IOERR, "%s: %s", a->path, zip_error_strerror(&e));
	zip_error_fini(&e);
	return rc;
}

/* As some programs for Windows write it. */
static char *with_slashes(const char *name)
{
	char *s = xstrdup(name);

	for (char *p = s; (p = strchr(p, '\\'));)
		*p = '/';
	return s;
}

static int list_zip(struct archive *a)
{
	int code = 0;
	zip_int64_t n;

	a->zip = zip_open(a->path, ZIP_RDONLY, &code);
	if (!a->zip)
		return zip_failed(a, code);
	n = zip_get_num_entries(a->zip, 0);
	if (n > ARCHIVE_FILES_MAX)
		return too_many(a);
	for (zip_uint64_t i = 0; i < (zip_uint64_t)n; i++) {
		struct archive_file *file;
		zip_stat_t st;
		char *name;

		if (zip_stat_index(a->zip, i, 0, &st) || !(st.valid & ZIP_STAT_NAME) || !is_json(st.name))
			continue;
		name = with_slashes(st.name);
		if (!is_inside(name)) {
			a->outside++;
			free(name);
			continue;
		}
		file = add(a, name);
		file->index = i;
		file->size = st.valid & ZIP_STAT_SIZE ? st.size : 0;
		file->crc = st.crc;
		file->has_crc = st.valid & ZIP_STAT_CRC;
	}
	return 0;
}

/* ---- folder ---- */

static int list_folder(struct archive *a, int fd, const char *prefix, int depth);

static int list_one(struct archive *a, int fd, const char *prefix, const char *name, int depth)
{
	char *path = xasprintf("%s%s", prefix, name);
	struct stat st;
	int rc = 0;

	/* Links are not followed: an export has none, and they would lead out of it. */
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW)) {
		rc = log_error(EX_IOERR, "%s/%s: %s", a->path, path, strerror(errno));
	} else if (S_ISDIR(st.st_mode) && depth == ARCHIVE_DEPTH_MAX) {
		rc = log_error(EX_DATAERR, "%s: over %d folders deep; that is more than any export has",
			       a->path, ARCHIVE_DEPTH_MAX);
	} else if (S_ISDIR(st.st_mode)) {
		int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		char *below = xasprintf("%s/", path);

		rc = sub < 0 ? log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s/%s: %s", a->path, path,
					 strerror(errno))
			     : list_folder(a, sub, below, depth + 1);
		free(below);
	} else if (S_ISREG(st.st_mode) && is_json(name)) {
		if (a->n == ARCHIVE_FILES_MAX) {
			rc = too_many(a);
		} else {
			add(a, path)->size = (uint64_t)st.st_size;
			return 0;
		}
	}
	free(path);
	return rc;
}

/* Takes fd. */
static int list_folder(struct archive *a, int fd, const char *prefix, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;
	int rc = 0;

	if (!dir) {
		close(fd);
		return log_error(EX_IOERR, "%s/%s: %s", a->path, prefix, strerror(errno));
	}
	while (!rc && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			rc = list_one(a, dirfd(dir), prefix, d->d_name, depth);
	closedir(dir);
	return rc;
}

/* ---- both ---- */

/* The file being read cannot be read on. */
static int unreadable(const struct archive *a, int code, const char *why)
{
	if (a->quiet)
		return code;
	return log_error(code, a->zip ? "%s: %s: %s; %sleft out" : "%s/%s: %s; %sleft out", a->path,
			 a->now->name, why, a->entry || a->fd >= 0 ? "what follows in it is " : "");
}

int archive_open(struct archive *a, const char *path)
{
	struct stat st;
	int rc;

	*a = (struct archive){.path = xstrdup(path), .folder = -1, .fd = -1};
	if (stat(path, &st))
		return log_error(errno == ENOENT || errno == ENOTDIR ? EX_NOINPUT
				 : errno == EACCES                   ? EX_NOPERM
								     : EX_IOERR,
				 "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		a->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = a->folder < 0 ? log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %s", path,
					       strerror(errno))
				   : list_folder(a, fcntl(a->folder, F_DUPFD_CLOEXEC, 0), "", 0);
	} else if (S_ISREG(st.st_mode)) {
		rc = access(path, R_OK) ? log_error(EX_NOPERM, "%s: %s", path, strerror(errno)) : list_zip(a);
	} else {
		rc = log_error(EX_NOINPUT,
			       "%s: an export is a ZIP or a folder; a ZIP cannot be read from a pipe", path);
	}
	if (!rc && a->n)
		qsort(a->files, a->n, sizeof(*a->files), by_name);
	return rc;
}

void archive_close(struct archive *a)
{
	archive_read_end(a);
	for (size_t i = 0; i < a->n; i++)
		free(a->files[i].name);
	free(a->files);
	if (a->zip)
		zip_discard(a->zip);
	if (a->path && a->folder >= 0)
		close(a->folder);
	free(a->path);
	*a = (struct archive){.folder = -1, .fd = -1};
}

static const char *why_not_opened(struct zip *zip)
{
	switch (zip_error_code_zip(zip_get_error(zip))) {
	case ZIP_ER_COMPNOTSUPP:
		return "compressed in a way that is not known here: unpack it and give the folder";
	case ZIP_ER_NOPASSWD:
	case ZIP_ER_ENCRNOTSUPP:
		return "encrypted: unpack it with its password and give the folder";
	default:
		return zip_strerror(zip);
	}
}

int archive_read_start(struct archive *a, struct archive_file *file)
{
	a->now = file;
	a->got = 0;
	a->crc = 0;
	if (a->zip) {
		a->entry = zip_fopen_index(a->zip, file->index, 0);
		if (a->entry)
			return 0;
		return unreadable(a, EX_DATAERR, why_not_opened(a->zip));
	}
	a->fd = openat(a->folder, file->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (a->fd >= 0)
		return 0;
	return unreadable(a, errno == EACCES ? EX_NOPERM : EX_IOERR, strerror(errno));
}

static ssize_t read_folder(struct archive *a, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(a->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		unreadable(a, EX_IOERR, strerror(errno));
	} else if (got > 0) {
		a->crc = (uint32_t)crc32(a->crc, p, (uInt)got);
		a->got += (uint64_t)got;
	} else {
		a->now->crc = a->crc;
		a->now->size = a->got;
		a->now->has_crc = true;
	}
	return got;
}

ssize_t archive_read(struct archive *a, void *p, size_t n)
{
	zip_int64_t got;

	if (!a->zip)
		return read_folder(a, p, n);
	got = zip_fread(a->entry, p, n);
	if (got < 0)
		unreadable(a, EX_DATAERR, zip_file_strerror(a->entry));
	return got < 0 ? -1 : (ssize_t)got;
}

void archive_read_end(struct archive *a)
{
	if (a->entry)
		zip_fclose(a->entry);
	if (a->now && a->fd >= 0)
		close(a->fd);
	a->entry = NULL;
	a->now = NULL;
	a->fd = -1;
}

int archive_sum(struct archive *a, struct archive_file *file)
{
	ssize_t n = 0;
	char *chunk;
	int rc;

	if (file->has_crc)
		return 0;
	rc = archive_read_start(a, file);
	if (rc)
		return rc;
	chunk = xmalloc(SUM_CHUNK);
	while ((n = archive_read(a, chunk, SUM_CHUNK)) > 0)
		;
	archive_read_end(a);
	free(chunk);
	return n < 0 ? EX_IOERR : 0;
}
