/* SPDX-License-Identifier: ISC */
#include "feed.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lines.h"
#include "log.h"

enum {
	GATHER = 4 << 20,    /* bytes of lines that may wait for their transaction */
	BATCH_ROWS = 100000, /* a transaction is committed with so many lines, */
	BATCH_BYTES = 64 << 20,
	BATCH_MS = 1000,  /* or so long after its first line came */
	LOOK = 256,       /* lines between two looks at the clock */
	TUNE_ROWS = 8192, /* lines between two looks at the page cache */
	PAUSE_US = 3000,  /* after a full batch: whoever waits for the lock looks more often than this */
};

struct feed {
	struct store *store;
	struct lines in;
	struct buf waiting; /* lines with their newlines, not yet in a transaction */
	int64_t first;      /* number of the first of them */
	int64_t since_ms;   /* when it came; of the lines in the open transaction too */
	bool ended;         /* nothing more will come */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Is "athena" in it? By its rarest letter: memmem() goes byte by byte. */
static bool names_athena(const char *line, size_t n)
{
	const char *p = line, *end = line + n;

	while ((p = memchr(p, 'h', (size_t)(end - p)))) {
		if (p - line >= 3 && end - p >= 5 && !memcmp(p - 3, "\"athena\"", 8))
			return true;
		p++;
	}
	return false;
}

/* May wait for more; a checkpoint may not (nor what merely looks like one). */
static bool gather(struct feed *f, const char *line, size_t n)
{
	if (f->waiting.len + n + 1 > GATHER || names_athena(line, n))
		return false;
	if (!f->waiting.len) {
		f->first = f->in.number;
		f->since_ms = now_ms();
	}
	buf_add(&f->waiting, line, n);
	buf_addc(&f->waiting, '\n');
	return true;
}

static int work_off(struct feed *f)
{
	const char *p = f->waiting.data;
	size_t left = f->waiting.len;
	int64_t number = f->first;
	int rc = 0;

	while (!rc && left) {
		size_t n = (size_t)((const char *)memchr(p, '\n', left) - p);

		rc = store_line(f->store, number++, p, n);
		p += n + 1;
		left -= n + 1;
	}
	if (!rc)
		rc = store_flush(f->store);
	buf_reset(&f->waiting);
	return rc;
}

/* What lines_next() brought. */
static int take(struct feed *f, enum lines_result what, const char *line, size_t n)
{
	struct store *s = f->store;

	switch (what) {
	case LINES_LINE:
		return store_line(s, f->in.number, line, n);
	case LINES_LONG:
		return store_long_line(s, f->in.number, line, n);
	case LINES_TORN:
		s->counts.lines = f->in.number;
		store_note(s, log_error(EX_DATAERR,
					"stdin:%s: the input ends within a line; that line is not stored",
					log_count((uint64_t)f->in.number)));
		return 0;
	case LINES_ERROR:
		store_note(s, log_error(EX_IOERR, "stdin: %s", strerror(errno)));
		f->ended = true;
		return 0;
	case LINES_END:
		f->ended = true;
		return 0;
	case LINES_IDLE:
		return 0;
	}
	return 0;
}

static bool is_full(const struct feed *f)
{
	const struct store *s = f->store;

	if (s->batch_rows >= BATCH_ROWS || s->batch_bytes >= BATCH_BYTES)
		return true;
	return s->batch_rows % LOOK == 0 && now_ms() - f->since_ms >= BATCH_MS;
}

/* Works off what waits, then what comes at once, and commits. */
static int burst(struct feed *f, enum lines_result what, const char *line, size_t n)
{
	struct store *s = f->store;
	int rc = 0;

	if (!f->waiting.len)
		f->since_ms = now_ms();
	rc = work_off(f);
	while (!rc && what != LINES_IDLE && !f->ended) {
		rc = take(f, what, line, n);
		log_progress("events", (uint64_t)s->counts.events, 0);
		/* A checkpoint has committed: the next lines gather again. */
		if (rc || !s->db.in_transaction)
			break;
		if (s->batch_rows % TUNE_ROWS == 0 && (rc = db_tune(&s->db)))
			break;
		if (is_full(f)) {
			rc = store_commit(s);
			if (!rc)
				usleep(PAUSE_US);
			break;
		}
		if (!lines_ready(&f->in)) {
			if (*s->db.stop)
				break;
			rc = store_flush(s);
			if (rc)
				break;
		}
		what = lines_next(&f->in, 0, &line, &n);
	}
	return rc ? rc : store_commit(s);
}

/*
 * How long the input may be waited for: to the second after the first
 * line, and never so long that a signal is missed.
 */
static int patience(const struct feed *f)
{
	int64_t left;

	if (!f->waiting.len)
		return BATCH_MS;
	left = f->since_ms + BATCH_MS - now_ms();
	return left < 0 ? 0 : (int)left;
}

int feed(struct store *s, int fd, size_t max_line)
{
	struct feed f = {.store = s};
	int rc = 0;

	lines_init(&f.in, fd, "stdin", max_line);
	buf_init(&f.waiting, GATHER);
	while (!rc && !f.ended) {
		const char *line = NULL;
		size_t n = 0;
		enum lines_result what = LINES_IDLE;

		if (!*s->db.stop || lines_ready(&f.in))
			what = lines_next(&f.in, patience(&f), &line, &n);
		else
			f.ended = true;
		if (what == LINES_LINE && gather(&f, line, n))
			continue;
		if (what == LINES_IDLE && !f.ended && (!f.waiting.len || patience(&f)))
			continue;
		rc = burst(&f, what, line, n);
	}
	log_progress_end();
	buf_release(&f.waiting);
	lines_release(&f.in);
	return rc;
}
