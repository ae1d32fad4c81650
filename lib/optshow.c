/* SPDX-License-Identifier: ISC */
#include "optshow.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "say.h"
#include "version.h"
#include "xalloc.h"

enum { WIDTH = 79, COLUMN_MAX = 26, MANY = 20 /* options: they are shown in groups */ };
enum group { WHAT, WHEN, HOW, OUTPUT, INSTEAD, GROUPS };

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

static int answer(struct buf *out)
{
	int rc = say_bytes(out->data, out->len);

	buf_release(out);
	return rc ? rc : OPT_DONE;
}

/* The first `n` bytes, n <= room, that end at a space or at the end of s. A longer word is not split. */
static size_t fitting(const char *s, size_t room)
{
	size_t n = 0, word;

	for (;;) {
		word = n + (s[n] == ' ');
		word += strcspn(s + word, " ");
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

	return xasprintf("%s--%s%s%s%s", o->letter ? letter : "    ", o->name, o->arg ? "=" : "",
			 o->arg ? o->arg : "", o->kind == OPT_LIST ? "..." : "");
}

static char *option_text(const struct opt *o)
{
	struct buf b = {0};

	buf_adds(&b, o->help);
	if (o->fallback)
		buf_addf(&b, " (default: %s)", o->fallback);
	return buf_detach(&b);
}

static void widen(size_t *column, size_t left)
{
	if (left + 4 > *column && left + 4 <= COLUMN_MAX)
		*column = left + 4;
}

/* Options that mean the same in every program; what is not here says what is asked for. */
static enum group group_of(const struct opt_program *program, const struct opt *o)
{
	static const struct {
		const char *name;
		enum group group;
		enum { ALL, SOURCES, OTHERS } of;
	} common[] = {
		{"since", WHEN, ALL},         {"until", WHEN, ALL},
		{"limit", WHEN, ALL},         {"lookback", WHEN, ALL},
		{"max-commits", WHEN, ALL},   {"max-age", WHEN, ALL},
		{"follow", WHEN, ALL},        {"all", WHEN, OTHERS},
		{"cursor", HOW, ALL},         {"commit", HOW, ALL},
		{"api-url", HOW, ALL},        {"cacert", HOW, ALL},
		{"cache", HOW, ALL},          {"deadline", HOW, ALL},
		{"jobs", HOW, ALL},           {"max-requests", HOW, ALL},
		{"offline", HOW, ALL},        {"retries", HOW, ALL},
		{"timeout", HOW, ALL},        {"token-file", HOW, ALL},
		{"max-line", HOW, ALL},       {"metrics", OUTPUT, ALL},
		{"progress", OUTPUT, ALL},    {"no-progress", OUTPUT, ALL},
		{"quiet", OUTPUT, ALL},       {"verbose", OUTPUT, ALL},
		{"rejects", OUTPUT, ALL},     {"source-id", OUTPUT, SOURCES},
		{"project", OUTPUT, SOURCES}, {"session", OUTPUT, SOURCES},
		{"format", OUTPUT, OTHERS},   {"color", OUTPUT, OTHERS},
		{"by", OUTPUT, OTHERS},       {"count", OUTPUT, OTHERS},
		{"reverse", OUTPUT, OTHERS},  {"sort", OUTPUT, OTHERS},
		{"check", INSTEAD, ALL},      {"plan", INSTEAD, ALL},
		{"describe", INSTEAD, ALL},   {"status", INSTEAD, OTHERS},
		{"help", INSTEAD, ALL},       {"version", INSTEAD, ALL},
	};

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (!strcmp(common[i].name, o->name) &&
		    (common[i].of == ALL || (common[i].of == SOURCES) == (program->type != NULL)))
			return common[i].group;
	return WHAT;
}

static void add_group(struct buf *out, const struct opt *const *options, size_t n, size_t column)
{
	for (size_t i = 0; i < n; i++) {
		char *left = option_left(options[i]), *text = option_text(options[i]);

		add_entry(out, left, text, column);
		free(left);
		free(text);
	}
}

/* Sorted; where `usual` names some, only those and --help. Returns how many. */
static size_t chosen(const char *usual, const struct opt *const *options, size_t n, const struct opt **some)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		char *word = xasprintf(" %s ", options[i]->name);

		if (!usual || strstr(usual, word) || !strcmp(options[i]->name, "help"))
			some[k++] = options[i];
		free(word);
	}
	qsort(some, k, sizeof(*some), by_name);
	return k;
}

/* Those of a program that has many under headings; a line stands above each where there is room for all. */
static void add_options(struct buf *out, const struct opt_program *program, const struct opt *const *options,
			size_t n, const char *usual)
{
	static const char *const headings[GROUPS] = {
		[WHAT] = "What:",     [WHEN] = "When, and how much:", [HOW] = "How:",
		[OUTPUT] = "Output:", [INSTEAD] = "Instead:",
	};
	const struct opt **all = xcalloc(n, sizeof(*all)), **some = xcalloc(n, sizeof(*some));
	bool groups = n >= MANY;
	size_t column = 0;

	n = chosen(usual, options, n, all);
	for (size_t i = 0; i < n; i++) {
		char *left = option_left(all[i]);

		widen(&column, strlen(left));
		free(left);
	}
	buf_adds(out, !groups ? "\nOptions:\n" : usual ? "\n" : "");
	if (!groups)
		add_group(out, all, n, column);
	for (int group = 0; groups && group < GROUPS; group++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if ((int)group_of(program, all[i]) == group)
				some[k++] = all[i];
		if (k)
			buf_addf(out, "%s%s\n", usual ? "" : "\n", headings[group]);
		add_group(out, some, k, column);
	}
	free(some);
	free(all);
}

/* Their names: what each is for stands in the manual, as there is more to say about them. */
static void add_environment(struct buf *out, const struct opt_program *program)
{
	struct buf names = {0};

	buf_adds(&names, "Environment: ");
	for (const struct opt_env *e = program->env; e->name; e++)
		buf_addf(&names, "%s%s", e == program->env ? "" : ", ", e->name);
	buf_addf(&names, "; see %s(1)", program->name);
	buf_addc(out, '\n');
	add_wrapped(out, buf_cstr(&names), 0);
	buf_release(&names);
}

/* Each line of it is wrapped by itself. */
static void add_footer(struct buf *out, const char *footer)
{
	size_t n;

	for (const char *at = footer; *at; at += n + (at[n] == '\n')) {
		char *line;

		n = strcspn(at, "\n");
		line = xstrndup(at, n);
		if (n)
			add_wrapped(out, line, 0);
		else
			buf_addc(out, '\n');
		free(line);
	}
}

int optshow_help(const struct opt_program *program, const struct opt *const *options, size_t n, bool all)
{
	const char *usual = all ? NULL : program->usual;
	struct buf out = {0};

	buf_addf(&out, "Usage: %s %s\n%s.\n", program->name, program->synopsis, program->summary);
	add_options(&out, program, options, n, usual);
	if (!usual && program->env && program->env->name)
		add_environment(&out, program);
	if (program->footer) {
		buf_addc(&out, '\n');
		add_footer(&out, program->footer);
	}
	if (usual)
		buf_addf(&out, "%sMore options: %s --help all; its manual: man %s\n",
			 program->footer ? "" : "\n", program->name, program->name);
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
