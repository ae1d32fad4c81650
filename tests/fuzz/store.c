/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-store/%.c pkg: sqlite3 */
/*
 * Any bytes as the input of the store, its options in the first one. The database is sound, an event is there once, and
 * the same input once more changes nothing. A run that ends well has rejected nothing.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>

#include "feed.h"
#include "log.h"
#include "place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MOST = 4096, OF_STRICT = 1, OF_NO_CURSOR = 2 };

static int take_in(const char *data, size_t size, unsigned options, struct counts *counts)
{
	struct store s = {.db = {.path = "d.db", .busy_us = STAMP_SECOND},
			  .strict = options & OF_STRICT,
			  .no_cursor = options & OF_NO_CURSOR};
	int in = memfd_create("stdin", MFD_CLOEXEC), wake[2];
	int rc;

	check(in >= 0 && !pipe(wake) && write(in, data, size) == (ssize_t)size && !lseek(in, 0, SEEK_SET));
	check(!store_open(&s));
	rc = store_end(&s, feed(&s, in, LINE_MOST, wake));
	*counts = s.kept;
	close(in);
	close(wake[0]);
	close(wake[1]);
	return rc;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n;

	check(!sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) && sqlite3_step(stmt) == SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	check(!sqlite3_finalize(stmt));
	return n;
}

/* All that is stored of events, in one text; the caller's. */
static char *stored(int64_t *events)
{
	static const char all[] =
		"SELECT json_group_array(json_array(source_id, id, revision, kind, timestamp, content, "
		"context, metadata, extra)) FROM (SELECT * FROM events ORDER BY source_id, id)";
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db;
	char *text;

	check(!sqlite3_open("d.db", &db));
	*events = number(db, "SELECT count(*) FROM events");
	check(*events == number(db, "SELECT count(*) FROM (SELECT DISTINCT source_id, id FROM events)"));
	check(number(db, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'") == 0);
	check(!sqlite3_prepare_v2(db, all, -1, &stmt, NULL) && sqlite3_step(stmt) == SQLITE_ROW);
	text = xasprintf("%s %lld", (const char *)sqlite3_column_text(stmt, 0),
			 (long long)number(db, "SELECT count(*) FROM event_history"));
	check(!sqlite3_finalize(stmt) && !sqlite3_close(db));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counts first = {0}, second = {0};
	int64_t events, again;
	int kept, rc;

	if (!size)
		return 0;
	kept = hush(-1);
	place_enter();
	rc = take_in((const char *)data + 1, size - 1, *data, &first);
	check(rc == 0 || rc == EX_DATAERR || rc == EX_CONFIG);
	check(rc || !first.rejected);
	if (first.lines) {
		char *once = stored(&events), *twice;

		check(first.inserted == events &&
		      first.events == first.inserted + first.updated + first.known);
		take_in((const char *)data + 1, size - 1, *data, &second);
		twice = stored(&again);
		check(events == again && !strcmp(once, twice) && !second.inserted && !second.updated);
		free(once);
		free(twice);
	}
	place_leave();
	hush(kept);
	return 0;
}
