/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/count.c cmd/athena-src-git/script.c pkg: libgit2 */
/*
 * count_lines() against libgit2's diff of the same texts. An input is either two texts with a
 * byte 0xff between them (first byte below 0x40), or a list of steps of two bytes that write the texts:
 * lines of both, of the old or of the new one, frequent or not, up to hundreds of them.
 */
#include <git2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "count.h"

enum { TEXT_MAX = 1 << 18 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int add_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
	int64_t *counts = payload;

	(void)delta;
	counts[0] += hunk->new_lines;
	counts[1] += hunk->old_lines;
	return 0;
}

/* A step: 2 bits where the line goes, 3 bits what it is like, 3 bits how often; a byte that picks it. */
static void write_step(struct buf *old, struct buf *new, uint8_t step, uint8_t pick)
{
	static const unsigned times[8] = {1, 2, 3, 7, 20, 60, 101, 260};
	static unsigned unique;
	char line[40];

	for (unsigned i = 0; i < times[step >> 5]; i++) {
		switch (step >> 2 & 7) {
		case 0:
		case 1:
			snprintf(line, sizeof(line), "unique %u\n", unique++);
			break;
		case 2:
			snprintf(line, sizeof(line), "%u\n", (pick + i) & 3U);
			break;
		case 3:
			snprintf(line, sizeof(line), "line %u\n", (pick + i) & 255U);
			break;
		case 4:
			snprintf(line, sizeof(line), "%u%s", pick & 31U, i & 1 ? "\n" : "\r\n");
			break;
		case 5:
			snprintf(line, sizeof(line), "%s", pick & 1 ? "\n" : "}\n");
			break;
		case 6:
			snprintf(line, sizeof(line), "some longer line, number %u\n", pick & 15U);
			break;
		default:
			snprintf(line, sizeof(line), "line %u\n", (pick * 7U + i * i) & 127U);
		}
		if ((step & 3) != 1)
			buf_adds(old, line);
		if ((step & 3) != 2)
			buf_adds(new, line);
	}
}

static void write_texts(struct buf *old, struct buf *new, const uint8_t *data, size_t size)
{
	const uint8_t *middle;

	if (*data < 0x40) {
		middle = memchr(data, 0xff, size);
		if (!middle)
			middle = data + size - 1;
		buf_add(old, data + 1, middle > data ? (size_t)(middle - data) - 1 : 0);
		buf_add(new, middle + 1, (size_t)(data + size - middle) - 1);
		return;
	}
	for (size_t i = 1; i + 1 < size && !old->over && !new->over; i += 2)
		write_step(old, new, data[i], data[i + 1]);
	if (*data & 1 && old->len)
		old->len--;
	if (*data & 2 && new->len)
		new->len--;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counter counter;
	static bool started;
	struct buf old, new;
	git_diff_options options;
	int64_t counts[2], expected[2] = {0, 0};

	if (!size)
		return 0;
	if (!started)
		started = git_libgit2_init() > 0;
	buf_init(&old, TEXT_MAX);
	buf_init(&new, TEXT_MAX);
	write_texts(&old, &new, data, size);
	git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
	options.flags = GIT_DIFF_FORCE_TEXT;
	options.context_lines = 0;
	buf_cstr(&old);
	buf_cstr(&new);
	if (git_diff_buffers(old.data, old.len, NULL, new.data, new.len, NULL, &options, NULL, NULL, add_hunk,
			     NULL, expected))
		abort();
	count_lines(&counter, old.data, old.len, new.data, new.len, &counts[0], &counts[1]);
	if (counts[0] != expected[0] || counts[1] != expected[1]) {
		fprintf(stderr, "counted +%ld -%ld, git counts +%ld -%ld\n", (long)counts[0], (long)counts[1],
			(long)expected[0], (long)expected[1]);
		abort();
	}
	counter_release(&counter);
	buf_release(&old);
	buf_release(&new);
	return 0;
}
