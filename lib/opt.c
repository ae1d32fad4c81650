/* SPDX-License-Identifier: ISC */
#include "opt.h"

#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "log.h"
#include "near.h"
#include "optshow.h"
#include "stamp.h"
#include "xalloc.h"

enum { FIRST = 256 }; /* getopt_long() answers FIRST + index for an option, a byte for what is wrong */

/* What opt_parse() answers itself; the last one only for a source. */
static const struct opt answers[] = {
	{"help", 'h', OPT_FLAG, NULL, "show this help; --help all: every option", NULL, NULL},
	{"version", 0, OPT_FLAG, NULL, "show the version", NULL, NULL},
	{"describe", 0, OPT_FLAG, NULL, "this source as JSON: options, environment, protocol", NULL, NULL},
};

/* One run of the parser. */
struct parser {
	const struct opt_program *program;
	const struct opt **options; /* the program's, then the answers */
	size_t n_own, n;
	int64_t now; /* what spans ago count from: one moment for all of them */
};

static struct {
	const char **names; /* borrowed from the table */
	size_t n;
} given;

void opt_list_add(struct opt_list *list, const char *item)
{
	list->items = xreallocarray(list->items, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = item;
}

void opt_list_release(struct opt_list *list)
{
	free(list->items);
	*list = (struct opt_list){0};
}

bool opt_given(const char *name)
{
	for (size_t i = 0; i < given.n; i++)
		if (!strcmp(given.names[i], name))
			return true;
	return false;
}

static bool parse_digits(const char **s, int64_t *v)
{
	const char *p = *s;

	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, *p - '0', v))
			return false;
	if (p == *s)
		return false;
	*s = p;
	return true;
}

static bool parse_count(const char *s, int64_t *out)
{
	int64_t v;

	if (!parse_digits(&s, &v) || *s)
		return false;
	*out = v;
	return true;
}

static bool parse_size(const char *s, int64_t *out)
{
	static const char units[] = "KMGkmg";
	const char *unit;
	int64_t v;

	if (!parse_digits(&s, &v))
		return false;
	if (*s) {
		unit = strchr(units, *s);
		if (!unit || s[1] || __builtin_mul_overflow(v, INT64_C(1024) << (unit - units) % 3 * 10, &v))
			return false;
	}
	*out = v;
	return true;
}

/* The index of a word in "a|b|c", -1 where it is none of them. */
static int word_index(const char *words, const char *s)
{
	size_t len = strlen(s);

	for (int i = 0;; i++) {
		size_t n = strcspn(words, "|");

		if (n == len && !memcmp(words, s, n))
			return i;
		if (!words[n])
			return -1;
		words += n + 1;
	}
}

static int refuse(const struct parser *p, const struct opt *o, const char *arg, const char *wanted)
{
	return log_error(EX_USAGE, "--%s: '%s' is not %s; see '%s --help'", o->name, arg, wanted,
			 p->program->name);
}

static int refuse_word(const struct parser *p, const struct opt *o, const char *arg)
{
	struct buf wanted = {0};
	int rc;

	buf_adds(&wanted, "one of ");
	for (const char *s = o->arg; *s; s++)
		buf_adds(&wanted, *s == '|' ? ", " : (const char[]){*s, '\0'});
	rc = refuse(p, o, arg, buf_cstr(&wanted));
	buf_release(&wanted);
	return rc;
}

/* Puts the argument where the option wants it. */
static int take(const struct parser *p, const struct opt *o, const char *arg)
{
	int word;

	switch (o->kind) {
	case OPT_END:
		break;
	case OPT_FLAG:
		*(bool *)o->value = true;
		break;
	case OPT_STRING:
		*(const char **)o->value = arg;
		break;
	case OPT_LIST:
		opt_list_add(o->value, arg);
		break;
	case OPT_COUNT:
		if (!parse_count(arg, o->value))
			return refuse(p, o, arg, "a number of 0 or more");
		break;
	case OPT_SIZE:
		if (!parse_size(arg, o->value))
			return refuse(p, o, arg, "a size such as 512, 64K, 16M or 2G");
		break;
	case OPT_SPAN:
		if (!stamp_span(arg, o->value))
			return refuse(p, o, arg, "a span such as 30s, 90m, 24h, 7d or 2w");
		break;
	case OPT_WHEN:
		if (!stamp_when(arg, p->now, o->value))
			return refuse(
				p, o, arg,
				"a time (2024-05-01T12:00:00Z, 2024-05-01, @epoch, or 90m 24h 7d 2w ago)");
		break;
	case OPT_CHOICE:
		word = word_index(o->arg, arg);
		if (word < 0)
			return refuse_word(p, o, arg);
		*(int *)o->value = word;
		break;
	}
	return 0;
}

/* The option that takes the name for one of its words, as --csv is meant for --format=csv; NULL where none does. */
static const struct opt *taking(const struct parser *p, const char *word)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->options[i]->kind == OPT_CHOICE && word_index(p->options[i]->arg, word) >= 0)
			return p->options[i];
	return NULL;
}

/* Says which long option, as written on the command line, is unknown or could be several. */
static int complain_long(const struct parser *p, const char *word)
{
	size_t matches = 0;
	struct buf names = {0}, name = {0};
	const struct opt *choice;
	struct near n;
	int rc;

	buf_add(&name, word + 2, strcspn(word + 2, "="));
	n = near_to(buf_cstr(&name));
	choice = taking(p, buf_cstr(&name));
	for (size_t i = 0; i < p->n; i++) {
		near_look(&n, p->options[i]->name);
		if (name.len && !strncmp(p->options[i]->name, buf_cstr(&name), name.len))
			buf_addf(&names, "%s--%s", matches++ ? ", " : "", p->options[i]->name);
	}
	if (matches > 1)
		rc = log_error(EX_USAGE, "option --%s could be %s; see '%s --help'", buf_cstr(&name),
			       buf_cstr(&names), p->program->name);
	else if (choice)
		rc = log_error(EX_USAGE, "unknown option --%s; did you mean --%s=%s? see '%s --help'",
			       buf_cstr(&name), choice->name, buf_cstr(&name), p->program->name);
	else if (n.best)
		rc = log_error(EX_USAGE, "unknown option --%s; did you mean --%s? see '%s --help'",
			       buf_cstr(&name), n.best, p->program->name);
	else
		rc = log_error(EX_USAGE, "unknown option --%s; see '%s --help'", buf_cstr(&name),
			       p->program->name);
	buf_release(&names);
	buf_release(&name);
	return rc;
}

/* Says what getopt_long() did not take; `word` is the argument that it stands in. */
static int complain(const struct parser *p, int code, const char *word)
{
	const char *what = code == ':' ? "needs an argument" : "takes no argument", *prog = p->program->name;

	if (optopt >= FIRST)
		return log_error(EX_USAGE, "option --%s %s; see '%s --help'",
				 p->options[optopt - FIRST]->name, what, prog);
	if (!optopt)
		return complain_long(p, word);
	if (code == ':')
		return log_error(EX_USAGE, "option -%c %s; see '%s --help'", optopt, what, prog);
	return log_error(EX_USAGE, "unknown option -%c; see '%s --help'", optopt, prog);
}

/* The tables that getopt_long() wants, both the caller's to free. */
static char *getopt_tables(const struct parser *p, struct option **longs)
{
	char *shorts = xmalloc(2 * p->n + 3), *s = shorts;

	*longs = xcalloc(p->n + 1, sizeof(**longs));
	if (p->program->operands_end)
		*s++ = '+';
	*s++ = ':'; /* tells a missing argument from an unknown option */
	for (size_t i = 0; i < p->n; i++) {
		const struct opt *o = p->options[i];

		(*longs)[i] = (struct option){
			.name = o->name,
			.has_arg = i == p->n_own         ? optional_argument /* --help=all */
				   : o->kind == OPT_FLAG ? no_argument
							 : required_argument,
			.val = FIRST + (int)i,
		};
		if (!o->letter)
			continue;
		*s++ = o->letter;
		if (o->kind != OPT_FLAG)
			*s++ = ':';
	}
	*s = '\0';
	return shorts;
}

/* The index of the option that getopt_long() answered with. */
static size_t find_option(const struct parser *p, int code)
{
	size_t i = 0;

	if (code >= FIRST)
		return (size_t)(code - FIRST);
	while (p->options[i]->letter != code)
		i++;
	return i;
}

/* What follows --help is its argument where it is the one word that it takes. */
static int answer(const struct parser *p, size_t i, const char *arg, const char *next)
{
	switch (i) {
	case 0:
		if (arg && strcmp(arg, "all") != 0)
			return refuse(p, p->options[p->n_own], arg, "'all'");
		return optshow_help(p->program, p->options, p->n, arg || (next && !strcmp(next, "all")));
	case 1:
		return optshow_version(p->program);
	default:
		return optshow_describe(p->program, p->options, p->n);
	}
}

static int parse_options(const struct parser *p, int argc, char **argv)
{
	struct option *longs;
	char *shorts = getopt_tables(p, &longs);
	int code, rc = 0;

	optind = 0; /* glibc: begin anew */
	while (!rc && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i;

		if (code == '?' || code == ':') {
			rc = complain(p, code, argv[optind - 1]);
			break;
		}
		i = find_option(p, code);
		if (i >= p->n_own) {
			rc = answer(p, i - p->n_own, optarg, argv[optind]);
			break;
		}
		rc = take(p, p->options[i], optarg);
		given.names = xreallocarray(given.names, given.n + 1, sizeof(*given.names));
		given.names[given.n++] = p->options[i]->name;
	}
	free(longs);
	free(shorts);
	return rc;
}

int opt_parse(const struct opt_program *program, int argc, char **argv, struct opt_list *operands)
{
	struct parser p = {.program = program, .now = stamp_now()};
	size_t n_answers = program->type ? 3 : 2;
	int rc;

	/* A list that lacks what there was no memory for must not become a cursor. */
	json_set_alloc_funcs(xmalloc, free);
	while (program->options[p.n_own].name)
		p.n_own++;
	p.n = p.n_own + n_answers;
	p.options = xcalloc(p.n, sizeof(*p.options));
	for (size_t i = 0; i < p.n; i++)
		p.options[i] = i < p.n_own ? &program->options[i] : &answers[i - p.n_own];
	given.n = 0;
	rc = parse_options(&p, argc, argv);
	for (int i = optind; !rc && i < argc; i++)
		opt_list_add(operands, argv[i]);
	free(p.options);
	return rc;
}
