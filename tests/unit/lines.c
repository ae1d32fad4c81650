/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "file.h"
#include "tap.h"

enum { MIB = 1 << 20, MAX = 4 * MIB };

static const char *const names[] = {"LINE", "LONG", "IDLE", "TORN", "END", "ERROR"};

/* A pipe's reading end; the other one in *out. */
static int open_pipe(int *out)
{
	int fd[2];

	if (pipe(fd))
		exit(1);
	*out = fd[1];
	return fd[0];
}

/* A descriptor from which these bytes can be read. */
static int file_of(const void *p, size_t n)
{
	FILE *f = tmpfile();
	int fd = f ? dup(fileno(f)) : -1;

	if (fd < 0 || file_write_all(fd, p, n) || lseek(fd, 0, SEEK_SET))
		exit(1);
	fclose(f);
	return fd;
}

static void expect(struct lines *in, enum lines_result want, const char *text, size_t n, const char *what)
{
	const char *line = NULL;
	size_t len = 0;
	enum lines_result got = lines_next(in, -1, &line, &len);

	is_str(names[got], names[want], "%s", what);
	if (text)
		is_bytes(line, len, text, n, "... and its bytes");
}

static void test_small(void)
{
	static const char text[] = "one\n\ntwo\0x\r\nend";
	int fd = file_of(text, sizeof(text) - 1);
	struct lines in;

	lines_init(&in, fd, "small", MAX);
	ok(!lines_ready(&in), "nothing is ready before it was read");
	expect(&in, LINES_LINE, "one", 3, "a line");
	ok(lines_ready(&in), "the next one is ready");
	expect(&in, LINES_LINE, "", 0, "an empty line");
	is_int(in.number, 2, "lines are counted from 1");
	expect(&in, LINES_LINE, "two\0x\r", 6, "NUL and CR are bytes as others");
	ok(!lines_ready(&in), "a line without its newline is not ready");
	expect(&in, LINES_TORN, "end", 3, "the input ends within a line");
	is_int(in.number, 4, "it has a number");
	expect(&in, LINES_END, NULL, 0, "then it ends");
	expect(&in, LINES_END, NULL, 0, "and stays so");
	is_int(in.bytes, sizeof(text) - 1, "all bytes are counted");
	lines_release(&in);
	close(fd);
}

static void test_empty(void)
{
	struct lines in;
	int fd = file_of("", 0);

	lines_init(&in, fd, "empty", MAX);
	expect(&in, LINES_END, NULL, 0, "no bytes at all");
	is_int(in.number, 0, "... are no line");
	lines_release(&in);
	close(fd);
	lines_init(&in, -1, "closed", MAX);
	expect(&in, LINES_ERROR, NULL, 0, "no descriptor");
	is_int(errno, EBADF, "... says why");
	is_int(in.error, EBADF, "... and keeps it");
	lines_release(&in);
}

/* Lines of all lengths around a block, one behind the other: each is split somewhere else. */
static void test_blocks(void)
{
	static const size_t lengths[] = {MIB - 1, MIB, 10, MIB + 1, 3 * MIB + 7, 0, 256 << 10, MAX, 5};
	enum { N = sizeof(lengths) / sizeof(lengths[0]) };
	struct buf all = {0};
	struct lines in;
	int fd;

	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < lengths[i]; k++)
			buf_addc(&all, (char)('a' + (k + i) % 26));
		buf_addc(&all, '\n');
	}
	fd = file_of(all.data, all.len);
	lines_init(&in, fd, "blocks", MAX);
	for (size_t i = 0, at = 0; i < N; i++) {
		const char *line = NULL;
		size_t len = 0;

		is_str(names[lines_next(&in, -1, &line, &len)], "LINE", "a line of %zu bytes", lengths[i]);
		ok(len == lengths[i] && !memcmp(line, all.data + at, len), "... whole");
		at += lengths[i] + 1;
	}
	expect(&in, LINES_END, NULL, 0, "and no more");
	ok(in.cap <= MAX + MIB, "memory stays within the maximum and a block (%zu)", in.cap);
	lines_release(&in);
	close(fd);
	buf_release(&all);
}

static void test_maximum(void)
{
	static const char text[] = "0123456789\n0123456789A\nx\n0123456789ABCDEF\n0123456789AB";
	int fd = file_of(text, sizeof(text) - 1);
	struct lines in;

	lines_init(&in, fd, "maximum", 10);
	expect(&in, LINES_LINE, "0123456789", 10, "exactly the maximum");
	expect(&in, LINES_LONG, "0123456789", 10, "a byte more");
	is_int(in.number, 2, "it is a line, and counted once");
	expect(&in, LINES_LINE, "x", 1, "the next one is not harmed");
	expect(&in, LINES_LONG, "0123456789", 10, "some more");
	expect(&in, LINES_LONG, "0123456789", 10, "one that is never ended is too long rather than torn");
	expect(&in, LINES_END, NULL, 0, "the end");
	is_int(in.number, 5, "five lines");
	lines_release(&in);
	close(fd);
}

static void write_long(int fd)
{
	static char x[MIB];

	memset(x, 'x', sizeof(x));
	for (int i = 0; i < 20; i++)
		if (file_write_all(fd, x, sizeof(x)))
			_exit(1);
	_exit(file_write_all(fd, "\nafter\n", 7) != 0);
}

/* 20 MiB without a newline cost no more memory than the maximum and a block. */
static void test_long(void)
{
	const char *line = NULL;
	size_t len = 0, other = 0;
	struct lines in;
	int out, fd = open_pipe(&out);
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(fd);
		write_long(out);
	}
	close(out);
	lines_init(&in, fd, "long", 2 * MIB);
	is_str(names[lines_next(&in, -1, &line, &len)], "LONG", "20 MiB in a line");
	is_int((int64_t)len, LINES_LONG_SHOWN, "its first bytes are shown");
	for (size_t i = 0; i < len; i++)
		other += line[i] != 'x';
	is_int((int64_t)other, 0, "... the right ones");
	ok(in.bytes < 4 * MIB, "... before it was read to its end");
	expect(&in, LINES_LINE, "after", 5, "the line behind it");
	expect(&in, LINES_END, NULL, 0, "the end");
	ok(in.cap <= 3 * MIB, "memory stays within the maximum and a block (%zu)", in.cap);
	is_int(in.bytes, 20 * MIB + 7, "all bytes are counted");
	lines_release(&in);
	close(fd);
	waitpid(pid, NULL, 0);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static const char *next(struct lines *in, int timeout, const char **line, size_t *len)
{
	return names[lines_next(in, timeout, line, len)];
}

static void test_idle(void)
{
	const char *line = NULL;
	size_t len = 0;
	struct lines in;
	int out, fd = open_pipe(&out);
	int64_t before;

	lines_init(&in, fd, "idle", MAX);
	ok(fcntl(fd, F_GETPIPE_SZ) > 65536, "the pipe was made larger");
	is_str(next(&in, 0, &line, &len), "IDLE", "nothing there, no time to wait");
	before = now_ms();
	is_str(next(&in, 30, &line, &len), "IDLE", "nothing there in 30 ms");
	ok(now_ms() - before >= 29, "... which it did wait");
	if (file_write_all(out, "par", 3))
		exit(1);
	before = now_ms();
	is_str(next(&in, 30, &line, &len), "IDLE", "a part of a line is nothing whole");
	ok(now_ms() - before >= 29, "... and does not end the wait");
	if (file_write_all(out, "tial\nsec", 8))
		exit(1);
	is_str(next(&in, 10000, &line, &len), "LINE", "the rest of it");
	is_bytes(line, len, "partial", 7, "... is put together");
	is_str(next(&in, 0, &line, &len), "IDLE", "the beginning of the next one");
	close(out);
	is_str(next(&in, 10000, &line, &len), "TORN", "the writer is gone");
	is_bytes(line, len, "sec", 3, "... in the middle of it");
	is_str(next(&in, 10000, &line, &len), "END", "the end");
	lines_release(&in);
	close(fd);
}

/* A line over the maximum that comes in drops must not hold up the clock of the caller. */
static void test_idle_in_long(void)
{
	const char *line = NULL;
	size_t len = 0;
	struct lines in;
	int out, fd = open_pipe(&out);

	lines_init(&in, fd, "drops", 4);
	if (file_write_all(out, "123456", 6))
		exit(1);
	is_str(next(&in, 0, &line, &len), "LONG", "too long, and not ended yet");
	is_bytes(line, len, "1234", 4, "its first bytes");
	is_str(next(&in, 0, &line, &len), "IDLE", "nothing more");
	ok(!lines_ready(&in), "nothing is ready");
	if (file_write_all(out, "789", 3))
		exit(1);
	is_str(next(&in, 0, &line, &len), "IDLE", "more of it is nothing");
	if (file_write_all(out, "0\nab\n", 5))
		exit(1);
	is_str(next(&in, 1000, &line, &len), "LINE", "its end, and a line");
	is_bytes(line, len, "ab", 2, "... that one");
	close(out);
	is_str(next(&in, -1, &line, &len), "END", "the end");
	lines_release(&in);
	close(fd);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_signal(void)
{
	const struct itimerval soon = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
	const struct sigaction sa = {.sa_handler = on_alarm};
	const char *line = NULL;
	size_t len = 0;
	struct lines in;
	int out, fd = open_pipe(&out);

	sigaction(SIGALRM, &sa, NULL);
	lines_init(&in, fd, "signal", MAX);
	setitimer(ITIMER_REAL, &soon, NULL);
	is_str(next(&in, -1, &line, &len), "IDLE", "a signal ends an endless wait");
	is_str(next(&in, 60000, &line, &len), "IDLE", "... and a long one");
	setitimer(ITIMER_REAL, &never, NULL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	is_str(next(&in, 20, &line, &len), "IDLE", "a descriptor that does not block is waited for");
	setitimer(ITIMER_REAL, &soon, NULL);
	is_str(next(&in, -1, &line, &len), "IDLE", "... without an end, too");
	setitimer(ITIMER_REAL, &never, NULL);
	close(out);
	is_str(next(&in, -1, &line, &len), "END", "the end");
	lines_release(&in);
	close(fd);
}

/* Who is to wait no longer is told so by a descriptor: no signal can come too early for that. */
static void test_wake(void)
{
	int out, stir, fd = open_pipe(&out), wake = open_pipe(&stir);
	const char *line;
	struct lines in;
	size_t len;

	lines_init(&in, fd, "pipe", MAX);
	in.wake = wake;
	if (file_write_all(out, "one\ntwo\nthr", 11))
		exit(1);
	expect(&in, LINES_LINE, "one", 3, "a line, with a descriptor that may wake");
	ok(!in.woken, "it has not");
	if (file_write_all(stir, "", 1) || file_write_all(out, "ee\n", 3))
		exit(1);
	expect(&in, LINES_LINE, "two", 3, "what is in memory comes all the same");
	is_str(next(&in, -1, &line, &len), "IDLE", "but nothing more is read");
	ok(in.woken, "and it says why");
	is_str(next(&in, -1, &line, &len), "IDLE", "that stays so");
	lines_release(&in);
	close(fd);
	close(out);
	close(wake);
	close(stir);
}

int main(void)
{
	test_small();
	test_empty();
	test_blocks();
	test_maximum();
	test_long();
	test_idle();
	test_idle_in_long();
	test_signal();
	test_wake();
	return tap_done();
}
