/* SPDX-License-Identifier: ISC
 *
 * What comes out of lines is what went in: the first two bytes choose the maximum and how
 * the rest arrives (in drops through a pipe, or large, from a file).
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGE = 2500000 };

struct input {
	const char *data;
	size_t n;
	size_t sent; /* through the pipe */
	size_t seen; /* come out */
	int out;     /* the pipe's other end, -1 when closed */
	size_t step; /* bytes a time */
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Something came out: it must be the next line of the input. */
static void expect(struct input *input, const struct lines *in, enum lines_result what, const char *line,
		   size_t len)
{
	const char *at = input->data + input->seen, *nl = memchr(at, '\n', input->n - input->seen);
	size_t n = nl ? (size_t)(nl - at) : input->n - input->seen;

	check(what == (n > in->max ? LINES_LONG : nl ? LINES_LINE : LINES_TORN));
	check(len == (n > in->max ? (in->max < LINES_LONG_SHOWN ? in->max : LINES_LONG_SHOWN) : n));
	check(len <= n && !memcmp(at, line, len));
	input->seen += n + !!nl;
}

static void send(struct input *input)
{
	size_t left = input->n - input->sent, n = left < input->step ? left : input->step;

	if (input->out < 0)
		return;
	check(!file_write_all(input->out, input->data + input->sent, n));
	input->sent += n;
	if (input->sent == input->n) {
		close(input->out);
		input->out = -1;
	}
}

static void read_all(struct input *input, int fd, size_t max)
{
	int64_t number = 0;
	struct lines in;

	lines_init(&in, fd, "input", max);
	for (;;) {
		bool ready = lines_ready(&in);
		const char *line;
		size_t len;
		enum lines_result what = lines_next(&in, 0, &line, &len);

		check(!ready || what == LINES_LINE || what == LINES_LONG);
		check(what != LINES_ERROR && in.cap <= max + (1 << 20));
		if (what == LINES_END)
			break;
		if (what == LINES_IDLE) {
			send(input);
			continue;
		}
		expect(input, &in, what, line, len);
		check(in.number == ++number);
	}
	check(input->seen == input->n && in.bytes == (int64_t)input->n);
	lines_release(&in);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf large = {0};
	struct input input = {.out = -1};
	size_t newlines = 0;
	int fd[2];

	if (size < 3 || size > 60000)
		return 0;
	input.data = (const char *)data + 2;
	input.n = size - 2;
	if (data[1] < 250) {
		check(!pipe(fd));
		input.out = fd[1];
		input.step = (size_t)data[1] + 1;
		read_all(&input, fd[0], (size_t)data[0] / 4);
		return 0;
	}
	for (size_t i = 0; i < input.n; i++)
		newlines += input.data[i] == '\n';
	if (newlines * 64 > input.n)
		return 0; /* so many lines take too long */
	while (large.len < LARGE)
		buf_add(&large, input.data, input.n);
	input.data = large.data;
	input.n = large.len;
	fd[0] = memfd_create("input", MFD_CLOEXEC);
	check(fd[0] >= 0 && !file_write_all(fd[0], large.data, large.len) && !lseek(fd[0], 0, SEEK_SET));
	read_all(&input, fd[0], (size_t)data[0] << 13);
	buf_release(&large);
	return 0;
}
