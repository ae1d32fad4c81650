/* SPDX-License-Identifier: ISC */
#include "process.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mask.h"
#include "stamp.h"
#include "words.h"
#include "xalloc.h"

enum { SHOWN = 512, STARTED = 22 }; /* bytes of a command line; the member of /proc/PID/stat, from 1 */

/* A file of /proc has no size: it is read to its end, or to n - 1 bytes. How many there were. */
static size_t read_proc(pid_t pid, const char *name, char *out, size_t n)
{
	char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	FILE *f = fopen(path, "re");
	size_t got = f ? fread(out, 1, n - 1, f) : 0;

	out[got] = '\0';
	if (f)
		fclose(f);
	free(path);
	return got;
}

/* Of a word that is cut nobody can tell whether a secret is in it. */
static size_t whole_words(const char *text, size_t n)
{
	while (n && text[n - 1])
		n--;
	return n;
}

static void add_command(struct buf *out, pid_t pid)
{
	char text[SHOWN];
	size_t n = read_proc(pid, "cmdline", text, sizeof(text));
	bool cut = n == sizeof(text) - 1;
	struct words words = {0};
	struct buf line = {0};

	if (cut)
		n = whole_words(text, n);
	for (size_t at = 0; at < n; at += strlen(text + at) + 1)
		words_add(&words, xstrdup(text + at));
	words_show(&line, &words);
	/* what was said of it is a list of lines */
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\n')
			line.data[i] = ' ';
	if (line.len) {
		buf_adds(out, " (");
		mask_add(out, buf_cstr(&line));
		buf_adds(out, cut ? " ...)" : ")");
	}
	buf_release(&line);
	words_release(&words);
}

/* "1234 (name) S 1 ...": the name may hold anything, also a parenthesis. Its time is in ticks since the machine's start. */
static void add_begun(struct buf *out, pid_t pid)
{
	char text[1024], stamp[STAMP_SIZE], *at;
	int64_t per_second = sysconf(_SC_CLK_TCK), us;

	read_proc(pid, "stat", text, sizeof(text));
	at = strrchr(text, ')');
	for (int member = 2; at && member < STARTED; member++)
		at = strchr(at + 1, ' ');
	if (!at || per_second <= 0)
		return;
	us = stamp_now() - stamp_onward() + strtoll(at, NULL, 10) * (STAMP_SECOND / per_second);
	if (us < 0 || us > STAMP_MAX)
		return;
	stamp_format(us - us % STAMP_SECOND, stamp);
	buf_addf(out, ", begun %s", stamp);
}

void process_add(struct buf *out, pid_t pid)
{
	buf_addf(out, "process %d", (int)pid);
	add_command(out, pid);
	add_begun(out, pid);
}
