/* SPDX-License-Identifier: ISC */
/* The cache: what comes back, what is none, and what it may hold. */
#include "httpcache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "tap.h"

static int count(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += *e->d_name != '.';
	if (d)
		closedir(d);
	return n;
}

static char *only_file(const char *dir)
{
	static char path[600];
	DIR *d = opendir(dir);
	struct dirent *e;

	while ((e = readdir(d)))
		if (*e->d_name != '.')
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
	closedir(d);
	return path;
}

static void round_trip(void)
{
	struct httpcache c;
	char etag[] = "W/\"x\"", link[] = "<a>; rel=next", broken[] = "a\r\nb";
	struct httpcache_entry e = {.status = 200, .etag = etag, .link = link}, got;
	struct stat st;
	int fd;

	is_int(httpcache_open(&c, "deep/er/cache"), 0, "makes its folder");
	ok(!httpcache_get(&c, "GET https://h/", &got), "nothing yet");
	buf_add(&e.body, "a\nb\0c\n", 6);
	httpcache_put(&c, "GET https://h/", &e);
	ok(httpcache_get(&c, "GET https://h/", &got), "there it is");
	is_int(got.status, 200, "status");
	is_str(got.etag, "W/\"x\"", "etag, byte for byte");
	is_str(got.modified, NULL, "no date");
	is_str(got.link, "<a>; rel=next", "link");
	is_bytes(got.body.data, got.body.len, "a\nb\0c\n", 6, "body");
	httpcache_entry_release(&got);
	ok(!httpcache_get(&c, "GET https://h/2", &got), "another key");
	ok(!stat(only_file("deep/er/cache"), &st) && (st.st_mode & 0777) == 0600, "for us alone");
	httpcache_put(&c, "GET https://h/\n", &e);
	e.etag = broken;
	httpcache_put(&c, "GET https://h/3", &e);
	is_int(count("deep/er/cache"), 1, "what would break its lines is not kept");
	ok(!stat(only_file("deep/er/cache"), &st), "its size");
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		is_int(truncate(only_file("deep/er/cache"), size), 0, "cut off at %d", (int)size);
		ok(!httpcache_get(&c, "GET https://h/", &got), "is none");
	}
	e.etag = etag;
	httpcache_put(&c, "GET https://h/", &e);
	fd = open(only_file("deep/er/cache"), O_WRONLY | O_APPEND);
	is_int(write(fd, "x", 1), 1, "grown");
	close(fd);
	ok(!httpcache_get(&c, "GET https://h/", &got), "is none either");
	buf_release(&e.body);
	httpcache_close(&c);
}

static void bounds(void)
{
	struct httpcache c;
	struct httpcache_entry e = {.status = 404};
	struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	char key[90];
	int before, fd;

	is_int(httpcache_open(&c, "big"), 0, "another folder");
	for (int i = 0; i < 12; i++) {
		snprintf(key, sizeof(key), "GET %d", i);
		httpcache_put(&c, key, &e);
	}
	before = count("big");
	/* as large as they claim to be, with no bytes behind */
	for (int i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "big/%064d", i);
		fd = open(key, O_WRONLY | O_CREAT, 0600);
		is_int(ftruncate(fd, HTTPCACHE_MAX / 3), 0, "a large one");
		close(fd);
	}
	fd = open("big/mine", O_WRONLY | O_CREAT, 0600);
	is_int(ftruncate(fd, HTTPCACHE_MAX), 0, "something else that lies there");
	close(fd);
	for (int i = 0; i < 2; i++) {
		snprintf(key, sizeof(key), "big/%064d.tmp1.%d", 7, i);
		fd = open(key, O_WRONLY | O_CREAT, 0600);
		is_int(i ? futimens(fd, old) : 0, 0, i ? "left by a killed process" : "being written");
		close(fd);
	}
	httpcache_touch(&c, "GET 0");
	httpcache_close(&c);
	ok(count("big") < before + 5, "the oldest went");
	ok(!access("big/mine", F_OK), "what is not ours stays");
	snprintf(key, sizeof(key), "big/%064d.tmp1.0", 7);
	ok(!access(key, F_OK), "what is being written too");
	snprintf(key, sizeof(key), "big/%064d.tmp1.1", 7);
	ok(access(key, F_OK) != 0, "a leftover goes");
}

/* A run that adds more than the folder may hold does not wait for its end. */
static void bounds_within_a_run(void)
{
	struct httpcache c;
	struct httpcache_entry e = {.status = 200};
	char key[80];
	int fd;

	is_int(httpcache_open(&c, "run"), 0, "a third folder");
	for (int i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "run/%064d", i);
		fd = open(key, O_WRONLY | O_CREAT, 0600);
		is_int(ftruncate(fd, HTTPCACHE_MAX / 2), 0, "a large one");
		close(fd);
	}
	c.fresh = HTTPCACHE_MAX / 8;
	httpcache_put(&c, "GET 1", &e);
	ok(count("run") < 4, "the oldest went at once");
	httpcache_close(&c);
}

int main(void)
{
	char folder[TAP_FOLDER];
	struct httpcache off = {0};
	struct httpcache_entry e;

	log_init("httpcache");
	log_set_level(LOG_QUIET);
	tap_enter(folder);
	round_trip();
	bounds();
	bounds_within_a_run();
	ok(!httpcache_get(&off, "k", &e), "no cache has nothing");
	httpcache_close(&off);
	tap_leave(folder);
	return tap_done();
}
