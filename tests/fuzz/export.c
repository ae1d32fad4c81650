/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/%.c pkg: libcurl libzip zlib */
/*
 * An export of anybody's, as a ZIP and as a folder: `== NAME` begins a file, what follows is in it; one called `cursor` is the
 * cursor file to begin with. Each line is one that the store takes; the folder gives the same lines as the ZIP; and where a
 * run ends well, the next one with its cursor brings nothing. What begins with PK is a ZIP as it stands.
 */
#include <stdint.h>
#include <zip.h>

#include "export.h"
#include "file.h"
#include "place.h"
#include "sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MOST = 32, NAME_MOST = 80 };

struct entry {
	char name[NAME_MOST];
	const char *p;
	size_t n;
};

/* ---- the export ---- */

static size_t split(struct entry *all, const char *p, const char *end)
{
	size_t n = 0;

	while (n < FILES_MOST && end - p > 3 && !memcmp(p, "== ", 3)) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop;
		struct entry *e = &all[n];
		size_t len = (size_t)((nl ? nl : end) - p) - 3;

		if (!nl)
			break;
		stop = memmem(nl, (size_t)(end - nl), "\n== ", 4);
		stop = stop ? stop : end;
		e->p = nl < stop ? nl + 1 : stop;
		e->n = (size_t)(stop - e->p);
		if (len && len < NAME_MOST && !memchr(p + 3, 0, len)) {
			memcpy(e->name, p + 3, len);
			e->name[len] = '\0';
			n++;
		}
		p = stop < end ? stop + 1 : end;
	}
	return n;
}

/* A file of this name can be made below a folder, and is found there by it. */
static bool is_plain(const char *name)
{
	size_t n = strlen(name);

	return *name != '/' && *name != '.' && name[n - 1] != '/' && !strstr(name, "//") &&
	       !strstr(name, "/.") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == n;
}

/* False where it cannot be: two of one name, a file that is a folder too. */
static bool make_folder(const struct entry *all, size_t n)
{
	check(!mkdir("folder", 0700));
	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("folder/%s", all[i].name);
		struct stat st;
		bool made = is_plain(all[i].name);

		for (char *s = strchr(path + 7, '/'); s && made; s = strchr(s + 1, '/')) {
			*s = '\0';
			made = !mkdir(path, 0700) || (!lstat(path, &st) && S_ISDIR(st.st_mode));
			*s = '/';
		}
		made = made && lstat(path, &st) && !file_replace(path, all[i].p, all[i].n, 0600, false);
		free(path);
		if (!made)
			return false;
	}
	return true;
}

static bool make_zip(const struct entry *all, size_t n)
{
	zip_t *zip = zip_open("zip", ZIP_CREATE, NULL);
	bool whole = zip != NULL;

	for (size_t i = 0; whole && i < n; i++) {
		zip_source_t *s = zip_source_buffer(zip, all[i].p, all[i].n, 0);
		zip_int64_t at = s ? zip_file_add(zip, all[i].name, s, ZIP_FL_ENC_GUESS) : -1;

		whole = at >= 0;
		if (whole)
			zip_set_file_compression(zip, (zip_uint64_t)at, i & 1 ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
						 1);
		else
			zip_source_free(s);
	}
	if (whole && !zip_close(zip))
		return access("zip", F_OK) == 0;
	if (zip)
		zip_discard(zip);
	return false;
}

/* ---- a run ---- */

/* Its exit code; what it wrote is in *out, all but the checkpoints, and *events is how many that are. */
static int run(const char *path, bool with_cursor, struct buf *out, int64_t *events)
{
	const struct export_options options = {.path = path, .reactions = true, .threads = true};
	struct source src = SOURCE_INIT("slack");
	int rc;

	sink_open();
	src.cursor_path = with_cursor ? "F" : NULL;
	src.commit = with_cursor ? SOURCE_COMMIT_EXIT : SOURCE_COMMIT_AUTO;
	rc = export_main(&src, &options);
	check(dup2(sink_fd, STDOUT_FILENO) >= 0); /* it was closed */
	sink_take(out);
	*events = src.metrics.events;
	return rc;
}

static void check_twice(const char *path)
{
	struct buf none = {0}, before, after;
	int64_t events;

	buf_init(&before, 0);
	buf_init(&after, 0);
	if (!run(path, true, &none, &events) && !file_read("F", &before)) {
		buf_reset(&none);
		check(!run(path, true, &none, &events) && !events);
		check(!file_read("F", &after) && after.len == before.len &&
		      !memcmp(before.data, after.data, before.len));
	}
	buf_release(&none);
	buf_release(&before);
	buf_release(&after);
}

static void check_export(const struct entry *all, size_t n)
{
	struct buf zip = {0}, folder = {0};
	int64_t events;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].name, "cursor"))
			check(!file_replace("F", all[i].p, all[i].n, 0600, false));
	if (!make_zip(all, n))
		return;
	if (!access("F", F_OK)) {
		run("zip", true, &zip, &events);
		buf_reset(&zip);
		unlink("F");
	}
	rc = run("zip", false, &zip, &events);
	if (make_folder(all, n)) {
		check(run("folder", false, &folder, &events) == rc);
		check(folder.len == zip.len && (!zip.len || !memcmp(folder.data, zip.data, zip.len)));
	}
	check_twice("zip");
	buf_release(&zip);
	buf_release(&folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct entry all[FILES_MOST];
	struct buf out = {0};
	int kept = hush(-1);
	int64_t events;

	place_enter();
	if (size > 2 && !memcmp(data, "PK", 2)) {
		check(!file_replace("zip", data, size, 0600, false));
		run("zip", false, &out, &events);
	} else {
		check_export(all, split(all, (const char *)data, (const char *)data + size));
	}
	place_leave();
	buf_release(&out);
	hush(kept);
	return 0;
}
