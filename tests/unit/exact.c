/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c */
/*
 * What is known without being told is exact: no line of the table of formats is one of two of them, and each of them
 * has a line there.
 */
#include <dirent.h>
#include <stdlib.h>

#include "builtin.h"
#include "file.h"
#include "logformat.h"
#include "tap.h"
#include "xalloc.h"

static const char folder[] = "tests/fixtures/apilog";

enum { MAX = 64 };

static struct logformat *formats[MAX];
static struct work work;
static int lines_of[MAX];

/* How many take the line; the last of them is counted. */
static int takers(const char *line, size_t n)
{
	static struct record r;
	const char *why;
	int found = 0;
	size_t last = 0;

	for (size_t i = 0; i < builtin_n; i++) {
		work_line(&work, &r, n);
		if (!logformat_line(formats[i], &work, line, n, &why))
			continue;
		if (found++)
			printf("# both %s and %s: %.*s\n", builtin[last].name, builtin[i].name, (int)n, line);
		last = i;
		lines_of[i]++;
	}
	buf_release(&r.extra);
	return found;
}

static void check(const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct buf log = {0};
	bool exact = !file_read(path, &log);

	for (const char *s = log.data, *nl; s && (nl = memchr(s, '\n', (size_t)(log.data + log.len - s)));
	     s = nl + 1)
		exact &= takers(s, (size_t)(nl - s)) <= 1;
	ok(exact, "%s", name);
	buf_release(&log);
	free(path);
}

int main(void)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);

	setenv("TZ", "UTC", 1);
	ok(n > 20 && builtin_n <= MAX, "%s is there", folder);
	work_init(&work, NULL, 0);
	work.outer = 0; /* of what names no time itself */
	for (size_t i = 0; i < builtin_n; i++)
		ok(!logformat_new(&formats[i], builtin[i].format, true), "%s", builtin[i].name);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(entries[i]->d_name, '.');

		if (dot && !strcmp(dot, ".log"))
			check(entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	for (size_t i = 0; i < builtin_n; i++) {
		ok(lines_of[i] > 0, "%s has a line", builtin[i].name);
		logformat_free(formats[i]);
	}
	work_release(&work);
	return tap_done();
}
