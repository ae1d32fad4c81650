/* SPDX-License-Identifier: ISC */
#include "cursorfile.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "file.h"
#include "tap.h"
#include "xalloc.h"

static int stage(struct cursorfile *f, int n)
{
	json_t *selection = json_object(), *position = json_pack("{s:i}", "n", n);
	int rc = cursorfile_stage(f, selection, position);

	json_decref(selection);
	json_decref(position);
	return rc;
}

static void put(const char *name, const char *text)
{
	if (file_replace(name, text, strlen(text), 0600, false))
		printf("Bail out! %s\n", name);
}

static size_t count(const char *pattern)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += !fnmatch(pattern, entry->d_name, 0);
	if (dir)
		closedir(dir);
	return n;
}

static int claim(struct cursorfile *f, const char *name, const char *source_id)
{
	int rc = cursorfile_open(f, name);

	return rc ? rc : cursorfile_claim(f, source_id);
}

static void test_life(void)
{
	struct cursorfile f = {0}, second = {0};
	char head[SHA256_HEX];
	struct stat st;

	is_int(claim(&f, "F", "s"), 0, "an absent F is the start");
	is_int(f.at.position == NULL, 1, "without a position");
	is_int(claim(&second, "F", "s"), EX_TEMPFAIL, "a second run is told to come back");
	cursorfile_close(&second);
	is_int(access("F", F_OK), -1, "F is not made by looking");
	is_int(stage(&f, 1), 0, "a position is staged");
	is_int((int)count("F.*.1"), 1, "beside F");
	is_int(stat("F.lock", &st) || (st.st_mode & 0777) != 0600, 0, "the lock is private");
	memcpy(head, f.last.hash, SHA256_HEX);
	is_int(stage(&f, 1), 0, "the same position again");
	is_int((int)count("F.*.2"), 0, "is not staged");
	is_str(f.last.hash, head, "and keeps its hash");
	is_int(cursorfile_promote(&f), 0, "it is promoted");
	is_int(access("F", F_OK), 0, "F is there");
	is_int((int)count("F.*.1"), 0, "the staged file is not");
	cursorfile_close(&f);
	is_int(claim(&f, "F", "s"), 0, "the next run opens it");
	is_str(f.at.hash, head, "where the last one stopped");
	is_int(stage(&f, 1), 0, "nothing new");
	is_str(f.last.hash, head, "keeps the position");
	is_int((int)f.staged, 0, "and stages nothing");
	cursorfile_close(&f);
}

static void test_leftovers(void)
{
	struct cursorfile f = {0};

	is_int(claim(&f, "F", "s"), 0, "a run");
	is_int(f.unacknowledged, 0, "finds nothing left over");
	is_int(stage(&f, 2) || stage(&f, 3), 0, "and stages twice");
	cursorfile_close(&f);
	put("F.0123456789abcdef.tmp", "torn");
	put("F.backup", "mine");
	put("F.notes.1", "not a cursor");
	put("F.other.1",
	    "{\"athena_cursor\":1,\"source_id\":\"t\",\"selection\":{},\"cursor\":{},\"prev\":null}");
	put("F.own.1",
	    "{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":null}");
	is_int(claim(&f, "F", "s"), 0, "the next run");
	is_int(f.unacknowledged, 1, "says that they were not acknowledged");
	ok(f.left.position != NULL, "and what the newest of them was");
	is_int((int)count("F.*.[23]"), 0, "and removes them");
	is_int(access("F.own.1", F_OK), -1, "whatever the nonce");
	is_int(access("F.0123456789abcdef.tmp", F_OK), -1, "and what was being written");
	is_int(access("F.backup", F_OK) || access("F.notes.1", F_OK) || access("F.other.1", F_OK), 0,
	       "and nothing else");
	f.keep = 2;
	is_int(stage(&f, 4) || stage(&f, 5) || stage(&f, 6) || stage(&f, 7), 0,
	       "a reader that is far behind");
	is_int((int)count("F.????????????????.[0-9]"), 2, "finds only the last positions");
	cursorfile_close(&f);
}

static void test_refusals(void)
{
	struct cursorfile f = {0};
	struct buf before = {0};

	is_int(claim(&f, "F", "t"), EX_CONFIG, "F of another source");
	cursorfile_close(&f);
	put("G", "{\"athena_cursor\":9}");
	is_int(claim(&f, "G", "s"), EX_CONFIG, "F of a newer version");
	cursorfile_close(&f);
	put("G", "{\"athena_cursor\":1");
	is_int(claim(&f, "G", "s"), EX_CONFIG, "a damaged F");
	cursorfile_close(&f);
	is_int(file_read("G", &before), 0, "F is still there");
	is_bytes(before.data, before.len, "{\"athena_cursor\":1", 18, "and untouched");
	buf_release(&before);
	is_int(claim(&f, "no/such/F", "s"), EX_CANTCREAT, "F in no folder");
	cursorfile_close(&f);
	is_int(mkdir("D", 0700), 0, "a folder");
	is_int(claim(&f, "D", "s"), EX_CONFIG, "is no cursor file");
	cursorfile_close(&f);
	put("E", " \n");
	is_int(claim(&f, "E", "s"), 0, "an empty F is the start");
	is_int(f.at.position == NULL, 1, "without a position");
	cursorfile_close(&f);
}

static void test_links(void)
{
	struct cursorfile f = {0};
	char *real = realpath(".", NULL), *want = xasprintf("%s/sub/target", real);

	is_int(mkdir("sub", 0700) || symlink("sub/target", "L") || symlink("L", "M"), 0,
	       "F by way of two links");
	is_int(claim(&f, "M", "s"), 0, "is opened");
	is_str(f.path, want, "at its end, which need not exist");
	is_int(stage(&f, 1) || cursorfile_promote(&f), 0, "a position is promoted");
	is_int(access("sub/target", F_OK), 0, "there");
	cursorfile_close(&f);
	is_int(symlink("loop", "loop"), 0, "a link to itself");
	is_int(claim(&f, "loop", "s"), EX_CANTCREAT, "is refused");
	cursorfile_close(&f);
	free(want);
	free(real);
}

/* A million refs, and more: said as what it is, and nothing is left lying. */
static void test_too_large(void)
{
	struct cursorfile f = {0};
	json_t *selection = json_object(), *position = json_object();
	char *text = xmalloc(CURSORFILE_MAX + 1);

	memset(text, 'x', CURSORFILE_MAX);
	text[CURSORFILE_MAX] = '\0';
	json_object_set_new(position, "x", json_string(text));
	is_int(claim(&f, "L", "s"), 0, "a cursor");
	is_int(cursorfile_stage(&f, selection, position), EX_UNAVAILABLE,
	       "a position beyond the maximum is refused");
	is_int((int)count("L.*.*"), 0, "and nothing is left lying");
	is_int(stage(&f, 1), 0, "a smaller one is staged");
	cursorfile_close(&f);
	json_decref(selection);
	json_decref(position);
	free(text);
}

int main(void)
{
	char folder[TAP_FOLDER];

	tap_enter(folder);
	test_life();
	test_leftovers();
	test_refusals();
	test_links();
	test_too_large();
	tap_leave(folder);
	return tap_done();
}
