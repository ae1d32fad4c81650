/* SPDX-License-Identifier: ISC */
#include "optshow.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "version.h"
#include "xalloc.h"

enum { WIDTH = 79, COLUMN_MAX = 26 };

static int by_name(const void *a, const void *b)
{
	const struct opt *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static const struct opt **sorted(const struct opt *const *options, size_t n)
{
	const struct opt **all = xmemdup(options, n * sizeof(*all));

	qsort(all, n, sizeof(*all), by_name);
	return all;
}

/* Straight to the descriptor: what stdout does not take is known at once, and said. */
static int answer(struct buf *out)
{
	int rc = OPT_DONE;

	if (file_write_all(STDOUT_FILENO, out->data, out->len))
		rc = log_error(EX_IOERR, "stdout: %s", strerror(errno));
	buf_release(out);
	return rc;
}

/* The first `n` bytes, n <= room, that end at a space or at the end of s. A longer word is not split. */
static size_t fitting(const char *s, size_t room)
{
	size_t n = 0, word;

	for (;;) {
		word = n + strcspn(s + n + !!n, " ") + !!n;
		if (n && word > room)
			return n;
		n = word;
		if (!s[n])
			return n;
	}
}

/* Adds text in lines that begin at `column`, where the current one already is. */
static void add_wrapped(struct buf *out, const char *text, size_t column)
{
	while (*text) {
		size_t n = fitting(text, WIDTH - column);

		buf_add(out, text, n);
		buf_addc(out, '\n');
		text += n;
		text += strspn(text, " ");
		if (*text)
			buf_addf(out, "%*s", (int)column, "");
	}
}

/* Adds "  left      text", the text on a line of its own where the left part is too long. */
static void add_entry(struct buf *out, const char *left, const char *text, size_t column)
{
	size_t used = strlen(left) + 2;

	buf_addf(out, "  %s", left);
	if (used + 2 > column) {
		buf_addc(out, '\n');
		used = 0;
	}
	buf_addf(out, "%*s", (int)(column - used), "");
	add_wrapped(out, text, column);
}

static char *option_left(const struct opt *o)
{
	const char letter[] = {'-', o->letter, ',', ' ', '\0'};

	return xasprintf("%s--%s%s%s", o->letter ? letter : "    ", o->name, o->arg ? "=" : "",
			 o->arg ? o->arg : "");
}

static char *option_text(const struct opt *o)
{
	struct buf b = {0};

	buf_adds(&b, o->help);
	if (o->kind == OPT_LIST)
		buf_adds(&b, " (may be repeated)");
	if (o->fallback)
		buf_addf(&b, " (default: %s)", o->fallback);
	return buf_detach(&b);
}

static void widen(size_t *column, size_t left)
{
	if (left + 4 > *column && left + 4 <= COLUMN_MAX)
		*column = left + 4;
}

static void add_options(struct buf *out, const struct opt *const *options, size_t n)
{
	const struct opt **all = sorted(options, n);
	size_t column = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			char *left = option_left(all[i]), *text = option_text(all[i]);

			if (!pass)
				widen(&column, strlen(left));
			else
				add_entry(out, left, text, column);
			free(left);
			free(text);
		}
	}
	free(all);
}

static void add_environment(struct buf *out, const struct opt_env *env)
{
	size_t column = 0;

	buf_adds(out, "\nEnvironment:\n");
	for (const struct opt_env *e = env; e->name; e++)
		widen(&column, strlen(e->name));
	for (const struct opt_env *e = env; e->name; e++)
		add_entry(out, e->name, e->help, column ? column : COLUMN_MAX);
}

int optshow_help(const struct opt_program *program, const struct opt *const *options, size_t n)
{
	struct buf out = {0};

	buf_addf(&out, "Usage: %s %s\n%s.\n\nOptions:\n", program->name, program->synopsis, program->summary);
	add_options(&out, options, n);
	if (program->env && program->env->name)
		add_environment(&out, program->env);
	if (program->footer) {
		buf_addc(&out, '\n');
		add_wrapped(&out, program->footer, 0);
	}
	return answer(&out);
}

int optshow_version(const struct opt_program *program)
{
	struct buf out = {0};

	buf_addf(&out, "%s %s\n", program->name, ATHENA_VERSION);
	return answer(&out);
}

static const char *kind_name(enum opt_kind kind)
{
	static const char *const names[] = {
		[OPT_END] = "",        [OPT_FLAG] = "flag",   [OPT_STRING] = "string",
		[OPT_LIST] = "string", [OPT_COUNT] = "count", [OPT_SIZE] = "size",
		[OPT_SPAN] = "span",   [OPT_WHEN] = "when",   [OPT_CHOICE] = "choice",
	};

	return names[kind];
}

/* A reference that is the caller's; a table that is no UTF-8 is a broken invariant. */
static json_t *text(const char *s)
{
	json_t *value = json_string(s);

	if (!value)
		abort();
	return value;
}

static json_t *describe_option(const struct opt *o)
{
	json_t *option = json_object();

	json_object_set_new(option, "name", text(o->name));
	if (o->letter)
		json_object_set_new(option, "letter", json_stringn(&o->letter, 1));
	json_object_set_new(option, "kind", text(kind_name(o->kind)));
	if (o->arg)
		json_object_set_new(option, "arg", text(o->arg));
	json_object_set_new(option, "help", text(o->help));
	if (o->fallback)
		json_object_set_new(option, "default", text(o->fallback));
	if (o->kind == OPT_LIST)
		json_object_set_new(option, "repeatable", json_true());
	return option;
}

static json_t *describe_options(const struct opt *const *options, size_t n)
{
	const struct opt **all = sorted(options, n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, describe_option(all[i]));
	free(all);
	return list;
}

static json_t *describe_environment(const struct opt_env *env)
{
	json_t *list = json_array();

	for (; env && env->name; env++) {
		json_t *variable = json_object();

		json_object_set_new(variable, "name", text(env->name));
		json_object_set_new(variable, "help", text(env->help));
		json_array_append_new(list, variable);
	}
	return list;
}

int optshow_describe(const struct opt_program *program, const struct opt *const *options, size_t n)
{
	json_t *all = json_object();
	struct buf out = {0};
	char *json;

	json_object_set_new(all, "name", text(program->name));
	json_object_set_new(all, "type", text(program->type));
	json_object_set_new(all, "protocol", json_integer(ATHENA_PROTOCOL));
	json_object_set_new(all, "version", text(ATHENA_VERSION));
	json_object_set_new(all, "summary", text(program->summary));
	json_object_set_new(all, "synopsis", text(program->synopsis));
	json_object_set_new(all, "options", describe_options(options, n));
	json_object_set_new(all, "environment", describe_environment(program->env));
	json = json_dumps(all, JSON_INDENT(2));
	if (!json)
		abort();
	buf_adds(&out, json);
	buf_addc(&out, '\n');
	free(json);
	json_decref(all);
	return answer(&out);
}
