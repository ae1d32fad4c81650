/* SPDX-License-Identifier: ISC */
#include "httpcache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "sha256.h"
#include "xalloc.h"

/*
 * An entry is these lines, then the body: what wrote it, the key, what the body is (status, size, sum), and three
 * headers.
 */
static const char magic[] = "athena-http 2";

enum { STALE = 3600 }; /* seconds after which a file that was being written is a leftover */

static char *path_of(const struct httpcache *c, const char *key)
{
	char hash[SHA256_HEX];

	sha256_hex(key, strlen(key), hash);
	return xasprintf("%s/%s", c->dir, hash);
}

int httpcache_open(struct httpcache *c, const char *dir)
{
	*c = (struct httpcache){0};
	if (!*dir || file_make_folder(dir))
		return log_error(EX_CANTCREAT, "%s: this cannot be the folder of a cache: %s", dir,
				 *dir ? strerror(errno) : "no name");
	c->dir = xstrdup(dir);
	return 0;
}

/* The line at *at, which moves behind it; NULL where there is no whole one. */
static char *take_line(const struct buf *b, size_t *at)
{
	const char *p, *end;

	if (*at >= b->len)
		return NULL;
	p = b->data + *at;
	end = memchr(p, '\n', b->len - *at);
	if (!end)
		return NULL;
	*at += (size_t)(end - p) + 1;
	return xstrndup(p, (size_t)(end - p));
}

static char *or_none(char *s)
{
	if (s && !*s) {
		free(s);
		s = NULL;
	}
	return s;
}

/* FNV-1a: against damage, not against malice. */
static uint64_t sum(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3U;
	return h;
}

/* "200 1234 0123456789abcdef": the status, and is the rest right for these bytes? */
static bool read_sum(const char *line, const char *p, size_t n, int *status)
{
	char want[64], *end;
	long v = line ? strtol(line, &end, 10) : 0;

	if (v < 100 || v > 999)
		return false;
	*status = (int)v;
	snprintf(want, sizeof(want), " %zu %016" PRIx64, n, sum(p, n));
	return !strcmp(end, want);
}

bool httpcache_parse(const struct buf *file, const char *key, struct httpcache_entry *e)
{
	size_t at = 0;
	char *first = take_line(file, &at), *second = take_line(file, &at), *third = take_line(file, &at);
	bool sound;

	e->etag = or_none(take_line(file, &at));
	e->modified = or_none(take_line(file, &at));
	e->link = take_line(file, &at);
	sound = first && second && e->link && !strcmp(first, magic) && !strcmp(second, key) &&
		read_sum(third, file->data + at, file->len - at, &e->status);
	e->link = or_none(e->link);
	free(first);
	free(second);
	free(third);
	if (sound)
		buf_add(&e->body, file->data + at, file->len - at);
	else
		httpcache_entry_release(e);
	return sound;
}

bool httpcache_get(struct httpcache *c, const char *key, struct httpcache_entry *e)
{
	struct buf file;
	char *path;
	bool found;

	*e = (struct httpcache_entry){0};
	if (!c->dir)
		return false;
	path = path_of(c, key);
	buf_init(&file, HTTPCACHE_ENTRY_MAX + 65536);
	found = !file_read(path, &file) && httpcache_parse(&file, key, e);
	free(path);
	buf_release(&file);
	return found;
}

static bool one_line(const char *s)
{
	return !s || !strpbrk(s, "\r\n");
}

/* What it may hold. */
struct kept {
	struct timespec used;
	off_t size;
	char name[SHA256_HEX];
};

static int oldest_first(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	return (x->used.tv_nsec > y->used.tv_nsec) - (x->used.tv_nsec < y->used.tv_nsec);
}

/* Entries, and what a killed process left of one: nothing else that lies in the folder is ours. */
static bool is_entry(const char *name)
{
	return strlen(name) == SHA256_HEX - 1 && strspn(name, "0123456789abcdef") == SHA256_HEX - 1;
}

static bool is_leftover(const char *name, const struct stat *st)
{
	return strspn(name, "0123456789abcdef") == SHA256_HEX - 1 &&
	       !strncmp(name + SHA256_HEX - 1, ".tmp", 4) && time(NULL) - st->st_mtime > STALE;
}

static void trim(struct httpcache *c)
{
	DIR *d = opendir(c->dir);
	struct kept *all = NULL;
	size_t n = 0, cap = 0;
	int64_t total = 0;
	struct dirent *entry;
	struct stat st;

	while (d && (entry = readdir(d))) {
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		if (is_leftover(entry->d_name, &st))
			unlinkat(dirfd(d), entry->d_name, 0);
		if (!is_entry(entry->d_name))
			continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 256;
			all = xreallocarray(all, cap, sizeof(*all));
		}
		all[n].used = st.st_mtim;
		all[n].size = st.st_size;
		memcpy(all[n].name, entry->d_name, SHA256_HEX);
		total += st.st_size;
		n++;
	}
	c->fresh = 0;
	if (n)
		qsort(all, n, sizeof(*all), oldest_first);
	for (size_t i = 0; i < n && total > HTTPCACHE_MAX; i++) {
		unlinkat(dirfd(d), all[i].name, 0);
		total -= all[i].size;
	}
	free(all);
	if (d)
		closedir(d);
}

bool httpcache_print(struct buf *file, const char *key, const struct httpcache_entry *e)
{
	if (e->body.len > HTTPCACHE_ENTRY_MAX || !one_line(key) || !one_line(e->etag) ||
	    !one_line(e->modified) || !one_line(e->link))
		return false;
	buf_addf(file, "%s\n%s\n%d %zu %016" PRIx64 "\n%s\n%s\n%s\n", magic, key, e->status, e->body.len,
		 sum(e->body.data, e->body.len), e->etag ? e->etag : "", e->modified ? e->modified : "",
		 e->link ? e->link : "");
	buf_add(file, e->body.data, e->body.len);
	return true;
}

void httpcache_put(struct httpcache *c, const char *key, const struct httpcache_entry *e)
{
	struct buf file = {0};
	char *path;

	if (!c->dir || c->broken || !httpcache_print(&file, key, e))
		return;
	path = path_of(c, key);
	if (file_replace(path, file.data, file.len, 0600, false)) {
		log_warn("%s: the cache cannot be written: %s; going on without", c->dir, strerror(errno));
		c->broken = true;
	}
	c->fresh += (int64_t)file.len;
	if (c->fresh > HTTPCACHE_MAX / 8)
		trim(c);
	free(path);
	buf_release(&file);
}

void httpcache_touch(struct httpcache *c, const char *key)
{
	char *path;

	if (!c->dir)
		return;
	path = path_of(c, key);
	utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
	free(path);
}

void httpcache_entry_release(struct httpcache_entry *e)
{
	free(e->etag);
	free(e->modified);
	free(e->link);
	buf_release(&e->body);
	*e = (struct httpcache_entry){0};
}

void httpcache_close(struct httpcache *c)
{
	if (c->dir && c->fresh)
		trim(c);
	free(c->dir);
	*c = (struct httpcache){0};
}
