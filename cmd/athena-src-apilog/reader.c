/* SPDX-License-Identifier: ISC */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

enum {
	BLOCK = 512 << 10, /* bytes read at once, where there are as many */
	SPACE = 2 << 20,   /* for blocks one behind the other: what is handed out meanwhile does not move */
	LEAST = 256 << 10, /* less room than this is not worth a read */
	HOLE = 64 << 10,   /* so many NULs are gone over without keeping them */
};

void reader_init(struct reader *r, size_t max_line)
{
	*r = (struct reader){.fd = -1, .max = max_line, .null = open("/dev/null", O_WRONLY | O_CLOEXEC)};
}

void reader_release(struct reader *r)
{
	free(r->data);
	if (r->null > 0)
		close(r->null);
	*r = (struct reader){.fd = -1};
}

/* Nothing is in memory, and the next byte read is that at `base`. */
static void forget(struct reader *r, int64_t base)
{
	r->base = base;
	r->start = r->scanned = r->end = 0;
	r->nul_at = r->long_at = -1;
	r->lines = 0;
	r->eof = r->changed = r->failed = false;
}

int reader_open(struct reader *r, int fd, const char *path)
{
	enum unpack_kind kind = unpack_kind(fd);

	r->path = path;
	r->why = "";
	r->fd = fd;
	r->packed = kind != UNPACK_PLAIN && kind != UNPACK_UNREADABLE;
	r->pipe = false;
	r->broken = kind == UNPACK_UNREADABLE;
	r->n_head = 0;
	forget(r, 0);
	if (r->broken)
		return log_error(EX_IOERR, "%s: %s; it was left out", path, strerror(errno));
	return r->packed ? unpack_open(&r->unpack, kind, fd, path, r->null) : 0;
}

void reader_open_pipe(struct reader *r, int fd, const char *path)
{
	r->path = path;
	r->why = "";
	r->fd = fd;
	r->packed = false;
	r->pipe = true;
	r->broken = false;
	r->n_head = 0;
	forget(r, 0);
}

void reader_close(struct reader *r)
{
	if (r->packed)
		unpack_close(&r->unpack);
	r->packed = false;
	r->fd = -1;
}

/* ---- reading ---- */

/* Makes room behind the bytes read; the window before the next line stays. */
static void make_room(struct reader *r)
{
	size_t gone = r->start > READER_WINDOW ? r->start - READER_WINDOW : 0;

	if (r->cap - r->end >= LEAST)
		return;
	if (gone) {
		memmove(r->data, r->data + gone, r->end - gone);
		r->base += (int64_t)gone;
		r->start -= gone;
		r->end -= gone;
	}
	if (r->cap - r->end < LEAST) {
		r->cap = r->cap ? r->end + BLOCK + READER_WINDOW : SPACE;
		r->data = xrealloc(r->data, r->cap);
	}
}

static ssize_t read_at(struct reader *r, void *p, size_t n, int64_t offset)
{
	ssize_t got = file_pread(r->fd, p, n, offset);

	if (got < 0) {
		r->broken = true;
		r->why = strerror(errno);
	}
	return got;
}

static bool same_bytes(struct reader *r, const char *p, size_t n, int64_t offset)
{
	char now[READER_WINDOW];

	return !n || (read_at(r, now, n, offset) == (ssize_t)n && !memcmp(now, p, n));
}

/* Is what was read before still what the file holds? Asked after a read, so that it vouches for that, too. */
static bool is_same_file(struct reader *r)
{
	size_t n = r->end < READER_WINDOW ? r->end : READER_WINDOW;

	return same_bytes(r, r->data + r->end - n, n, r->base + (int64_t)(r->end - n)) &&
	       same_bytes(r, r->head, r->n_head, 0);
}

static enum reader_result failed(struct reader *r, const char *why)
{
	r->why = why;
	r->failed = true;
	return READER_ERROR;
}

/* How much is read at once. */
static size_t room(const struct reader *r)
{
	return r->cap - r->end < BLOCK ? r->cap - r->end : BLOCK;
}

/* More bytes: READER_LINE; READER_END: there are none. */
static enum reader_result fill_plain(struct reader *r)
{
	ssize_t got = read_at(r, r->data + r->end, room(r), r->base + (int64_t)r->end);
	struct stat st;

	if (got < 0)
		return failed(r, strerror(errno));
	if (fstat(r->fd, &st)) {
		r->broken = true;
		return failed(r, strerror(errno));
	}
	if (!is_same_file(r) || st.st_size < r->base + (int64_t)r->end)
		r->changed = true;
	if (r->changed)
		return READER_CHANGED;
	r->end += (size_t)got;
	return got ? READER_LINE : READER_END;
}

static enum reader_result fill_pipe(struct reader *r)
{
	struct pollfd ready = {.fd = r->fd, .events = POLLIN};
	ssize_t got;

	if (poll(&ready, 1, 0) <= 0)
		return READER_WAIT;
	got = read(r->fd, r->data + r->end, room(r));
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? READER_WAIT : failed(r, strerror(errno));
	r->end += (size_t)got;
	r->eof = !got;
	return got ? READER_LINE : READER_END;
}

static enum reader_result fill_packed(struct reader *r)
{
	ssize_t got = r->eof ? 0 : unpack_read(&r->unpack, r->data + r->end, room(r));

	if (got < 0)
		return failed(r, r->unpack.why ? r->unpack.why : strerror(errno));
	r->end += (size_t)got;
	r->eof = !got;
	return got ? READER_LINE : READER_END;
}

static enum reader_result fill_on(struct reader *r)
{
	if (r->failed)
		return READER_ERROR;
	return r->packed ? fill_packed(r) : r->pipe ? fill_pipe(r) : fill_plain(r);
}

static enum reader_result fill(struct reader *r)
{
	make_room(r);
	return fill_on(r);
}

/* ---- positions ---- */

static size_t window_of(int64_t offset)
{
	return offset < READER_WINDOW ? (size_t)offset : READER_WINDOW;
}

static bool seek_plain(struct reader *r, int64_t offset)
{
	size_t n = window_of(offset);

	forget(r, offset - (int64_t)n);
	make_room(r);
	if (read_at(r, r->data, n, r->base) != (ssize_t)n)
		return false;
	r->start = r->end = n;
	return true;
}

/* Forward by reading, back from the beginning. */
static bool seek_packed(struct reader *r, int64_t offset)
{
	if (offset - (int64_t)window_of(offset) < r->base) {
		enum unpack_kind kind = r->unpack.kind;

		unpack_close(&r->unpack);
		forget(r, 0);
		if (unpack_open(&r->unpack, kind, r->fd, r->path, r->null))
			return false;
	}
	r->nul_at = r->long_at = -1;
	r->scanned = 0;
	r->lines = 0;
	while (r->base + (int64_t)r->end < offset) {
		r->start = r->end;
		if (fill(r) != READER_LINE)
			return false;
	}
	r->start = (size_t)(offset - r->base);
	return true;
}

static bool seek(struct reader *r, int64_t offset)
{
	return r->packed ? seek_packed(r, offset) : seek_plain(r, offset);
}

bool reader_rewind(struct reader *r)
{
	return seek(r, 0);
}

bool reader_match(struct reader *r, const struct mark *mark)
{
	size_t n = window_of(mark->offset);
	char hash[FILE_HASH];

	if (!seek(r, mark->offset))
		return false;
	request_hash(r->data + r->start - n, n, hash);
	r->lines = mark->lines;
	return !memcmp(hash, mark->hash, FILE_HASH);
}

int64_t reader_offset(const struct reader *r)
{
	if (r->long_at >= 0)
		return r->long_at;
	return r->nul_at >= 0 ? r->nul_at : r->base + (int64_t)r->start;
}

bool reader_mark_at(struct reader *r, int64_t offset, int64_t lines, struct mark *mark)
{
	char window[READER_WINDOW];
	const char *p = window;
	size_t n = window_of(offset);
	int64_t from = offset - (int64_t)n;

	*mark = (struct mark){.offset = offset, .lines = lines};
	if (from >= r->base && offset <= r->base + (int64_t)r->end)
		p = r->data + (from - r->base);
	else if (r->packed || r->pipe || r->changed || read_at(r, window, n, from) != (ssize_t)n)
		return false;
	request_hash(p, n, mark->hash);
	return true;
}

bool reader_mark(struct reader *r, struct mark *mark)
{
	return reader_mark_at(r, reader_offset(r), r->lines, mark);
}

size_t reader_unfinished(const struct reader *r, const char **p)
{
	*p = r->data + r->start;
	return r->end - r->start;
}

int64_t reader_place(const struct reader *r)
{
	return r->packed ? (int64_t)lseek(r->fd, 0, SEEK_CUR) : reader_offset(r);
}

/* ---- lines ---- */

/* The NULs before a line are gone over. */
static void skip_nuls(struct reader *r)
{
	size_t n = 0;

	while (r->start + n < r->end && !r->data[r->start + n])
		n++;
	if (!n)
		return;
	if (r->nul_at < 0)
		r->nul_at = r->base + (int64_t)r->start;
	r->scanned -= r->scanned < n ? r->scanned : n;
	r->start += n;
}

/* All that was read of a plain file is NULs: on to what is not. */
static bool leave_hole(struct reader *r)
{
	int64_t nul_at = r->nul_at, lines = r->lines, at = r->base + (int64_t)r->end;
	off_t data;

	if (r->packed || r->pipe || nul_at < 0 || r->start < r->end)
		return false;
	data = lseek(r->fd, at, SEEK_DATA); /* not of a compressed file, which is read from where it stands */
	if (data - at < HOLE || !seek_plain(r, data))
		return false;
	r->nul_at = nul_at;
	r->lines = lines;
	return true;
}

/* The newline of the next line; what was looked at is not looked at again. */
static char *find_newline(struct reader *r)
{
	char *from = r->data + r->start + r->scanned, *nl;
	size_t n = r->end - r->start - r->scanned;

	if (!n)
		return NULL;
	nl = memchr(from, '\n', n);
	r->scanned += nl ? (size_t)(nl - from) : n;
	return nl;
}

/*
 * Reads until there is a whole line, READER_LINE, or READER_LONG: so many bytes of one.
 * READER_END and the others: it is not there.
 */
static enum reader_result find_line(struct reader *r, size_t enough)
{
	for (;;) {
		enum reader_result got;

		skip_nuls(r);
		if (find_newline(r))
			return READER_LINE;
		if (r->scanned >= enough)
			return READER_LONG;
		if (leave_hole(r))
			continue;
		got = fill(r);
		if (got != READER_LINE)
			return got;
	}
}

/* Goes over the rest of a line that is too long, as far as it is there. */
static enum reader_result skip_long(struct reader *r)
{
	for (;;) {
		enum reader_result got;

		if (find_newline(r)) {
			r->long_at = -1;
			reader_took(r, r->data + r->start + r->scanned + 1, 1);
			return READER_LONG;
		}
		r->start = r->end;
		r->scanned = 0;
		got = fill(r);
		if (got != READER_LINE)
			return got;
	}
}

enum reader_result reader_run(struct reader *r, struct reader_run *run)
{
	enum reader_result got;

	if (r->long_at >= 0)
		return skip_long(r);
	got = find_line(r, r->max + 1);
	if (got == READER_LONG) {
		r->long_at = reader_offset(r);
		return skip_long(r);
	}
	if (got != READER_LINE)
		return got;
	run->p = r->data + r->start;
	run->end = (char *)memrchr(run->p, '\n', r->end - r->start) + 1;
	run->offset = r->base + (int64_t)r->start;
	return READER_LINE;
}

bool reader_more(struct reader *r, struct reader_run *run)
{
	size_t had = r->end;
	char *newline;

	if (r->cap - r->end < LEAST || fill_on(r) != READER_LINE)
		return false;
	newline = memrchr(r->data + had, '\n', r->end - had);
	if (newline)
		run->end = newline + 1;
	return newline != NULL;
}

void reader_took(struct reader *r, const char *to, int64_t lines)
{
	r->start = (size_t)(to - r->data);
	r->scanned = 0;
	r->nul_at = -1;
	r->lines += lines;
}

enum reader_result reader_next(struct reader *r, struct reader_line *line)
{
	struct reader_run run;
	enum reader_result got = reader_run(r, &run);

	if (got == READER_LINE) {
		got = reader_each(&run, r->max, line);
		reader_took(r, run.p, 1);
	}
	return got;
}

/* ---- the first line ---- */

static bool is_utf16(const char *b, size_t n)
{
	if (n >= 2 && (!memcmp(b, "\xff\xfe", 2) || !memcmp(b, "\xfe\xff", 2)))
		return true;
	return n >= 4 && ((b[0] && !b[1] && b[2] && !b[3]) || (!b[0] && b[1] && !b[2] && b[3]));
}

enum reader_first reader_first(struct reader *r, char hash[FILE_HASH])
{
	enum reader_result got;
	size_t n;

	r->n_head = 0;
	if (!r->pipe && !seek(r, 0))
		return READER_UNUSABLE;
	got = r->end ? READER_LINE : fill(r);
	if (got == READER_END || got == READER_WAIT)
		return READER_UNKNOWN;
	if (got != READER_LINE)
		return READER_UNUSABLE;
	if (is_utf16(r->data, r->end))
		return READER_UTF16;
	r->n_head = r->end < READER_HEAD ? r->end : READER_HEAD;
	memcpy(r->head, r->data, r->n_head);
	got = find_line(r, READER_FIRST_MAX);
	if (got == READER_END || got == READER_WAIT)
		return READER_UNKNOWN;
	if (got != READER_LINE && got != READER_LONG)
		return READER_UNUSABLE;
	n = r->scanned < READER_FIRST_MAX ? r->scanned : READER_FIRST_MAX;
	request_hash(r->data + r->start, n, hash);
	return READER_KNOWN;
}

void reader_wait(const struct reader *r, int timeout_ms)
{
	struct pollfd ready = {.fd = r->fd, .events = POLLIN};

	poll(&ready, 1, timeout_ms);
}
