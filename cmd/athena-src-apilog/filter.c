/* SPDX-License-Identifier: ISC */
#include "filter.h"

#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "glob.h"
#include "log.h"

enum { STATUS_MIN = 100, STATUS_MAX = 999, METHOD_MAX = 32 };

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

static bool status_at(const char *s, int *v)
{
	if (s[0] < '1' || s[0] > '9' || !is_digit(s[1]) || !is_digit(s[2]))
		return false;
	*v = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
	return true;
}

/* 503, 5xx, 50x or 400-499 */
static bool status_range(const char *s, size_t n, int *from, int *to)
{
	char low[] = "   ", high[] = "   ";

	if (n == 7)
		return s[3] == '-' && status_at(s, from) && status_at(s + 4, to) && *from <= *to;
	if (n != 3)
		return false;
	for (int i = 0; i < 3; i++) {
		bool any = s[i] == 'x' || s[i] == 'X';

		low[i] = s[i];
		high[i] = s[i];
		if (any) {
			low[i] = '0';
			high[i] = '9';
		} else if (i && (s[i - 1] == 'x' || s[i - 1] == 'X')) {
			return false; /* x stands for all digits from there on */
		}
	}
	return status_at(low, from) && status_at(high, to);
}

/* The part of a list up to its next comma; *list is moved behind it, NULL at the end. */
static size_t next_word(const char **list, const char **word)
{
	size_t n = strcspn(*list, ",");

	*word = *list;
	*list = (*list)[n] ? *list + n + 1 : NULL;
	return n;
}

static int add_statuses(struct filter *f, const char *list)
{
	const char *word, *whole = list;
	int from, to;

	while (list) {
		size_t n = next_word(&list, &word);

		if (!status_range(word, n, &from, &to))
			return log_error(
				EX_USAGE,
				"--status=%s: `%.*s` is no status: 503, a class 5xx, or a range 400-499, "
				"separated by commas",
				whole, (int)n, word);
		for (; from <= to; from++)
			f->status[from / 8] |= (uint8_t)(1 << from % 8);
	}
	return 0;
}

static int add_methods(struct filter *f, const char *list)
{
	const char *word, *whole = list;

	while (list) {
		size_t n = next_word(&list, &word), i = 0;

		while (i < n && (((unsigned)(word[i] | 0x20) - 'a') < 26 || word[i] == '-' || word[i] == '_'))
			i++;
		if (!n || i < n || n > METHOD_MAX)
			return log_error(EX_USAGE,
					 "--method=%s: `%.*s` is no method: GET, POST and the like, "
					 "separated by commas",
					 whole, (int)n, word);
		buf_add(&f->methods, word, n);
		buf_addc(&f->methods, '\0');
	}
	return 0;
}

static int add_endpoints(struct filter *f, const struct opt_list *globs)
{
	f->endpoints = globs->items;
	f->n_endpoints = globs->n;
	f->only_excludes = true;
	for (size_t i = 0; i < globs->n; i++) {
		const char *glob = globs->items[i], *pattern = glob + (*glob == '!');

		f->only_excludes &= *glob == '!';
		if (*pattern != '/' && *pattern != '*')
			return log_error(EX_USAGE,
					 "--endpoint=%s: a path begins with a slash: try '%s/%s', or "
					 "'%s**/%s' for any folder",
					 glob, *glob == '!' ? "!" : "", pattern, *glob == '!' ? "!" : "",
					 pattern);
	}
	return 0;
}

int filter_init(struct filter *f, const struct opt_list *statuses, const struct opt_list *endpoints,
		const struct opt_list *methods, int64_t min_duration_us)
{
	int rc = 0;

	*f = (struct filter){.any_status = !statuses->n, .min_duration_us = min_duration_us};
	f->all = !statuses->n && !endpoints->n && !methods->n && !min_duration_us;
	for (size_t i = 0; i < statuses->n && !rc; i++)
		rc = add_statuses(f, statuses->items[i]);
	for (size_t i = 0; i < methods->n && !rc; i++)
		rc = add_methods(f, methods->items[i]);
	if (!rc)
		rc = add_endpoints(f, endpoints);
	if (rc)
		filter_release(f);
	return rc;
}

void filter_release(struct filter *f)
{
	buf_release(&f->methods);
	*f = (struct filter){0};
}

static bool status_wanted(const struct filter *f, int status)
{
	return status >= STATUS_MIN && status <= STATUS_MAX && f->status[status / 8] >> status % 8 & 1;
}

static bool method_wanted(const struct filter *f, struct slice method)
{
	const char *m = f->methods.data, *end = m + f->methods.len;

	for (; m < end; m += strlen(m) + 1)
		if (strlen(m) == method.n && !strncasecmp(m, method.p, method.n))
			return true;
	return false;
}

static bool endpoint_wanted(const struct filter *f, struct slice path)
{
	for (size_t i = f->n_endpoints; i-- > 0 && path.n;) {
		bool exclude = *f->endpoints[i] == '!';

		if (glob_match(f->endpoints[i] + exclude, path.p, path.n))
			return !exclude;
	}
	return f->only_excludes;
}

bool filter_passes(const struct filter *f, const struct record *r)
{
	return (f->any_status || status_wanted(f, r->status)) &&
	       (!f->min_duration_us || r->duration_us >= f->min_duration_us) &&
	       (!f->methods.len || method_wanted(f, r->method)) &&
	       (!f->n_endpoints || endpoint_wanted(f, r->path));
}
