/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-store/%.c pkg: sqlite3 */
/*
 * Any bytes as the input of the store, its options in the first one. The database is sound, an event is there once, and
 * the same input once more changes nothing. A run that ends well has rejected nothing.
 *
 * Nearly all inputs find the database of the one before, emptied, and what SQLite made for it; the first of a process and those
 * that ask for it (ANEW) begin with nothing at all, which takes ten times as long.
 */
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>

#include "feed.h"
#include "kept.h"
#include "log.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MOST = 4096, OF_STRICT = 1, OF_NO_CURSOR = 2, ON_TWO_PROCESSORS = 4, ANEW = 0xf8 };

static bool two_processors;

/* With one the input is read without a thread. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(size, set);
	CPU_SET_S(0, size, set);
	if (two_processors)
		CPU_SET_S(1, size, set);
	return 0;
}

static int take_in(const char *data, size_t size, unsigned options, struct counts *counts)
{
	static struct store s; /* as kept.h wants it: always at the same place */
	int in = memfd_create("stdin", MFD_CLOEXEC), wake[2];
	int rc;

	s = (struct store){.db = {.path = "d.db", .busy_us = STAMP_SECOND},
			   .strict = options & OF_STRICT,
			   .no_cursor = options & OF_NO_CURSOR};
	check(in >= 0 && !pipe(wake) && write(in, data, size) == (ssize_t)size && !lseek(in, 0, SEEK_SET));
	two_processors = options & ON_TWO_PROCESSORS;
	check(!store_open(&s));
	rc = store_end(&s, feed(&s, in, LINE_MOST, wake));
	*counts = s.kept;
	close(in);
	close(wake[0]);
	close(wake[1]);
	return rc;
}

/* ---- what is stored ---- */

static const char *const questions[] = {
	"PRAGMA integrity_check",
	"SELECT count(*) FROM events",
	"SELECT count(*) FROM (SELECT DISTINCT source_id, id FROM events)",
	("SELECT json_array(json_group_array(json_array(source_id, id, revision, kind, timestamp, content, "
	 "context, metadata, extra)), (SELECT count(*) FROM event_history))"
	 " FROM (SELECT * FROM events ORDER BY source_id, id)"),
};

enum { SOUND, EVENTS, DISTINCT, ALL, QUESTIONS };

/* A connection that only looks, beside the store's. */
struct look {
	sqlite3 *db;
	sqlite3_stmt *ask[QUESTIONS];
};

static struct look look_open(void)
{
	struct look l;

	check(!sqlite3_open("d.db", &l.db));
	for (int i = 0; i < QUESTIONS; i++)
		check(!sqlite3_prepare_v2(l.db, questions[i], -1, &l.ask[i], NULL));
	return l;
}

static void look_close(struct look *l)
{
	for (int i = 0; i < QUESTIONS; i++)
		check(!sqlite3_finalize(l->ask[i]));
	check(!sqlite3_close(l->db));
}

/* The one answer, as text; the caller's. */
static char *answer(struct look *l, int question)
{
	sqlite3_stmt *stmt = l->ask[question];
	char *text;

	check(sqlite3_step(stmt) == SQLITE_ROW);
	text = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	check(sqlite3_step(stmt) == SQLITE_DONE && !sqlite3_reset(stmt));
	return text;
}

static bool answers(struct look *l, int question, const char *expected)
{
	char *text = answer(l, question);
	bool same = !strcmp(text, expected);

	free(text);
	return same;
}

/* So many events, each once: all of them in one text, the caller's. */
static char *stored(struct look *l, int64_t events)
{
	char count[24];

	snprintf(count, sizeof(count), "%lld", (long long)events);
	check(answers(l, EVENTS, count) && answers(l, DISTINCT, count));
	return answer(l, ALL);
}

/* ---- one input ---- */

static void store_and_look(const char *data, size_t size, unsigned options, struct look *kept_look)
{
	struct counts first = {0}, second = {0};
	int rc = take_in(data, size, options, &first);
	struct look l;
	char *once, *twice;

	check(rc == 0 || rc == EX_DATAERR || rc == EX_CONFIG);
	check(rc || !first.rejected);
	check(first.events == first.inserted + first.updated + first.known);
	if (!first.lines)
		return;
	l = kept_look ? *kept_look : look_open();
	once = stored(&l, first.inserted);
	take_in(data, size, options, &second);
	twice = stored(&l, first.inserted);
	check(answers(&l, SOUND, "ok") && !strcmp(once, twice) && !second.inserted && !second.updated);
	free(once);
	free(twice);
	if (!kept_look)
		look_close(&l);
}

/* ---- the kept database ---- */

static const char *const emptying[] = {
	"BEGIN",
	"DELETE FROM event_rows",
	"DELETE FROM event_history",
	"DELETE FROM sources",
	"DELETE FROM rejects",
	"DELETE FROM positions",
	"DELETE FROM cursors",
	"DELETE FROM runs",
	"DELETE FROM run_sources",
	"COMMIT",
};

enum { EMPTY = sizeof(emptying) / sizeof(*emptying) };

static struct {
	int folder;
	char *path;
	struct look look;
	sqlite3_stmt *empty[EMPTY];
} home = {.folder = -1};

static void home_leave(void)
{
	place = home.path;
	place_leave();
}

/* A folder with a database that has its tables, and the connections to it. */
static void home_make(void)
{
	struct counts none;

	place_enter();
	home.path = place;
	home.folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	kept_on = true;
	take_in("", 0, 0, &none);
	kept_on = false;
	home.look = look_open();
	for (size_t i = 0; i < EMPTY; i++)
		check(!sqlite3_prepare_v2(home.look.db, emptying[i], -1, &home.empty[i], NULL));
	atexit(home_leave);
}

static void empty(void)
{
	for (size_t i = 0; i < EMPTY; i++)
		check(sqlite3_step(home.empty[i]) == SQLITE_DONE && !sqlite3_reset(home.empty[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	int stderr_of_ours;

	if (!size)
		return 0;
	stderr_of_ours = hush(-1);
	if (!begun || (*data & ANEW) == ANEW) {
		place_enter();
		store_and_look((const char *)data + 1, size - 1, *data, NULL);
		place_leave();
	} else {
		if (home.folder < 0)
			home_make();
		check(!fchdir(home.folder));
		kept_on = true;
		store_and_look((const char *)data + 1, size - 1, *data, &home.look);
		kept_on = false;
		empty();
		check(!fchdir(place_home));
	}
	begun = true;
	hush(stderr_of_ours);
	return 0;
}
