/* SPDX-License-Identifier: ISC
 *
 * reader - the lines of one log file after another, out of one block of memory, with their offsets, and
 * proof that the file is still the one that was begun.
 *
 *	struct reader r;
 *	reader_init(&r, max_line);
 *	rc = reader_open(&r, fd, path);                 plain or compressed: told by the first bytes
 *	switch (reader_first(&r, hash)) ...             what the file is known by
 *	if (reader_match(&r, &mark)) ...                the bytes before mark.offset are those of then; stands there
 *	while (reader_next(&r, &line) == READER_LINE) ...
 *	reader_mark(&r, &mark);                         where it stands now
 *	reader_close(&r);
 *
 * or all lines that are in memory at once, which stay there until they are done with:
 *
 *	while (reader_run(&r, &run) == READER_LINE) {
 *		while (reader_each(&run, max_line, &line) != READER_END) ...
 *		reader_took(&r, run.p, n);
 *	}
 *
 * A line has no newline, and NUL bytes before it (what a crash of the writer leaves, or a file that was
 * emptied below a writer that does not append) are no part of it. A line without its newline is not given
 * out. After each read of a plain file the bytes before the new ones, and the head of the file, are compared
 * with what was read before: what was read is given out only where the file was not emptied meanwhile.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "request.h"
#include "unpack.h"

enum {
	READER_WINDOW = 4096,      /* bytes before a position that are remembered, as a hash */
	READER_FIRST_MAX = 1 << 20, /* bytes of a first line that count; so many are as good as a whole line */
	READER_HEAD = 256,         /* bytes of the start of a file that are compared after each read */
};

/* A position in a file, and how it is found again. */
struct mark {
	int64_t offset;       /* of the first byte not yet read */
	int64_t lines;        /* before it */
	char hash[FILE_HASH]; /* of the READER_WINDOW bytes before it, or as many as there are */
};

enum reader_result {
	READER_LINE,
	READER_LONG,    /* a line over the maximum went by */
	READER_END,     /* no more whole lines */
	READER_WAIT,    /* of a pipe: nothing to be read at the moment */
	READER_CHANGED, /* the file was emptied, or is another one: nothing that is not certain was given out */
	READER_ERROR,   /* reader.why */
};

enum reader_first {
	READER_KNOWN,    /* there is a first line */
	READER_UNKNOWN,  /* not yet */
	READER_UTF16,    /* this is no text that can be read */
	READER_UNUSABLE, /* it cannot be read, or changes: reader.why */
};

struct reader_line {
	const char *p;  /* borrowed until the next call; of READER_LONG nothing is said */
	size_t n;       /* without newline */
	int64_t offset; /* of its first byte */
};

/* Whole lines in memory, one behind the other. */
struct reader_run {
	const char *p, *end; /* behind the newline of the last one */
	int64_t offset;      /* of p in the file */
};

struct reader {
	const char *path;
	const char *why;
	/* private */
	int fd, null; /* /dev/null, opened before the program is confined */
	bool packed, pipe;
	struct unpack unpack;
	char *data;
	size_t cap, max;
	int64_t base;    /* offset of data[0] in the file, uncompressed */
	size_t start;    /* of the line that comes next, */
	size_t scanned;  /* of which so many bytes hold no newline, */
	size_t end;      /* of the bytes read */
	int64_t nul_at;  /* where that line begins with its NULs before it; -1: it has none */
	int64_t long_at; /* where a line began that is over the maximum and has not ended; -1: none */
	bool changed;    /* the file is not the one any more whose bytes are in memory */
	bool eof;        /* of what cannot grow */
	bool failed;     /* a read failed, with `why`: so will the next */
	bool broken;     /* one did since it was opened: what was not found may be there all the same */
	int64_t lines;   /* before `start` */
	char head[READER_HEAD];
	size_t n_head;
};

void reader_init(struct reader *r, size_t max_line);
void reader_release(struct reader *r);

/* fd and path are borrowed until reader_close(). 0, or a sysexits code that is logged. */
int reader_open(struct reader *r, int fd, const char *path);

/* The same of a pipe, which has neither positions nor an end that is known before. */
void reader_open_pipe(struct reader *r, int fd, const char *path);
void reader_close(struct reader *r);

enum reader_first reader_first(struct reader *r, char hash[FILE_HASH]);

/* Stands at mark->offset if the bytes before it are those of then. Of marks of a compressed file the lower first. */
bool reader_match(struct reader *r, const struct mark *mark);

/* Stands at the start. */
bool reader_rewind(struct reader *r);

enum reader_result reader_next(struct reader *r, struct reader_line *line);

/*
 * READER_LINE: the whole lines that are in memory, one at least; they stay as they are until the next call
 * but reader_more() and reader_took(). READER_LONG and the others as reader_next().
 */
enum reader_result reader_run(struct reader *r, struct reader_run *run);

/* Reads on behind a run where there is room: true where it became longer. What else there is to say the next reader_run() says. */
bool reader_more(struct reader *r, struct reader_run *run);

/* So many lines of the run, those before `to`, are done with: the reader stands behind them. */
void reader_took(struct reader *r, const char *to, int64_t lines);

/* The first line of a run, which is shortened by it: READER_LINE, READER_LONG, or READER_END where there is none. */
static inline enum reader_result reader_each(struct reader_run *run, size_t max, struct reader_line *line)
{
	const char *p = run->p, *newline;

	if (p == run->end)
		return READER_END;
	while (!*p)
		p++;
	newline = memchr(p, '\n', (size_t)(run->end - p));
	line->p = p;
	line->n = (size_t)(newline - p);
	line->offset = run->offset + (p - run->p);
	run->offset += newline + 1 - run->p;
	run->p = newline + 1;
	return line->n > max ? READER_LONG : READER_LINE;
}

/* Where the next line begins, and what stands before it. False where that cannot be read any more. */
bool reader_mark(struct reader *r, struct mark *mark);
int64_t reader_offset(const struct reader *r);

/* The same of an earlier place, as long as the file is as it was. */
bool reader_mark_at(struct reader *r, int64_t offset, int64_t lines, struct mark *mark);

/* What was read of a line that has no end; nothing of one that is over the maximum (long_at >= 0). */
size_t reader_unfinished(const struct reader *r, const char **p);

/* Bytes of the file, as it lies there, that were read: for the progress. */
int64_t reader_place(const struct reader *r);

/* Waits for a pipe, at most so long, or until a signal comes. */
void reader_wait(const struct reader *r, int timeout_ms);

#endif
