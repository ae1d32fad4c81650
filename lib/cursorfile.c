/* SPDX-License-Identifier: ISC */
#include "cursorfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "text.h"
#include "xalloc.h"

/* The last component of a path, on the heap. */
static char *last_component(const char *path)
{
	char *copy = xstrdup(path), *name = xstrdup(basename(copy));

	free(copy);
	return name;
}

/* Follows links to the end, which need not exist yet; NULL with errno. */
static char *resolve(const char *path)
{
	char *at = xstrdup(path), *folder = NULL, *name = NULL, *real = NULL, *result = NULL;
	char target[PATH_MAX];
	ssize_t n;

	for (int hops = 0; hops < 40; hops++) {
		folder = file_folder(at);
		name = last_component(at);
		real = realpath(folder, NULL);
		free(folder);
		if (!real)
			break;
		free(at);
		at = xasprintf("%s/%s", strcmp(real, "/") ? real : "", name);
		n = readlink(at, target, sizeof(target) - 1);
		if (n < 0) {
			result = at;
			at = NULL;
			break;
		}
		target[n] = '\0';
		if (*target != '/') {
			free(at);
			at = xasprintf("%s/%s", real, target);
		} else {
			free(at);
			at = xstrdup(target);
		}
		free(real);
		free(name);
		real = name = NULL;
		errno = ELOOP;
	}
	free(real);
	free(name);
	free(at);
	return result;
}

/* A run that hangs can be found, and ended. */
static int say_held(const char *path)
{
	pid_t holder = file_lock_holder(path);

	return holder > 0 ? log_error(EX_TEMPFAIL,
				      "%s: another run, process %d, holds it; come back when that has ended",
				      path, (int)holder)
			  : log_error(EX_TEMPFAIL, "%s: another run holds it; come back when that has ended",
				      path);
}

char *cursorfile_folder(const char *path)
{
	char *real = resolve(path), *folder = real ? file_folder(real) : NULL;

	free(real);
	return folder;
}

static int take_lock(struct cursorfile *f)
{
	char *path = xasprintf("%s.lock", f->path);
	int rc = 0;

	f->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->lock_fd < 0)
		rc = log_error(errno == EACCES ? EX_NOPERM : EX_CANTCREAT, "%s: %s; nothing was read", path,
			       strerror(errno));
	else if (flock(f->lock_fd, LOCK_EX | LOCK_NB))
		rc = errno == EWOULDBLOCK ? say_held(path)
					  : log_error(EX_IOERR, "%s: %s", path, strerror(errno));
	free(path);
	return rc;
}

static int load(struct cursorfile *f)
{
	struct buf bytes, canonical = {0};
	const char *why = "";
	int rc = 0;

	buf_init(&bytes, CURSORFILE_MAX);
	if (file_read(f->path, &bytes)) {
		if (errno != ENOENT)
			rc = log_error(errno == EACCES ? EX_NOPERM : EX_CONFIG,
				       "%s: cannot read the cursor: %s", f->path,
				       errno == EINVAL ? "it is no regular file" : strerror(errno));
		goto out;
	}
	if (cursor_is_blank(bytes.data, bytes.len))
		goto out;
	switch (cursor_parse(&f->at, bytes.data, bytes.len, &canonical, &why)) {
	case CURSOR_OK:
		f->canonical = buf_detach(&canonical);
		break;
	case CURSOR_DAMAGED:
		rc = log_error(
			EX_CONFIG,
			"%s: damaged cursor (%s), left as it is; take it back with 'athena-store --cursor-of "
			"SOURCE_ID DB > %s.new && mv %s.new %s', or remove it to start over",
			f->path, why, f->path, f->path, f->path);
		break;
	case CURSOR_NEWER:
		rc = log_error(EX_CONFIG, "%s: %s; this program speaks cursor version %d", f->path, why,
			       CURSOR_VERSION);
		break;
	}
out:
	buf_release(&canonical);
	buf_release(&bytes);
	return rc;
}

static int find(struct cursorfile *f, const char *path)
{
	*f = (struct cursorfile){.lock_fd = -1, .keep = CURSORFILE_KEEP};
	f->path = resolve(path);
	if (!f->path)
		return log_error(EX_CANTCREAT, "%s: cannot keep a cursor there: %s", path, strerror(errno));
	if (!text_valid(f->path, strlen(f->path)))
		return log_error(EX_USAGE, "%s: the path of a cursor file must be UTF-8", f->path);
	return 0;
}

int cursorfile_open(struct cursorfile *f, const char *path)
{
	uint64_t nonce;
	int rc = find(f, path);

	if (!rc)
		rc = take_lock(f);
	if (!rc)
		rc = load(f);
	if (rc)
		return rc;
	if (getentropy(&nonce, sizeof(nonce)))
		return log_error(EX_OSERR, "no random numbers: %s", strerror(errno));
	snprintf(f->nonce, sizeof(f->nonce), "%016" PRIx64, nonce);
	snprintf(f->stage, sizeof(f->stage), "%s.0", f->nonce);
	f->last = f->at;
	f->last.source_id = NULL;
	json_incref(f->last.selection);
	json_incref(f->last.position);
	return 0;
}

/* Is "<nonce>.<n>" (a staged position) or "<nonce>.tmp" (one that was being written)? */
static bool is_leftover_name(const char *s, bool *temporary)
{
	size_t n = strspn(s, "0123456789abcdef");

	*temporary = n == 16 && !strcmp(s + n, ".tmp");
	if (*temporary)
		return true;
	n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
	return n && s[n] == '.' && s[n + 1] && !s[n + 1 + strspn(s + n + 1, "0123456789")];
}

void cursorfile_drop_left(struct cursorfile *f)
{
	if (f->left_path)
		unlink(f->left_path); /* gone is fine: a reader took it late */
	free(f->left_path);
	f->left_path = NULL;
}

/* Is it a position that an earlier run of this source staged? The newest of them becomes f->left. */
static bool take_left(struct cursorfile *f, const char *path, const struct stat *st, const char *source_id)
{
	struct buf bytes;
	struct cursor c = {0};
	const char *why;
	bool ours = false;

	buf_init(&bytes, CURSORFILE_MAX);
	if (!file_read(path, &bytes) && cursor_parse(&c, bytes.data, bytes.len, NULL, &why) == CURSOR_OK)
		ours = !strcmp(c.source_id, source_id);
	if (ours &&
	    (!f->left.position || st->st_mtim.tv_sec > f->left_at.tv_sec ||
	     (st->st_mtim.tv_sec == f->left_at.tv_sec && st->st_mtim.tv_nsec >= f->left_at.tv_nsec))) {
		cursor_release(&f->left);
		f->left = c;
		f->left_at = st->st_mtim;
		c = (struct cursor){0};
		if (f->keep_left) {
			cursorfile_drop_left(f);
			f->left_path = xstrdup(path);
		}
	}
	cursor_release(&c);
	buf_release(&bytes);
	return ours;
}

static void remove_leftovers(struct cursorfile *f, const char *source_id)
{
	const char *name = strrchr(f->path, '/') + 1;
	char *folder = file_folder(f->path);
	DIR *dir = opendir(folder);
	size_t len = strlen(name);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		bool temporary;
		char *path;

		if (strncmp(entry->d_name, name, len) || entry->d_name[len] != '.' ||
		    !is_leftover_name(entry->d_name + len + 1, &temporary))
			continue;
		path = xasprintf("%s/%s", folder, entry->d_name);
		if (lstat(path, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
			free(path);
			continue;
		}
		if (temporary) {
			unlink(path);
		} else if (take_left(f, path, &st, source_id)) {
			f->unacknowledged = true;
			if (!f->left_path || strcmp(f->left_path, path) != 0)
				unlink(path);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

static int check_source(const struct cursorfile *f, const char *source_id)
{
	if (!f->at.source_id || !strcmp(f->at.source_id, source_id))
		return 0;
	return log_error(
		EX_CONFIG,
		"%s: this cursor is of the source %s, not %s; a cursor file serves one source: name another, "
		"or move this one away to read all from the start",
		f->path, f->at.source_id, source_id);
}

/* Could a run stage a position beside F? */
static int check_folder(const struct cursorfile *f)
{
	char *folder = file_folder(f->path);
	int rc = 0;

	if (access(folder, W_OK | X_OK))
		rc = log_error(errno == EACCES ? EX_NOPERM : EX_CANTCREAT,
			       "%s: %s; let this user write there, or put the cursor elsewhere", folder,
			       strerror(errno));
	free(folder);
	return rc;
}

int cursorfile_look(struct cursorfile *f, const char *path, const char *source_id)
{
	int rc = find(f, path);

	if (!rc)
		rc = check_folder(f);
	if (!rc)
		rc = load(f);
	return rc ? rc : check_source(f, source_id);
}

int cursorfile_claim(struct cursorfile *f, const char *source_id)
{
	int rc = check_source(f, source_id);

	if (rc)
		return rc;
	f->last.source_id = xstrdup(source_id);
	remove_leftovers(f, source_id);
	return 0;
}

static char *stage_path(const struct cursorfile *f, unsigned n)
{
	return xasprintf("%s.%s.%u", f->path, f->nonce, n);
}

/* Temporary name, sync, rename: under its final name the staged file is whole or absent. */
static int write_stage(struct cursorfile *f, const char *bytes, size_t n, unsigned number)
{
	char *temporary = xasprintf("%s.%s.tmp", f->path, f->nonce), *path = stage_path(f, number);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), rc = 0;

	if (fd < 0 || file_write_all(fd, bytes, n) || file_write_all(fd, "\n", 1) || fsync(fd))
		rc = errno;
	if (fd >= 0 && close(fd) && !rc)
		rc = errno;
	if (!rc && rename(temporary, path))
		rc = errno;
	if (rc) {
		if (fd >= 0)
			unlink(temporary);
		rc = log_error(fd < 0 ? EX_CANTCREAT : EX_IOERR,
			       "%s: cannot stage the next position: %s; cursor not moved", temporary,
			       strerror(rc));
	}
	free(temporary);
	free(path);
	return rc;
}

static void remove_stage(const struct cursorfile *f, unsigned n)
{
	char *path = stage_path(f, n);

	unlink(path); /* gone is fine: the reader took it */
	free(path);
}

static int too_large(const struct cursorfile *f)
{
	return log_error(EX_UNAVAILABLE,
			 "%s: the position would be over %d MiB; ask for less with one cursor, as fewer "
			 "branches or channels; cursor not moved",
			 f->path, CURSORFILE_MAX >> 20);
}

int cursorfile_stage(struct cursorfile *f, json_t *selection, json_t *position)
{
	struct cursor next = {.source_id = f->last.source_id, .selection = selection, .position = position};
	struct buf canonical;
	const char *why = "";
	int rc;

	if (f->last.position && json_equal(f->last.selection, selection) &&
	    json_equal(f->last.position, position))
		return 0;
	buf_init(&canonical, CURSORFILE_MAX);
	memcpy(next.prev, f->last.hash, SHA256_HEX);
	if (!cursor_seal(&next, &canonical, &why)) {
		rc = canonical.over
			     ? too_large(f)
			     : log_error(EX_SOFTWARE,
					 "%s: a position that a cursor cannot hold: %s; cursor not moved",
					 f->path, why);
		goto out;
	}
	rc = write_stage(f, canonical.data, canonical.len, f->staged + 1);
	if (rc)
		goto out;
	f->staged++;
	cursorfile_drop_left(f);
	if (f->staged > f->keep)
		remove_stage(f, f->staged - f->keep);
	snprintf(f->stage, sizeof(f->stage), "%s.%u", f->nonce, f->staged);
	json_decref(f->last.selection);
	json_decref(f->last.position);
	f->last.selection = json_deep_copy(selection);
	f->last.position = json_deep_copy(position);
	memcpy(f->last.prev, next.prev, SHA256_HEX);
	memcpy(f->last.hash, next.hash, SHA256_HEX);
	free(f->canonical);
	f->canonical = buf_detach(&canonical);
out:
	buf_release(&canonical);
	return rc;
}

int cursorfile_promote(struct cursorfile *f)
{
	char *path;
	int rc = 0;

	if (f->promoted == f->staged)
		return 0;
	path = stage_path(f, f->staged);
	if (rename(path, f->path) || file_sync_folder(f->path))
		rc = log_error(EX_IOERR,
			       "%s: cannot move the cursor: %s; the next run brings these events again",
			       f->path, strerror(errno));
	else
		f->promoted = f->staged;
	free(path);
	return rc;
}

void cursorfile_close(struct cursorfile *f)
{
	if (f->lock_fd >= 0 && f->path)
		close(f->lock_fd);
	cursor_release(&f->at);
	cursor_release(&f->last);
	cursor_release(&f->left);
	free(f->left_path);
	free(f->canonical);
	free(f->path);
	*f = (struct cursorfile){.lock_fd = -1};
}
