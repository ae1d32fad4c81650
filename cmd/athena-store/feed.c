/* SPDX-License-Identifier: ISC */
#include "feed.h"

#include <unistd.h>

#include "ahead.h"
#include "log.h"
#include "stamp.h"
#include "threads.h"

enum {
	BATCH_ROWS = 100000, /* a transaction is committed with so many lines, */
	BATCH_BYTES = 64 << 20,
	BATCH_MS = 1000,  /* or so long after its first line came */
	TUNE_ROWS = 8192, /* lines between two looks at the page cache */
	PAUSE_US = 3000,  /* after a full batch: whoever waits for the lock looks more often than this */
};

/* There is more to come, but others may want to write. */
static int commit_full(struct store *s)
{
	int rc = store_commit(s);

	if (!rc)
		usleep(PAUSE_US);
	return rc;
}

static int work_off(struct store *s, struct parsed *b)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < b->n; i++) {
		rc = store_line(s, &b->lines[i]);
		if (rc || !s->db.in_transaction)
			continue;
		if (s->batch_rows >= BATCH_ROWS || s->batch_bytes >= BATCH_BYTES)
			rc = commit_full(s);
		else if (s->batch_rows % TUNE_ROWS == 0)
			rc = db_tune(&s->db);
	}
	return rc ? rc : store_flush(s);
}

/* Works off a block, then what is there at once, and commits. */
static int burst(struct store *s, struct ahead *a, struct parsed *b)
{
	int64_t since_ms = b->since_ms;

	do {
		int rc = work_off(s, b);

		ahead_done(a);
		log_progress("events", (uint64_t)s->counts.events, 0);
		/* A checkpoint has committed: the next lines gather again. */
		if (rc || !s->db.in_transaction)
			return rc;
		if (stamp_steady() / 1000 - since_ms >= BATCH_MS)
			return commit_full(s);
		b = ahead_more(a);
	} while (b);
	return store_commit(s);
}

int feed(struct store *s, int fd, size_t max_line, const int wake[2])
{
	struct ahead a;
	struct parsed *b;
	int rc = 0;

	ahead_start(&a, fd, max_line, wake, threads_processors() > 1);
	while (!rc && (b = ahead_begin(&a, BATCH_MS)))
		rc = burst(s, &a, b);
	log_progress_end();
	ahead_release(&a);
	return rc;
}
