/* SPDX-License-Identifier: ISC */
#include "checkpoint.h"

#include <sys/stat.h>
#include <sysexits.h>

#include "cursorfile.h"
#include "file.h"
#include "tap.h"
#include "xalloc.h"

static char folder[TAP_FOLDER], *path;

/* A source that stages position n after what F holds, and the checkpoint it would write. */
static struct checkpoint staged(struct cursorfile *f, int n)
{
	json_t *selection = json_object(), *position = json_pack("{s:i}", "n", n);
	struct checkpoint cp = {.events = 1, .final = true};

	memcpy(cp.prev, f->last.hash, SHA256_HEX);
	if (cursorfile_stage(f, selection, position))
		printf("Bail out! cannot stage\n");
	memcpy(cp.next, f->last.hash, SHA256_HEX);
	cp.source_id = xstrdup("s");
	cp.cursor = xstrdup(f->canonical);
	cp.ack = xstrdup(f->path);
	cp.stage = xstrdup(f->stage);
	json_decref(selection);
	json_decref(position);
	return cp;
}

static void open_source(struct cursorfile *f)
{
	if (cursorfile_open(f, "F") || cursorfile_claim(f, "s"))
		printf("Bail out! cannot open F\n");
}

static enum checkpoint_promotion promote(const struct checkpoint *cp)
{
	struct streams all = {0};
	struct stream *s = streams_get(&all, "s", 1);
	const char *why = "";
	enum checkpoint_promotion verdict;

	stream_checkpoint(s, cp);
	verdict = checkpoint_promote(cp, s, &why);
	if (*why)
		printf("# %s\n", why);
	streams_release(&all);
	return verdict;
}

static void hash_of_file(char out[SHA256_HEX])
{
	struct buf bytes = {0};
	struct cursor c = {0};
	const char *why;

	*out = '\0';
	if (!file_read("F", &bytes) && cursor_parse(&c, bytes.data, bytes.len, NULL, &why) == CURSOR_OK)
		memcpy(out, c.hash, SHA256_HEX);
	cursor_release(&c);
	buf_release(&bytes);
}

static void put(const char *name, const char *text)
{
	if (file_replace(name, text, strlen(text), 0600, false))
		printf("Bail out! %s\n", name);
}

static void test_line(void)
{
	struct cursorfile f = {0};
	struct checkpoint cp, again;
	struct buf line = {0};
	const char *why = "";
	char *broken;

	open_source(&f);
	cp = staged(&f, 1);
	checkpoint_write(&line, &cp);
	is_int(checkpoint_parse(&again, line.data, line.len, &why), CHECKPOINT_OK,
	       "what is written is read: %s", why);
	is_str(again.next, cp.next, "next");
	is_str(again.prev, "", "a null prev");
	is_str(again.ack, path, "ack is F, absolute");
	is_str(again.stage, f.stage, "stage");
	is_int(again.events, 1, "events");
	is_int(again.final, 1, "final");
	checkpoint_release(&again);
	broken = strstr((char *)(uintptr_t)buf_cstr(&line), "\"n\":1");
	broken[4] = '2';
	is_int(checkpoint_parse(&again, line.data, line.len, &why), CHECKPOINT_BROKEN,
	       "another cursor under the same next");
	is_str(why, "its cursor does not hash to next", "is said");
	checkpoint_release(&again);
	is_int(checkpoint_parse(&again, "{\"athena\":\"hello\"}", 18, &why), CHECKPOINT_OTHER,
	       "other records are others");
	checkpoint_release(&again);
	is_int(checkpoint_parse(&again, "{\"athena\":\"checkpoint\"}", 23, &why), CHECKPOINT_BROKEN,
	       "an empty one is broken");
	checkpoint_release(&again);
	checkpoint_release(&cp);
	buf_release(&line);
	cursorfile_close(&f);
}

/* stdin must not choose what is renamed onto what. */
static void test_stage_names(void)
{
	static const char *const bad[] = {"../x.1", "a/b.1", "a.1.2", ".1",           "a.",
					  "a.x",    "a",     "",      "a.12345678901"};
	struct cursorfile f = {0};
	struct checkpoint cp;

	open_source(&f);
	cp = staged(&f, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct checkpoint again;
		struct buf line = {0};
		const char *why;

		free(cp.stage);
		cp.stage = xstrdup(bad[i]);
		checkpoint_write(&line, &cp);
		is_int(checkpoint_parse(&again, line.data, line.len, &why), CHECKPOINT_BROKEN,
		       "stage \"%s\" is refused", bad[i]);
		checkpoint_release(&again);
		buf_release(&line);
	}
	checkpoint_release(&cp);
	cursorfile_close(&f);
}

static void test_promotion(void)
{
	struct cursorfile f = {0};
	struct checkpoint one, two;
	char now[SHA256_HEX], *stage;
	struct stat st;

	open_source(&f);
	one = staged(&f, 1);
	two = staged(&f, 2);
	is_str(two.prev, one.next, "positions are chained");
	is_int(promote(&two), CHECKPOINT_NOTHING, "F is not a position of a stream that began elsewhere");
	hash_of_file(now);
	is_str(now, "", "and is not moved");
	is_int(promote(&one), CHECKPOINT_PROMOTED, "the first one is promoted onto an absent F");
	hash_of_file(now);
	is_str(now, one.next, "F holds it");
	is_int(stat("F", &st) || (st.st_mode & 0777) != 0600, 0, "with mode 0600");
	is_int(promote(&one), CHECKPOINT_NOTHING, "a staged file that is gone is no error");
	is_int(promote(&two), CHECKPOINT_PROMOTED, "the second one follows");
	hash_of_file(now);
	is_str(now, two.next, "F holds that");
	checkpoint_release(&one);
	one = staged(&f, 3);
	stage = xasprintf("F.%s", one.stage);
	put(stage, two.cursor);
	is_int(promote(&one), CHECKPOINT_REFUSED, "a staged file with another content is refused");
	put(stage, "{");
	is_int(promote(&one), CHECKPOINT_REFUSED, "one that is no cursor too");
	unlink(stage);
	is_int(symlink("F", stage), 0, "a link in its place");
	is_int(promote(&one), CHECKPOINT_REFUSED, "is refused");
	unlink(stage);
	put(stage, one.cursor);
	put("F", "garbage");
	is_int(promote(&one), CHECKPOINT_REFUSED, "a damaged F is left alone");
	put("F", "\n");
	is_int(promote(&one), CHECKPOINT_NOTHING, "an empty F is null, which is no position of this stream");
	unlink("F");
	free(one.ack);
	one.ack = NULL;
	is_int(promote(&one), CHECKPOINT_NOTHING, "without ack nothing is moved");
	free(stage);
	checkpoint_release(&one);
	checkpoint_release(&two);
	cursorfile_close(&f);
}

static void test_streams(void)
{
	struct streams all = {0};
	struct stream *a = streams_get(&all, "a", 1), *b = streams_get(&all, "bc", 2);
	struct checkpoint cp = {0};
	char hash[SHA256_HEX];
	int missing = 0;

	ok(a != b && streams_get(&all, "a", 1) == a && streams_get(&all, "bcd", 2) == b,
	   "streams are told apart");
	for (unsigned i = 0; i < 4000; i++) {
		struct stream *s;

		sha256_hex(&i, sizeof(i), hash);
		s = streams_get(&all, hash, SHA256_HEX - 1);
		s->total++;
	}
	for (unsigned i = 0; i < 4000; i++) {
		sha256_hex(&i, sizeof(i), hash);
		missing += streams_get(&all, hash, SHA256_HEX - 1)->total != 1;
	}
	ok(!missing && all.n == 4002, "thousands of streams are found again");
	for (unsigned i = 0; i < 1000; i++) {
		sha256_hex(&i, sizeof(i), cp.next);
		stream_checkpoint(a, &cp);
		memcpy(cp.prev, cp.next, SHA256_HEX);
	}
	for (unsigned i = 0; i < 1000; i++) {
		sha256_hex(&i, sizeof(i), hash);
		missing += !stream_has(a, hash);
	}
	is_int(missing, 0, "a thousand positions are remembered");
	is_int(stream_has(a, ""), 1, "prev is one of them");
	is_int(stream_has(b, hash), 0, "another stream has none");
	hash[0] = hash[0] == '0' ? '1' : '0';
	is_int(stream_has(a, hash), 0, "nor is a stranger one");
	streams_release(&all);
}

static void test_counting(void)
{
	struct stream s = {.source_id = xstrdup("s"), .events = 3};
	const struct checkpoint cp = {.source_id = s.source_id, .events = 5};
	int code = 0;

	is_int(stream_compare(&s, &cp, false), 2, "what is missing");
	ok(!s.held && !s.events && s.missing == 2, "is noted, and the count begins anew");
	s.events = 9;
	is_int(stream_compare(&s, &cp, true), 0, "more than announced is none");
	is_int(stream_compare(&s, &cp, true), 5, "all of it");
	ok(s.held, "strict holds the stream");
	ok(!stream_is_cut_short(&s), "without a checkpoint nobody can tell");
	s.any = true;
	ok(stream_is_cut_short(&s), "the last one was not final");
	s.final = true;
	ok(!stream_is_cut_short(&s), "it was");
	s.events = 1;
	ok(stream_is_cut_short(&s), "and more came after it");
	checkpoint_note(&code, EX_DATAERR);
	checkpoint_note(&code, EX_CONFIG);
	checkpoint_note(&code, EX_DATAERR);
	is_int(code, EX_CONFIG, "the larger");
	checkpoint_note(&code, EX_IOERR);
	checkpoint_note(&code, EX_CONFIG);
	is_int(code, EX_IOERR, "but I/O above all");
	checkpoint_note(&code, 0);
	is_int(code, EX_IOERR, "nothing is no code");
	free(s.source_id);
}

int main(void)
{
	char *real;

	tap_enter(folder);
	real = realpath(folder, NULL);
	path = xasprintf("%s/F", real);
	test_line();
	test_stage_names();
	test_promotion();
	test_streams();
	test_counting();
	tap_leave(folder);
	free(path);
	free(real);
	return tap_done();
}
