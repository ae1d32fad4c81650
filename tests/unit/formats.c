/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
/*
 * The table of formats: each line of tests/fixtures/apilog/NAME.log becomes the record in the same line of
 * NAME.want. NAME.args has the format, then NAME=PATH of --field, a line each. UPDATE=1 rewrites NAME.want;
 * the diff is read.
 */
#include "parse.h"

#include <dirent.h>

#include "file.h"
#include "jsonscan.h"
#include "record-text.h"
#include "tap.h"

static const char folder[] = "tests/fixtures/apilog";

enum { ARGS_MAX = 16 };

static struct buf read_fixture(const char *name, const char *suffix)
{
	char *path = xasprintf("%s/%s%s", folder, name, suffix);
	struct buf b = {0};

	file_read(path, &b);
	free(path);
	return b;
}

static void write_want(const char *name, const struct buf *got)
{
	char *path = xasprintf("%s/%s.want", folder, name);
	FILE *f = fopen(path, "w");

	ok(f && fwrite(got->data, 1, got->len, f) == got->len && !fclose(f), "%s written", path);
	free(path);
}

/* The lines of text, cut at their newlines; how many. */
static size_t split(struct buf *text, const char **lines, size_t max)
{
	char *p = text->len ? strtok(text->data, "\n") : NULL;
	size_t n = 0;

	for (; p && n < max; p = strtok(NULL, "\n"))
		lines[n++] = p;
	return n;
}

/* `text` is what is in NAME.args: the parser borrows the fields from it. */
static struct parser *parser_for(const char *name, struct buf *text)
{
	const char *args[ARGS_MAX] = {"auto"};
	struct parser *p = NULL;
	size_t n;

	buf_cstr(text);
	n = split(text, args, ARGS_MAX);
	ok(parser_new(&p, args[0], args + 1, n ? n - 1 : 0) == 0, "%s: a parser", name);
	return p;
}

static void check(const char *name)
{
	struct buf log = read_fixture(name, ".log"), want = read_fixture(name, ".want"), got = {0},
		   args = read_fixture(name, ".args");
	struct parser *p = parser_for(name, &args);
	struct parse_state state = {0};
	const char *w = want.data, *w_end = want.data + want.len;

	for (const char *s = log.data, *nl; (nl = memchr(s, '\n', (size_t)(log.data + log.len - s)));
	     s = nl + 1) {
		const char *text = record_text(p, &state, s, (size_t)(nl - s));
		const char *end = w < w_end ? memchr(w, '\n', (size_t)(w_end - w)) : NULL;
		struct jsonscan scan = {0};

		ok(jsonscan_line(&scan, text, strlen(text)) == JSONSCAN_OK, "%s: I-JSON", name);
		jsonscan_release(&scan);
		buf_adds(&got, text);
		buf_addc(&got, '\n');
		if (getenv("UPDATE"))
			continue;
		is_bytes(text, strlen(text), w, end ? (size_t)(end - w) : 0, "%s (%s)", name,
			 parser_format_name(p, &state));
		w = end ? end + 1 : w_end;
	}
	if (getenv("UPDATE"))
		write_want(name, &got);
	else
		ok(w == w_end, "%s: no more is expected", name);
	parser_free(p);
	buf_release(&log);
	buf_release(&want);
	buf_release(&got);
	buf_release(&args);
}

int main(void)
{
	struct dirent **entries;
	int zone = setenv("TZ", "UTC", 1); /* of times that name none */
	int n = scandir(folder, &entries, NULL, alphasort);

	ok(!zone && n > 20, "%s is there", folder);
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(entries[i]->d_name, '.');

		if (dot && !strcmp(dot, ".log")) {
			*dot = '\0';
			check(entries[i]->d_name);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return tap_done();
}
